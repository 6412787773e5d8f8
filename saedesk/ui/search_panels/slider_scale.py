"""The numbers under the sliders, and what their marks mean."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import (
    draw_dot,
    draw_hairline,
    draw_line_of_text,
    draw_rounded,
    shade,
    text_width,
)
from saedesk.ui.widgets.steering_slider import signed

SMALLEST_SCALE = 0.8
"""Strengths of 0.2 to 0.75 are useful whatever the dictionary, so every scale holds them."""


def common_scale(largest_natural: float) -> float:
    """The end of all sliders: twice the largest natural value, rounded up to tenths."""
    tenths = int(2 * largest_natural * 10 - 1e-9) + 1
    return max(SMALLEST_SCALE, tenths / 10)


class SliderScale(QWidget):
    """Tick labels at both ends and at zero, and the legend underneath."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._end = SMALLEST_SCALE
        self._left, self._right = 0.0, 100.0
        self._is_cut = self._has_marks = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.sizeHint().height())
        self._tell()

    def set_end(self, end: float) -> None:
        """Sets the value at the right end; the left one is its negative."""
        if end != self._end:
            self._end = end
            self._tell()
            self.update()

    @property
    def end(self) -> float:
        """The value at the right end."""
        return self._end

    def set_track(self, left: float, right: float) -> None:
        """Sets where the tracks of the sliders begin and end, in this widget's coordinates."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.update()

    def set_cut(self, is_cut: bool) -> None:
        """Draws a line above the numbers where the list goes on behind them."""
        if is_cut != self._is_cut:
            self._is_cut = is_cut
            self.update()

    @property
    def has_marks(self) -> bool:
        """Whether the legend says what the marks of the sliders mean."""
        return self._has_marks

    def set_marks(self, are_there: bool) -> None:
        """Says what the marks of the sliders mean, where there are any."""
        if are_there != self._has_marks:
            self._has_marks = are_there
            self.update()

    def sizeHint(self) -> QSize:
        line = Theme.current().line_height("tick")
        return QSize(tokens().space[8] * 8, 2 * line + tokens().space[3])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        height = Theme.current().line_height("tick")
        middle, top = (self._left + self._right) / 2, tokens().space[1]
        if self._is_cut:
            draw_hairline(painter, tokens().space[4], 0, self.width() - tokens().space[4], 0)
        for x, share, text in (
            (self._left, 0.0, signed(-self._end, 2)),
            (middle, 0.5, "0"),
            (self._right, 1.0, signed(self._end, 2)),
        ):
            width = text_width(text, "tick", tabular=True)
            place = QRectF(round(x - share * width), top, width, height)
            centre = Qt.AlignmentFlag.AlignCenter
            draw_line_of_text(painter, place, text, "tick", "text3", centre, tabular=True)
        self._paint_legend(painter, QRect(tokens().space[4], self.height() - height, 0, height))

    def _paint_legend(self, painter: QPainter, line: QRect) -> None:
        space, size = tokens().space, tokens().slider
        middle = line.center().y() + 0.5
        band = QRectF(line.left(), middle - 4, space[5], space[2])
        draw_rounded(painter, band, tokens().radius.mark, "natural")
        x = line.left() + space[5] + space[2]
        x += draw_line_of_text(painter, self._at(x, line), "natural range", "caption", "text2")
        x += space[3]
        dot = QPointF(x + size.before_mark / 2, middle)
        draw_dot(painter, dot, size.before_mark / 2, "panel", "text3", 1.75)
        x += size.before_mark + space[1] + 2
        x += draw_line_of_text(painter, self._at(x, line), "as typed", "caption", "text2")
        if not self._has_marks:
            return
        x += space[3]
        for tick in range(3):
            mark = QRectF(round(x) + 3 * tick, middle - 3, 1, size.before_mark)
            painter.fillRect(mark, shade("text3"))
        x += space[3] + 2
        told = "1, 2, 3, 5 results replaced"
        draw_line_of_text(painter, self._at(x, line), told, "caption", "text2")

    def _at(self, x: float, line: QRect) -> QRect:
        return QRect(int(x), line.top(), self.width() - int(x), line.height())

    def _tell(self) -> None:
        self.setAccessibleName(f"Scale from {signed(-self._end, 2)} to {signed(self._end, 2)}")
