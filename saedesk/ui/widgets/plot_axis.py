"""Axes of the plots: a few round ticks, thin grid, small type, titles with units."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import CENTRE, RIGHT, draw_line_of_text, shade, text_width

TickFormat = Callable[[float], str]

SMALLEST_DISTANCE = {"left": 44, "bottom": 100}
"""Device-independent pixels that two ticks keep between them."""


def round_step(span: float, ticks: int) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that cuts `span` into at most `ticks`."""
    raw = max(span, 1e-12) / max(1, ticks)
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 2.5, 5, 10):
        if power * factor >= raw * (1 - 1e-9):
            return power * factor
    return power * 10


def linear_ticks(low: float, high: float, ticks: int) -> list[float]:
    """Round values from `low` to `high`, both included where they are round."""
    step = round_step(high - low, ticks)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [at * step for at in range(first, last + 1)]


def logarithmic_ticks(low: float, high: float, ticks: int) -> list[float]:
    """log10 of 1, 2, 5 times powers of ten between two exponents, thinned to about `ticks`."""
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [
            math.log10(factor) + power
            for power in range(math.floor(low) - 1, math.ceil(high) + 1)
            for factor in factors
        ]
        inside = [value for value in found if low - 1e-6 <= value <= high + 1e-6]
        if len(inside) <= ticks + 1:
            return inside
    return inside[:: max(1, math.ceil(len(inside) / (ticks + 1)))]


def number_text(value: float) -> str:
    """A tick as short as it can be said: "0.25", "1,000", "2e−05"."""
    if value != 0 and abs(value) < 1e-4:
        return f"{value:.0e}".replace("-", "\u2212")
    return f"{value:,.6f}".rstrip("0").rstrip(".").replace("-", "\u2212")


def thousands_text(value: float) -> str:
    """A tick of an axis that counts in thousands: "12 k", "0"."""
    return "0" if value == 0 else f"{number_text(value / 1000)} k"


class HouseAxis(pg.AxisItem):
    """An axis that paints itself: the left one draws the grid, the bottom one line and ticks."""

    def __init__(
        self,
        orientation: str,
        title: str,
        logarithmic: bool = False,
        tick_text: TickFormat = number_text,
    ) -> None:
        self._ready = False
        super().__init__(orientation)
        self.house_title, self.logarithmic, self.tick_text = title, logarithmic, tick_text
        self._fitted = 0
        self.fixed_ticks: list[tuple[float, str]] | None = None
        self._ready = True
        if orientation == "bottom":
            small = tokens().line_height[tokens().type["small"]]
            self.setHeight((2 if title else 1) * small + tokens().plot.tick + 3)
        else:
            self.setWidth(tokens().space[8])

    def ticks(self) -> list[tuple[float, str]]:
        """Place and text of the ticks for the range and the room of the moment."""
        if self.fixed_ticks is not None:
            return self.fixed_ticks
        low, high = self.range
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
            return []
        view = self.linkedView()
        room = view.height() if self.orientation == "left" else view.width()
        wanted = max(2, min(5, int(room / SMALLEST_DISTANCE[self.orientation])))
        if self.logarithmic:
            return [(v, self.tick_text(10**v)) for v in logarithmic_ticks(low, high, wanted)]
        values = linear_ticks(low, high, wanted)
        in_thousands = max(map(abs, values), default=0) >= 10_000
        if in_thousands and self.orientation == "left" and self.tick_text is number_text:
            return [(value, thousands_text(value)) for value in values]
        return [(value, self.tick_text(value)) for value in values]

    def fit_width(self) -> None:
        """Makes a left axis as wide as its longest tick."""
        if self.orientation != "left":
            return
        texts = [text for _value, text in self.ticks()] or ["0"]
        widest = max(text_width(text, "tick", tabular=True) for text in texts)
        title = tokens().line_height[tokens().type["small"]] + 2 if self.house_title else 0
        wanted = widest + tokens().space[2] + title
        # The width itself follows only with the next layout.
        if wanted != self._fitted:
            self._fitted = wanted
            self.setWidth(wanted)

    def boundingRect(self) -> QRectF:
        if not self._ready or self.linkedView() is None:
            return super().boundingRect()
        view = self.linkedView().mapRectToItem(self, self.linkedView().boundingRect())
        edge = tokens().space[5]
        return (
            self.mapRectFromParent(self.geometry()).united(view).adjusted(-edge, -edge, edge, edge)
        )

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        view = self.linkedView()
        if view is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        area = view.mapRectToItem(self, view.boundingRect())
        own = self.mapRectFromParent(self.geometry())
        if self.orientation == "left":
            self._paint_left(painter, area, own)
        else:
            self._paint_bottom(painter, area, own)

    def _share(self, value: float) -> float:
        low, high = self.range
        return (value - low) / max(high - low, 1e-12)

    def _paint_left(self, painter: QPainter, area: QRectF, own: QRectF) -> None:
        small, grid = tokens().line_height[tokens().type["small"]], shade("grid")
        for value, text in self.ticks():
            y = round(area.bottom() - self._share(value) * area.height())
            painter.fillRect(QRectF(area.left(), y, area.width(), tokens().line), grid)
            right = area.left() - tokens().space[2]
            line = QRectF(own.left(), y - small / 2, right - own.left(), small)
            draw_line_of_text(painter, line, text, "tick", "text3", RIGHT, tabular=True)
        if self.house_title:
            painter.save()
            painter.translate(QPointF(own.left(), area.center().y()))
            painter.rotate(-90)
            half = max(area.height() / 2, text_width(self.house_title, "caption") / 2)
            title = QRectF(-half, 0, 2 * half, small)
            draw_line_of_text(painter, title, self.house_title, "caption", "text2", CENTRE)
            painter.restore()

    def _paint_bottom(self, painter: QPainter, area: QRectF, own: QRectF) -> None:
        small, axis, tick = (
            tokens().line_height[tokens().type["small"]],
            shade("axis"),
            tokens().plot.tick,
        )
        bottom = round(area.bottom())
        painter.fillRect(QRectF(area.left(), bottom, area.width(), tokens().line), axis)
        last = -math.inf
        for value, text in self.ticks():
            x = area.left() + self._share(value) * area.width()
            painter.fillRect(QRectF(round(x), bottom, tokens().line, tick), axis)
            wide = text_width(text, "tick", tabular=True)
            left = min(max(x - wide / 2, area.left() - wide / 2), area.right() + 4 - wide)
            if left > last:
                line = QRectF(left, bottom + tick + 1, wide, small)
                draw_line_of_text(painter, line, text, "tick", "text3", CENTRE, tabular=True)
                last = left + wide + tokens().space[1]
        if self.house_title:
            title = QRectF(area.left(), bottom + tick + small, area.width(), small)
            draw_line_of_text(painter, title, self.house_title, "caption", "text2", CENTRE)
