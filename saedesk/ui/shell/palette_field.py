"""The field in the header that opens the command palette."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import (
    draw_key_cap,
    draw_line_of_text,
    draw_rounded,
    key_cap_width,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

PROMPT = "Find a feature, a document or a command"


def draw_keys(painter: QPainter, right: int, middle: float, shortcut: str | Sequence[str]) -> int:
    """Draws the caps of "Ctrl+K", or these, up to `right`; returns where they begin."""
    caps = shortcut.split("+") if isinstance(shortcut, str) else shortcut
    height, gap = tokens().space[5] - 2, tokens().grid
    for key in reversed(caps):
        width = key_cap_width(key)
        draw_key_cap(painter, QRect(right - width, round(middle - height / 2), width, height), key)
        right -= width + gap
    return right


class PaletteField(QAbstractButton):
    """Looks like a field, because one types right after it is clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(PROMPT)
        set_plain_tooltip(self, f"{PROMPT} (Ctrl+K)")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(tokens().control_height)
        FocusRingFilter(self, tokens().radius.control)

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[6] * 16 - tokens().grid, tokens().control_height)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 4, tokens().control_height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        size = tokens()
        border = "lineControl" if self.underMouse() else "lineStrong"
        draw_rounded(painter, self.rect(), size.radius.control, "field", border)
        place = QRect(size.space[2], 0, size.icon, self.height())
        paint_icon(painter, "search", place, "text2")
        left = place.right() + size.space[1] + 2
        right = draw_keys(painter, self.width() - size.space[1] - 1, self.height() / 2, "Ctrl+K")
        line = QRect(left, 0, right - left, self.height())
        draw_line_of_text(painter, line, PROMPT, "field", "text3")
