"""Curves of several runs under one cursor, with a forecast dashed behind the last point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPoint, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPen

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.hover_card import CardLine, HoverCard
from saedesk.ui.widgets.plot_axis import number_text, round_step
from saedesk.ui.widgets.plots import Plot, rounded_up

FRAME_MS = 16


@dataclass(frozen=True, eq=False)
class Curve:
    """One run in a plot."""

    name: str
    x: np.ndarray
    """(n,) ascending."""
    y: np.ndarray
    """(n,) in the unit of the axis; not-a-number leaves a gap."""
    series: int = 0
    """Which series colour it takes."""
    in_focus: bool = False
    area: bool = False
    """Whether the ground under the line is tinted."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """How a curve is expected to go on."""

    x: np.ndarray
    """(n,) ascending."""
    y: np.ndarray
    """(n,) the expected values."""
    low: np.ndarray
    """(n,) the lower edge of the band."""
    high: np.ndarray
    """(n,) the upper edge of the band."""
    series: int = 0


class PlotCursor(QObject):
    """One place on the x axis, shared by several plots; None where the mouse is elsewhere."""

    moved = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.x: float | None = None

    def move(self, x: float | None) -> None:
        """Moves the cursor in all plots."""
        if x != self.x:
            self.x = x
            self.moved.emit(x)


class CurvePlot(Plot):
    """Lines of several runs; the one in focus is thicker and on top."""

    def __init__(
        self,
        x_title: str = "Step",
        y_title: str = "",
        cursor: PlotCursor | None = None,
        from_zero: bool = False,
        skip_start: bool = False,
        x_range: tuple[float, float] | None = None,
        value_text: Callable[[float], str] | None = None,
        cursor_title: Callable[[float], str] | None = None,
        **options: Any,
    ) -> None:
        """`from_zero` starts the y axis at 0, `skip_start` lets the first 3 % leave the plot."""
        super().__init__(x_title, y_title, **options)
        self.cursor_line = cursor or PlotCursor(self)
        self._from_zero, self._skip_start, self._fixed_x = from_zero, skip_start, x_range
        self._value_text = value_text or number_text
        self._cursor_title = cursor_title or (lambda x: f"{x_title} {number_text(round(x))}")
        self._curves: list[Curve] = []
        self._forecast: Forecast | None = None
        self._items: list[pg.PlotDataItem] = []
        self._card = HoverCard(self)
        self._pending: QPointF | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._follow_mouse)
        self._make_items()
        self.cursor_line.moved.connect(self._show_cursor)
        self.setMouseTracking(True)
        self.retheme()

    def _make_items(self) -> None:
        self._upright = pg.InfiniteLine(angle=90, movable=False)
        self._upright.setZValue(5)
        self._upright.hide()
        self._dots = pg.ScatterPlotItem(pxMode=True)
        self._dots.setZValue(20)
        self._low, self._high = pg.PlotDataItem(), pg.PlotDataItem()
        self._band = pg.FillBetweenItem(self._low, self._high)
        self._expected = pg.PlotDataItem()
        for item in (self._band, self._expected, self._upright, self._dots):
            self.addItem(item, ignoreBounds=True)

    def set_curves(self, curves: Sequence[Curve], forecast: Forecast | None = None) -> None:
        """Shows these runs; a curve whose arrays are those of before costs nothing."""
        before = self._curves
        self._curves, self._forecast = list(curves), forecast
        while len(self._items) < len(curves):
            item = pg.PlotDataItem(connect="finite")
            item.setDownsampling(auto=True, method="peak")
            item.setClipToView(True)
            self._items.append(item)
            self.addItem(item, ignoreBounds=True)
        for at, item in enumerate(self._items):
            if at >= len(curves):
                if at < len(before):
                    item.setData([], [])
            elif at >= len(before) or not _is_same(before[at], curves[at]):
                item.setData(np.asarray(curves[at].x, np.float64), self._plotted(curves[at].y))
        self._show_forecast()
        self._style_curves()
        self._fit()
        self._show_cursor(self.cursor_line.x)

    def table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        rows = [
            (curve.name, float(x), float(y))
            for curve in self._curves
            for x, y in zip(curve.x, curve.y, strict=True)
        ]
        return ("run", self.x_axis.house_title or "x", self.y_axis.house_title or "y"), rows

    def retheme(self) -> None:
        super().retheme()
        if hasattr(self, "_upright"):
            dash = QPen(Theme.current().colour("text3"), 1)
            dash.setDashPattern(list(tokens().plot.cursor_dash))
            dash.setCosmetic(True)
            self._upright.setPen(dash)
            self._style_curves()
            self._show_cursor(self.cursor_line.x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._pending = event.position()
        if not self._timer.isActive():
            self._timer.start()

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self._timer.stop()
        self._pending = None
        self._card.hide()
        self.cursor_line.move(None)

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._card.hide()

    def _plotted(self, y: np.ndarray) -> np.ndarray:
        values = np.asarray(y, np.float64)
        if not self.log_y:
            return values
        return np.log10(np.where(values > 0, values, np.nan))

    def _style_curves(self) -> None:
        theme, size = Theme.current(), tokens().plot
        for item, curve in zip(self._items, self._curves, strict=False):
            colour = theme.series(curve.series)
            width = size.line_in_focus if curve.in_focus else size.line
            if not curve.in_focus:
                colour.setAlphaF(size.other_runs_alpha)
            if len(curve.x) > 20_000:
                width = size.line_over_20000_points
            item.setPen(_cosmetic(colour, width))
            item.setZValue(10 if curve.in_focus else 8)
            if curve.area:
                ground = QColor(colour)
                ground.setAlphaF(size.area_alpha)
                item.setFillLevel(0.0)
                item.setFillBrush(ground)
        if self._forecast is not None:
            colour = theme.series(self._forecast.series)
            pen = _cosmetic(colour, size.line)
            pen.setDashPattern(list(size.forecast_dash))
            self._expected.setPen(pen)
            colour.setAlphaF(size.area_alpha)
            self._band.setBrush(colour)

    def _show_forecast(self) -> None:
        shown = self._forecast is not None
        self._band.setVisible(shown)
        self._expected.setVisible(shown)
        if self._forecast is not None:
            x = np.asarray(self._forecast.x, np.float64)
            self._expected.setData(x, self._plotted(self._forecast.y))
            self._low.setData(x, self._plotted(self._forecast.low))
            self._high.setData(x, self._plotted(self._forecast.high))

    def _fit(self) -> None:
        ends = [float(curve.x[-1]) for curve in self._curves if len(curve.x)]
        if self._forecast is not None and len(self._forecast.x):
            ends.append(float(self._forecast.x[-1]))
        x = self._fixed_x or (0.0, max(ends, default=1.0) or 1.0)
        values = [self._considered(curve, x) for curve in self._curves]
        if self._forecast is not None:
            values.append(self._plotted(self._forecast.y))
        every = np.concatenate(values) if values else np.zeros(0)
        every = every[np.isfinite(every)]
        self.set_ranges(x, self._y_range(every))

    def _considered(self, curve: Curve, x: tuple[float, float]) -> np.ndarray:
        shown = self._plotted(curve.y)
        if not self._skip_start or len(shown) < 10:
            return shown
        return shown[np.asarray(curve.x) >= x[0] + 0.03 * (x[1] - x[0])]

    def _y_range(self, values: np.ndarray) -> tuple[float, float]:
        if not len(values):
            return (-1.0, 0.0) if self.log_y else (0.0, 1.0)
        low, high = float(values.min()), float(values.max())
        if self.log_y:
            marks = np.log10([1, 2, 5, 10])
            low = np.floor(low) + max(m for m in marks if m <= low - np.floor(low) + 1e-9)
            top = high - np.floor(high)
            high = np.floor(high) + min(m for m in marks if m >= top - 1e-9)
            return float(low), float(high if high > low else low + 0.3)
        if self._from_zero or (low >= 0 and low < 0.25 * high):
            return 0.0, rounded_up(high) if high > 0 else 1.0
        step = round_step(max(high - low, abs(high) * 0.02, 1e-9), 4)
        return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)

    def _follow_mouse(self) -> None:
        if self._pending is None:
            return
        view = self.plotItem.vb
        scene = self.mapToScene(self._pending.toPoint())
        inside = view.sceneBoundingRect().contains(scene)
        self.cursor_line.move(float(view.mapSceneToView(scene).x()) if inside else None)
        if inside:
            self._show_card(self._pending.toPoint())
        else:
            self._card.hide()

    def _at_cursor(self, x: float) -> list[tuple[Curve, float, float]]:
        """Curve, place and value nearest to the cursor, the largest value first."""
        found = []
        for curve in self._curves:
            if not len(curve.x) or not curve.x[0] <= x <= curve.x[-1]:
                continue
            at = int(np.searchsorted(curve.x, x))
            if at and (at == len(curve.x) or x - curve.x[at - 1] < curve.x[at] - x):
                at -= 1
            if np.isfinite(curve.y[at]):
                found.append((curve, float(curve.x[at]), float(curve.y[at])))
        return sorted(found, key=lambda entry: -entry[2])

    def _show_cursor(self, x: float | None) -> None:
        self._upright.setVisible(x is not None)
        if x is not None:
            self._upright.setPos(x)
        theme = Theme.current()
        spots = []
        edge = _cosmetic(theme.colour(self._ground), 1.5)
        if x is not None and self.underMouse():
            for curve, place, value in self._at_cursor(x):
                spots.append((place, value, curve.series))
        if self._forecast is not None:
            for curve in self._curves:
                if curve.in_focus and len(curve.x):
                    spots.append((float(curve.x[-1]), float(curve.y[-1]), curve.series))
        if not spots:
            self._dots.clear()
            return
        places = self._plotted(np.array([spot[1] for spot in spots]))
        self._dots.setData(
            x=[spot[0] for spot in spots],
            y=places,
            size=9,
            pen=edge,
            brush=[theme.series(spot[2]) for spot in spots],
        )

    def _show_card(self, place: QPoint) -> None:
        x = self.cursor_line.x
        entries = self._at_cursor(x) if x is not None else []
        if x is None or not entries:
            self._card.hide()
            return
        theme = Theme.current()
        lines = [
            CardLine(curve.name, self._value_text(value), theme.series(curve.series))
            for curve, _place, value in entries
        ]
        gap = tokens().space[2]
        target = QRect(place.x() - gap, place.y() - gap, 2 * gap, 2 * gap)
        self._card.show_beside(target, self._cursor_title(x), lines, title_role="caption")


def _is_same(one: Curve, other: Curve) -> bool:
    return one.x is other.x and one.y is other.y


def _cosmetic(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
