"""A title that is edited in place: the label that is read, and the field that takes its place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QSizePolicy

from saedesk.ui.widgets.text_field import TextField
from saedesk.ui.widgets.text_label import TextLabel


class TitleField(TextField):
    """Enter and leaving keep the text, Escape gives it up."""

    kept = Signal()
    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.kept.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        reasons = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if event.reason() not in reasons and self.isVisible():
            self.kept.emit()


class TitleLabel(TextLabel):
    """As wide as its text where there is room; at most two lines."""

    double_clicked = Signal()

    def __init__(self) -> None:
        super().__init__("", "page title", wrap=True, max_lines=2)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            self.double_clicked.emit()
            return True
        return super().event(event)
