"""Conditions that no facet shows, as chips over the table: each says what it is and goes away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.hairline import Hairline


class FilterChips(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._row = QHBoxLayout(self)
        side = tokens().padding.side_panel
        self._row.setContentsMargins(side, tokens().space[2], side, tokens().space[2])
        self._row.setSpacing(tokens().space[2])
        self._line = Hairline(parent=self)
        view.filter_changed.connect(self.refresh)
        view.labels_changed.connect(self.refresh)
        self.refresh()

    @property
    def chips(self) -> list[FilterChip]:
        """The chips, from the left."""
        found = [self._row.itemAt(at).widget() for at in range(self._row.count())]
        return [chip for chip in found if isinstance(chip, FilterChip)]

    @Slot()
    def refresh(self, _: object = None) -> None:
        """Shows the conditions of the filter in force."""
        while self._row.count():
            item = self._row.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for change, text in _conditions(self._view):
            chip = FilterChip(text, removable=True, tooltip="Shows only these documents")
            chip.setProperty("condition", change)
            chip.removed.connect(self._remove)
            self._row.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)
        self._row.addStretch(1)
        self.setVisible(bool(self.chips))

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        line = tokens().line
        self._line.setGeometry(0, self.height() - line, self.width(), line)

    @Slot()
    def _remove(self) -> None:
        chip = self.sender()
        assert isinstance(chip, FilterChip)
        name = str(chip.property("condition"))
        if name == "chosen":
            self._view.update(chosen=None, chosen_of=None)
        else:
            self._view.update(**{name: False if name == "without_text" else None})


def _conditions(view: CorpusView) -> list[tuple[str, str]]:
    wanted, book = view.filter, view.session.book
    found = []
    if wanted.chosen is not None:
        ids = wanted.chosen.document_ids
        some = "Chosen documents" if ids is None else count_of(len(ids), "document", "documents")
        if wanted.chosen.documents_of:
            some += f" of {wanted.chosen.documents_of}"
        elif wanted.chosen_of is not None and book is not None:
            name = book.text(wanted.chosen_of) or f"feature {wanted.chosen_of}"
            some += f" of {name}"
        if wanted.chosen.documents_where:
            some += f", {wanted.chosen.documents_where}"
        found.append(("chosen", some))
    if wanted.without_text:
        found.append(("without_text", "Without text"))
    if wanted.without_value is not None:
        found.append(("without_value", f"{shown_name(wanted.without_value)}: no value"))
    return found
