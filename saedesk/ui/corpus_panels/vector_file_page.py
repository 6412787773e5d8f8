"""What a file of vectors holds: table, match, faults, encoder, one under the other."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.jobs.import_vectors import ImportVectorsRequest, VectorsPreview
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.encoder_field import EncoderField
from saedesk.ui.corpus_panels.vector_faults_view import VectorFaultsView
from saedesk.ui.corpus_panels.vector_file_look import Looked
from saedesk.ui.corpus_panels.vector_match_view import FaultChoices, VectorMatchView
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.fields import ChoiceField
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_label import TextLabel


class VectorFilePage(QWidget):
    """Shows what was looked at; a person may choose another table or another match."""

    changed = Signal()
    """The file has to be looked at again."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: VectorsPreview | None = None
        self.name = TextLabel("", "head of a section", elide=True)
        self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.about = TextLabel("", "body", "text2", tabular=True, elide=True)
        self.table = ChoiceField([], prefix="Table", accessible_name="Table of vectors")
        self.table.changed.connect(self._on_table)
        self.match = VectorMatchView()
        self.match.changed.connect(self.changed)
        self.faults = VectorFaultsView()
        self.faults.changed.connect(self._on_faults)
        self.encoder = EncoderField(session)
        self.notes = TextLabel("", "caption", "text2", wrap=True, max_lines=4)
        space = tokens().space
        source = QHBoxLayout()
        source.setSpacing(space[3])
        source.addWidget(self.name)
        source.addWidget(self.about, 1)
        source.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[3])
        column.addLayout(source)
        column.addWidget(self.match)
        column.addWidget(self.faults)
        column.addWidget(self.notes)
        column.addWidget(Hairline())
        column.addWidget(self.encoder)

    def show_looked(self, found: Looked) -> None:
        """Shows what the lane found; a failed look leaves only the choices."""
        seen, table = found.preview, found.chosen
        self._preview = seen
        self.encoder.set_width(table.dimensions)
        self.name.setText(found.request.path.name)
        self.about.setText(f"{table.rows:,} rows × {table.dimensions:,} numbers, {table.dtype}")
        self.table.set_items([one.name for one in found.tables], table.name)
        self.table.setVisible(len(found.tables) > 1)
        chosen = seen or found.request
        self.match.offer(table, found.documents, chosen.match, chosen.key_column)
        if seen is None:
            self.match.clear(failed=True)
            self.faults.hide()
            self.notes.setText("")
        else:
            self.faults.show_preview(seen)
            self.match.show_preview(seen, self._choices)
            self.notes.setText("\n".join(seen.notes))
        self.notes.setVisible(bool(self.notes.text()))

    def request_of(self, found: Looked) -> ImportVectorsRequest:
        """What was looked at, with the choices about faults and encoder."""
        assert found.preview is not None
        match = self.match.match
        return replace(
            found.request,
            match=match,
            key_column=found.preview.key_column if match == "key" else "",
            model=self.encoder.model,
            unusable=self.faults.unusable,
            duplicates=self.faults.duplicates,
        )

    def show_reading(self, percent: str = "") -> None:
        """Says that another choice is being looked at, and how far that is."""
        self._preview = None
        self.match.clear()
        self.match.counts.set_colour("text2")
        self.match.counts.setText(f"Reading the rows… {percent}".rstrip())

    @property
    def _choices(self) -> FaultChoices:
        return FaultChoices(self.faults.unusable, self.faults.duplicates)

    @Slot()
    def _on_faults(self) -> None:
        if self._preview is not None:
            self.match.show_counts(self._preview, self._choices)

    def _on_table(self, _: object = None) -> None:
        self.changed.emit()
