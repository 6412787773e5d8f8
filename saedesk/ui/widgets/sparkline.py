"""A histogram in the size of a word, for rows of lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import shade

BAR_WIDTH = 4
"""Device-independent pixels of one bar."""


def sparkline_width(n_bars: int) -> int:
    """The width of a sparkline in device-independent pixels."""
    return n_bars * (BAR_WIDTH + tokens().plot.gap_between_bars)


def draw_sparkline(
    painter: QPainter,
    rect: QRectF,
    heights: Sequence[float] | np.ndarray,
    colour: str | QColor = "text4",
) -> None:
    """Paints bars on the bottom of `rect`; `heights` are shares (0 to 1) of its height.

    A bar that is not empty is at least one pixel high.
    """
    gap = tokens().plot.gap_between_bars
    fill = shade(colour)
    left, bottom = round(rect.left()), round(rect.bottom())
    for at, height in enumerate(heights):
        if height > 0:
            tall = max(1, round(float(height) * rect.height()))
            x = left + at * (BAR_WIDTH + gap)
            painter.fillRect(QRectF(x, bottom - tall, BAR_WIDTH, tall), fill)
