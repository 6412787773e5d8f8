"""What to export: one row each, with what it holds or why it cannot be had now."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.session.session import Session
from saedesk.ui.export_panels.export_subjects import SUBJECTS, Subject
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.check_marks import RadioButton
from saedesk.ui.widgets.text_label import TextLabel


class SubjectList(QWidget):
    """Chooses one of the subjects; those that cannot be had are off and say why."""

    changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, RadioButton] = {}
        self.sentences: dict[str, TextLabel] = {}
        self.setAccessibleName("What to export")
        space = tokens().space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for subject in SUBJECTS:
            reason = subject.reason(session)
            button = RadioButton(subject.title)
            button.setAccessibleDescription(reason or subject.sentence)
            button.setEnabled(not reason)
            told = TextLabel(reason or subject.sentence, "caption", "text2", wrap=True)
            told.setContentsMargins(tokens().icon + space[2], 0, 0, 0)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            column.addSpacing(2)
            column.addWidget(told)
            column.addSpacing(space[2])
            button.clicked.connect(self._on_click)
            self.buttons[subject.table], self.sentences[subject.table] = button, told
        self.choose("features")

    @property
    def current(self) -> Subject | None:
        """The chosen subject; None where nothing can be exported."""
        return next((s for s in SUBJECTS if self.buttons[s.table].isChecked()), None)

    def choose(self, table: str) -> None:
        """Chooses a subject, or the first that can be had where that one cannot."""
        wanted = [table, *self.buttons]
        found = next((name for name in wanted if self.buttons[name].isEnabled()), None)
        if found is not None:
            self.buttons[found].setChecked(True)
            self.changed.emit()

    def focus_current(self) -> None:
        """Gives the keyboard to the chosen subject."""
        subject = self.current
        if subject is not None:
            self.buttons[subject.table].setFocus()

    @Slot()
    def _on_click(self) -> None:
        self.changed.emit()
