"""Plots of several runs: curves to the last step that is planned, and the density of one run."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from saedesk.sae.training_curve import DENSITY_EDGES
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.curve_plot import Curve, CurvePlot, Forecast
from saedesk.ui.widgets.plots import BarPlot, _Bars
from saedesk.ui.widgets.text_label import TextLabel

HEADROOM = 1.08
"""How far above the highest value a plot that begins at zero reaches."""
STEEP_SHARE = 0.05
"""The part of a run in which values above STEEP_FROM may leave the plot."""
STEEP_FROM = 1.0
FEWEST_POINTS = 10
ALL_BUT_SPIKES = 0.97
"""The share of the points of a measure that wavers which surely lie in the plot."""


class RunPlot(CurvePlot):
    """Shows curves by step; says where a curve begins above the plot."""

    def __init__(self, y_title: str = "", wavers: bool = False, **options: Any) -> None:
        """`wavers`: single points far above the others may leave the plot."""
        super().__init__("Step", y_title, **options)
        self._wavers = wavers
        self.above = TextLabel("", "caption", "text3", parent=self)
        self.above.hide()

    def set_last_step(self, step: float | None) -> None:
        """How far the axis reaches at the next `set_curves`; None reaches to the curves' ends."""
        self._fixed_x = None if step is None else (0.0, step)

    def set_curves(self, curves: list[Curve], forecast: Forecast | None = None) -> None:  # type: ignore[override]
        """Shows these runs, each with its last value."""
        super().set_curves(curves, forecast)
        top = self.y_axis.range[1]
        highest = max((float(np.max(curve.y)) for curve in curves if len(curve.y)), default=0.0)
        is_cut = self._skip_start and highest > top * (1 + 1e-9)
        self.above.setVisible(is_cut)
        if is_cut:
            self.above.setText(f"↑ begins above, at {self._value_text(highest)}")
            self.above.adjustSize()
            self._place_mark()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        if hasattr(self, "above"):
            self._place_mark()

    def _place_mark(self) -> None:
        space = tokens().space
        self.above.move(self.width() - self.above.width() - space[2], space[2] + 2)

    def _considered(self, curve: Curve, x: tuple[float, float]) -> np.ndarray:
        """All of a curve but the steep part at its own begin: a short run shows its last value."""
        shown = self._plotted(curve.y)
        if self._wavers and len(shown) >= FEWEST_POINTS:
            return np.minimum(shown, HEADROOM * float(np.quantile(shown, ALL_BUT_SPIKES)))
        if not self._skip_start or len(shown) < FEWEST_POINTS:
            return shown
        steep_until = STEEP_SHARE * float(curve.x[-1])
        return shown[(np.asarray(curve.x) >= steep_until) | (shown <= STEEP_FROM)]

    def _y_range(self, values: np.ndarray) -> tuple[float, float]:
        # A line that lies on the upper edge of the plot looks cut off.
        if self._from_zero and len(values):
            values = np.append(values, HEADROOM * float(values.max()))
        return super()._y_range(values)


DENSITY_TICKS = ((-4.0, "0.01 %"), (-3.0, ""), (-2.0, "1 %"), (-1.0, ""), (0.0, "100 %"))
SMALLEST_DENSITY = -4.2
"""log10 of the share of documents at which the histogram begins, unless there are rarer ones."""


class DensityPlot(BarPlot):
    """Bars in the colour of a run."""

    def __init__(self, y_title: str = "", **options: Any) -> None:
        super().__init__("Share of documents, log", y_title, **options)
        self.removeItem(self._bars)
        self._bars = _RunBars()
        self.addItem(self._bars)

    def set_series(self, series: int) -> None:
        """Takes the colour of a series."""
        self._bars.series = series  # type: ignore[attr-defined]
        self._bars.update()

    def show_counts(self, counts: np.ndarray, series: int) -> None:
        """Draws `counts` (25,) of features in the bins of DENSITY_EDGES."""
        edges = np.asarray(DENSITY_EDGES, np.float64)
        first = int(np.searchsorted(edges, SMALLEST_DENSITY + 1e-9))
        first = min(first, int(np.flatnonzero(counts)[0]) if counts.any() else first)
        self.set_series(series)
        self.set_data(edges[first:], counts[first:], DENSITY_TICKS)


class _RunBars(_Bars):
    series = 0

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        to_device = painter.transform()
        painter.save()
        painter.resetTransform()
        theme, plot = Theme.current(), tokens().plot
        colour = theme.mix(theme.series(self.series), "surface", plot.bars_mix_to_surface - 0.1)
        gap = plot.gap_between_bars * (painter.device().devicePixelRatio() or 1)
        for low, high, height in zip(self.edges[:-1], self.edges[1:], self.heights, strict=True):
            if height > 0:
                left, bottom = to_device.map(float(low), 0.0)
                right, top = to_device.map(float(high), float(height))
                width = max(1, round(right) - round(left) - gap)
                bar = QRectF(round(left), round(top), width, round(bottom) - round(top))
                painter.fillRect(bar, colour)
        painter.restore()
