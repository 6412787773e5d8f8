"""In which years a feature is active, as one line with its ground tinted."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtWidgets import QWidget

from saedesk.ui.features_panels.number_texts import share_text
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.curve_plot import Curve, CurvePlot

_FEWEST_PERIODS = 3
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class TimePlot(CurvePlot):
    """Share of each period's documents in which the feature is active."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "",
            from_zero=True,
            y_text=share_text,
            value_text=share_text,
            cursor_title=self._period,
            ground="panel",
            accessible_name="Share of documents over time",
            parent=parent,
        )
        self._edges = np.empty(0)
        self.setFixedHeight(tokens().space[8] * 6)

    def show_shares(self, edges: np.ndarray, shares: np.ndarray) -> bool:
        """Show (p,) shares of periods between (p + 1,) years; False where they are too few."""
        known = np.isfinite(shares)
        if known.sum() < _FEWEST_PERIODS:
            self._edges = np.empty(0)
            self.set_curves([])
            return False
        self._edges = edges
        starts = edges[:-1]
        first, last = float(starts[known][0]), float(starts[known][-1])
        self._fixed_x = (first, last)
        self.x_axis.fixed_ticks = [(year, f"{year:.0f}") for year in _years(first, last)]
        self.set_curves([Curve("Active", starts[known], shares[known], in_focus=True, area=True)])
        marks = share_marks(float(shares[known].max()))
        self.y_axis.fixed_ticks = [(mark, tick_text(mark)) for mark in marks]
        self.set_ranges((first, last), (0.0, marks[-1]))
        return True

    def table(self):  # type: ignore[no-untyped-def]
        _heads, rows = super().table()
        return ("from", "share"), [row[1:] for row in rows]

    def _period(self, x: float) -> str:
        if len(self._edges) < 2:
            return ""
        at = int(np.argmin(np.abs(self._edges[:-1] - x)))
        start, length = float(self._edges[at]), float(self._edges[1] - self._edges[0])
        if length > 1.01:
            return f"{start:.0f} – {start + length - 1:.0f}"
        year = int(np.floor(start + 1e-6))
        month = round((start - year) * 12)
        return str(year) if length > 0.99 else f"{_MONTHS[month % 12]} {year}"


def share_marks(largest: float) -> list[float]:
    """Two to four equal steps from 0 to just above the largest share."""
    if largest <= 0:
        return [0.0, 0.5, 1.0]
    power = 10.0 ** math.floor(math.log10(largest))
    steps = [factor * power for factor in (0.2, 0.5, 1.0, 2.0, 5.0)]
    fitting = [(n * step, n, step) for step in steps for n in (2, 3, 4) if n * step >= largest]
    _top, n, step = min(fitting)
    return [at * step for at in range(n + 1)]


def tick_text(share: float) -> str:
    """A mark of the axis: "20 %", "0.5 %"."""
    return f"{100 * share:.6f}".rstrip("0").rstrip(".") + " %"


def _years(first: float, last: float) -> list[float]:
    """The ends and the middle of a range of years, each a whole year."""
    low, high = np.ceil(first - 1e-6), np.floor(last + 1e-6)
    if high <= low:
        return [float(low)]
    middle = np.round((low + high) / 2 / 5) * 5
    return sorted(
        {float(low), float(middle), float(high)}
        if low < middle < high
        else {float(low), float(high)}
    )
