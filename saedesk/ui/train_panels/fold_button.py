"""The line that folds a part of the form out and in."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import draw_line_of_text, draw_rounded, text_width


class FoldButton(QAbstractButton):
    """“7 more settings” with a chevron; checked while they are shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.control)

    def set_count(self, count: int) -> None:
        """How many settings are folded away."""
        self.set_text(f"{count} more settings")

    def set_text(self, text: str) -> None:
        """What is folded away."""
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        left = 2 * tokens().space[1] + tokens().icon
        return QSize(left + text_width(self.text(), "label") + tokens().space[2], tokens().space[6])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.underMouse():
            draw_rounded(painter, self.rect(), tokens().radius.control, "hover")
        size, gap = tokens().icon_sizes.inline, tokens().space[1]
        icon = "chevron-down" if self.isChecked() else "chevron-right"
        paint_icon(painter, icon, QRect(gap - 2, 0, size, self.height()), "text2", size)
        left = 2 * gap + tokens().icon - 2
        line = QRect(left, 0, self.width() - left, self.height())
        draw_line_of_text(painter, line, self.text(), "label")
