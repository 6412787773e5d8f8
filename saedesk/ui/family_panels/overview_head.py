"""Over the picture of all families: a field to find some of them, and how many were found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.fields import SearchField
from saedesk.ui.widgets.text_label import TextLabel


class OverviewHead(QWidget):
    """The field and a note; the arrow down leads from the field into the picture."""

    def __init__(self, picture: QWidget) -> None:
        super().__init__()
        self._picture = picture
        self.search = SearchField(
            "Find a family or a feature", accessible_name="Find in the picture"
        )
        self.note = TextLabel("", "caption", "text3", elide=True)
        self.search.setFixedWidth(tokens().space[8] * 8)
        self.search.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, tokens().space[2])
        row.setSpacing(tokens().space[3])
        row.addWidget(self.search)
        row.addWidget(self.note, 1)

    def show_count(self, total: int, kept: int, text: str) -> str:
        """Says how many families there are, or how many of them a text left; returns the words."""
        words = f"{total:,} famil" + ("y" if total == 1 else "ies")
        if text.strip():
            words = f"{kept:,} of {total:,} families with “{text.strip()}”"
        self.note.setText(words)
        return words

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_key = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if is_key and event.key() == Qt.Key.Key_Down:
            self._picture.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return False
