"""Where a loaded SAE comes from: its file, what to know about it, the settings of its library."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.jobs.load_sae import is_loaded
from saedesk.project.manifest import ArtifactRecord
from saedesk.session.session import Session
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.fact_grid import Fact, FactGrid
from saedesk.ui.train_panels.foreign_settings import ForeignSettings, settings_lines
from saedesk.ui.train_panels.input_texts import input_text
from saedesk.ui.train_panels.measured_density import MeasuredDensity
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

NO_CURVES = "This SAE was not trained here, so there are no curves."
NO_SETTINGS = "The file says nothing about how it was trained."
SHOWN_OF_CHECKSUM = 12


class OriginPanel(QWidget):
    """File and notes at the left; what its analysis found, and the settings, at the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: ArtifactRecord | None = None
        top = Qt.AlignmentFlag.AlignTop
        self.sentence = TextLabel(NO_CURVES, "body", "text2", wrap=True)
        self.facts = FactGrid()
        self.density = MeasuredDensity(session)
        self.notes_head = SectionHead("Worth knowing")
        self.notes = TextLabel("", "body", "text2", wrap=True, align=top)
        self.settings_head = SectionHead("Settings", "as the library wrote them", note_right=False)
        self.settings = ForeignSettings()
        self.no_settings = TextLabel(NO_SETTINGS, "body", "text2", wrap=True)
        space = tokens().space
        left = QVBoxLayout()
        left.setSpacing(space[2])
        head = SectionHead("Where it comes from")
        # The head of the plot beside it has buttons and is as high.
        head.setFixedHeight(tokens().hit_target)
        left.addWidget(head)
        left.addWidget(self.facts)
        left.addWidget(self.sentence)
        left.addSpacing(space[2])
        left.addWidget(self.notes_head)
        left.addWidget(self.notes)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(space[3])
        right.addWidget(self.density)
        right.addWidget(self.settings_head)
        right.addWidget(self.settings)
        right.addWidget(self.no_settings)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, space[3], 0)
        row.setSpacing(space[8])
        row.addLayout(left, 1)
        row.addLayout(right, 1)

    def show_run(self, record: ArtifactRecord | None) -> None:
        """Shows the origin of a loaded SAE; nothing changes for another."""
        if record is None or not is_loaded(record):
            return
        self.density.show_run(record)
        if record == self._record:
            return
        self._record = record
        self.facts.set_facts(_facts(record))
        notes = [str(note) for note in record.summary.get("notes") or ()]
        self.notes_head.setVisible(bool(notes))
        self.notes.setVisible(bool(notes))
        self.notes.setText("\n".join(notes))
        settings = dict(record.summary.get("settings") or {})
        has_settings = bool(settings_lines(settings))
        self.settings.setVisible(has_settings)
        self.no_settings.setVisible(not has_settings)
        self.settings_head.set_note("as the library wrote them" if has_settings else "")
        self.settings.set_settings(settings)


def _facts(record: ArtifactRecord) -> list[Fact]:
    told = record.summary
    checksum = str(record.inputs["loaded"].get("sha256") or "")
    kind = str(record.inputs.get("config", {}).get("input_normalisation", "none"))
    facts = [
        Fact("Library", str(told.get("loaded") or "")),
        Fact("File", str(told.get("file") or "")),
        Fact(
            "SHA-256",
            f"{checksum[:SHOWN_OF_CHECKSUM]}…",
            f"{checksum}\nThe checksum of the weights: the same file anywhere has the same.",
        ),
        Fact("Loaded", _wall_clock(record.created)),
        Fact("Width", f"{int(told['d_in']):,} dimensions"),
        Fact("Takes apart", input_text(kind)),
    ]
    return [fact for fact in facts if fact.text]


def _wall_clock(created: str) -> str:
    try:
        return f"{datetime.fromisoformat(created).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return ""
