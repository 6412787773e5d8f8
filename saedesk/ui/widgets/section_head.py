"""The head of a section: a title, a quiet note, and what can be done with it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.text_label import TextLabel


class SectionHead(QWidget):
    """`title` at the left; `note` after it, or at the right edge (`note_right`); then actions."""

    def __init__(
        self,
        title: str,
        note: str = "",
        *actions: QWidget,
        role: str = "head of a section",
        note_role: str = "caption",
        note_right: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = TextLabel(title, role)
        self.note = TextLabel(note, note_role, "text3", elide=True)
        self.note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.title)
        if note_right:
            row.addStretch(1)
        row.addWidget(self.note)
        if not note_right:
            row.addStretch(1)
        for action in actions:
            row.addWidget(action)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_title(self, title: str) -> None:
        """Shows another title."""
        self.title.setText(title)

    def set_note(self, note: str) -> None:
        """Shows another note."""
        self.note.setText(note)
