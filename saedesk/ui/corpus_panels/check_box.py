"""A check box with its sentence, and the painting of its square for lists."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import draw_line_of_text, draw_rounded, text_width


def draw_check_square(
    painter: QPainter, place: QRect | QRectF, ticked: bool, hovered: bool = False
) -> None:
    """A square of 16 pixels, with a tick on accent where it is chosen."""
    border = "accent" if ticked else "lineControl"
    ground = "accent" if ticked else ("hover" if hovered else "field")
    draw_rounded(painter, place, tokens().radius.check, ground, border, tokens().line)
    if ticked:
        paint_icon(painter, "check", QRectF(place), "onAccent", tokens().icon_sizes.small)


class CheckBox(QAbstractButton):
    """A square and a sentence; a click on either, or Space, ticks it."""

    def __init__(self, text: str, accessible_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(accessible_name or text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.check)

    def sizeHint(self) -> QSize:
        width = tokens().icon + tokens().space[2] + text_width(self.text(), "body")
        return QSize(width, Theme.current().line_height("body"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = tokens().icon
        square = QRect(0, (self.height() - side) // 2, side, side)
        draw_check_square(painter, square, self.isChecked(), self.underMouse())
        left = side + tokens().space[2]
        line = QRect(left, 0, self.width() - left, self.height())
        colour = "text1" if self.isEnabled() else "disabled"
        draw_line_of_text(painter, line, self.text(), "body", colour)
