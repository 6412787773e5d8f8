"""A note in plain text that keeps itself while one types."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from saedesk.jobs.label_file import LONGEST_NOTE
from saedesk.ui.theme import Theme, tokens

SAVED_AFTER_MS = 600
"""After the last key."""
_MOST_LINES = 8
"""A longer note is scrolled."""


class NoteField(QPlainTextEdit):
    """As high as its text; Escape and leaving keep what was typed."""

    kept = Signal(str, int)
    """The text, and a number that is the same for all that is typed in one go."""
    left = Signal()
    """The keyboard went elsewhere, or Escape was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = 0
        self._stored = ""
        self.setAccessibleName("Note")
        self.setPlaceholderText("What is worth knowing about this feature")
        self.setFont(Theme.current().font("body"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVED_AFTER_MS)
        self._timer.timeout.connect(self.keep)
        self.textChanged.connect(self._on_text)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_note(self, note: str) -> None:
        """Show what is stored; what is being typed stays until it is kept."""
        self._stored = note
        if self._timer.isActive() or self.toPlainText().rstrip() == note:
            return
        self.blockSignals(True)
        self.setPlainText(note)
        self.blockSignals(False)
        self._fit()

    def show_other(self, note: str) -> None:
        """Show the note of another feature; call `keep` before."""
        self._timer.stop()
        self._edit += 1
        self._stored = note
        self.blockSignals(True)
        self.setPlainText(note)
        self.blockSignals(False)
        self._fit()

    @Slot()
    def keep(self) -> None:
        """Tell of what was typed, if it is new."""
        self._timer.stop()
        text = self.toPlainText()[:LONGEST_NOTE].rstrip()
        if text != self._stored:
            self._stored = text
            self.kept.emit(text, self._edit)

    def insertFromMimeData(self, source: QMimeData) -> None:
        # Only what fits, and never anything but text.
        room = LONGEST_NOTE - len(self.toPlainText()) + len(self.textCursor().selectedText())
        self.insertPlainText(source.text()[: max(0, room)])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._edit += 1

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.keep()
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.keep()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.keep()
            self.left.emit()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 8, self.height())

    @Slot()
    def _on_text(self) -> None:
        self._timer.start()

    @Slot()
    def _fit(self, *_: object) -> None:
        lines = max(1, min(_MOST_LINES, int(self.document().size().height())))
        inner = self.fontMetrics().lineSpacing() * lines + 2 * int(self.document().documentMargin())
        height = inner + 2 * tokens().padding.field
        if height != self.height():
            self.setFixedHeight(height)
