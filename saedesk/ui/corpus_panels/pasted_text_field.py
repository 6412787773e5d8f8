"""The field a text is pasted into: plain text only, and no more than can be read."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from saedesk.jobs.read_text import LONGEST_TEXT
from saedesk.ui.theme import Theme, tokens

_LINES = 12


class PastedTextField(QPlainTextEdit):
    """Takes text as it is; Ctrl+Enter asks to read it, Escape to leave."""

    read_wanted = Signal()
    leave_wanted = Signal()
    too_long = Signal(int)
    """Somebody pasted a text of so many characters, which was not taken."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Text to read")
        self.setPlaceholderText("Paste or type a text")
        self.setFont(Theme.current().font("text of a document"))
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line = Theme.current().line_height("text of a document")
        self.setFixedHeight(_LINES * line + 2 * tokens().padding.field)

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 8, self.height())

    def insertFromMimeData(self, source: QMimeData) -> None:
        # Only text, never markup; a text of megabytes would take seconds to lay out.
        text = source.text()
        there = self.document().characterCount() - len(self.textCursor().selectedText())
        if there + len(text) > LONGEST_TEXT + 1:
            self.too_long.emit(there - 1 + len(text))
        else:
            self.insertPlainText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and with_control:
            self.read_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave_wanted.emit()
        else:
            super().keyPressEvent(event)
