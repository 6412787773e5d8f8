"""The range of the FVU plot: every last value is seen, only a steep begin may be cut."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from saedesk.ui.train_panels.run_plot import RunPlot
from saedesk.ui.widgets.curve_plot import Curve


def shown_range(plot: RunPlot, *curves: Curve, last: float) -> tuple[float, float]:
    plot.set_last_step(last)
    plot.set_curves(list(curves))
    low, high = plot.y_axis.range
    return float(low), float(high)


def test_each_run_shows_its_last_value_and_its_begin(qtbot: QtBot) -> None:
    plot = RunPlot("Share of variance", skip_start=True)
    qtbot.addWidget(plot)
    x = np.arange(10.0, 1000.0, 10.0)
    falling = Curve("Run 1", x, 0.76 + 1.5 * np.exp(-x / 40))
    short = Curve("Run 2", np.array([5.0, 10.0, 20.0]), np.array([1.4, 1.2, 1.113]))
    low, high = shown_range(plot, falling, last=1000)
    assert low <= 0.76
    assert 1.0 <= high < 1.5, "the begin below 1 is seen, the steep part above is not"
    assert not plot.above.isHidden()
    assert plot.above.text().startswith("↑ begins above, at ")
    low, high = shown_range(plot, falling, short, last=1000)
    assert low <= 0.76
    assert high >= 1.4


def test_a_long_run_that_has_just_begun_is_not_cut(qtbot: QtBot) -> None:
    plot = RunPlot("Share of variance", skip_start=True)
    qtbot.addWidget(plot)
    x = np.arange(10.0, 1000.0, 10.0)
    young = Curve("Run 1", x, 0.77 + 0.2 * np.exp(-x / 100))
    low, high = shown_range(plot, young, last=100_000)
    assert low <= young.y.min()
    assert high >= young.y.max()
    assert plot.above.isHidden()
