"""A plot of several runs whose axis reaches to the last step that is planned."""

from __future__ import annotations

from typing import Any

import numpy as np

from saedesk.ui.widgets.curve_plot import CurvePlot

HEADROOM = 1.08
"""How far above the highest value a plot that begins at zero reaches."""


class RunPlot(CurvePlot):
    """Shows curves by step."""

    def __init__(self, y_title: str = "", **options: Any) -> None:
        super().__init__("Step", y_title, **options)

    def set_last_step(self, step: float | None) -> None:
        """How far the axis reaches at the next `set_curves`; None reaches to the curves' ends."""
        self._fixed_x = None if step is None else (0.0, step)

    def _y_range(self, values: np.ndarray) -> tuple[float, float]:
        # A line that lies on the upper edge of the plot looks cut off.
        if self._from_zero and len(values):
            values = np.append(values, HEADROOM * float(values.max()))
        return super()._y_range(values)
