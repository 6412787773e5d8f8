"""Makes the plots of the runs; loads the library that draws them."""

from __future__ import annotations

from collections.abc import Callable

from saedesk.ui.train_panels.run_plot import DensityPlot, RunPlot
from saedesk.ui.train_panels.training_texts import fvu_text, l0_text, loss_text, speed_text
from saedesk.ui.widgets.curve_plot import PlotCursor
from saedesk.ui.widgets.plot_axis import number_text


def percent_tick(value: float) -> str:
    """A tick of an axis in percent."""
    return f"{number_text(value)} %"


def make_density() -> DensityPlot:
    """The plot of the densities."""
    return DensityPlot(accessible_name="Density")


def make_plot(name: str, cursor: PlotCursor, cursor_title: Callable[[float], str]) -> RunPlot:
    """The plot of a measure: loss, fvu, l0, dead or speed."""
    shared = {"cursor": cursor, "cursor_title": cursor_title}
    if name == "loss":
        return RunPlot(
            "Loss, log scale",
            log_y=True,
            value_text=loss_text,
            accessible_name="Reconstruction loss by step",
            **shared,
        )
    if name == "fvu":
        return RunPlot(
            "Share of variance",
            skip_start=True,
            value_text=fvu_text,
            accessible_name="FVU of held-out documents by step",
            **shared,
        )
    if name == "l0":
        return RunPlot(
            from_zero=True,
            value_text=l0_text,
            accessible_name="Features per document by step",
            **shared,
        )
    if name == "dead":
        return RunPlot(
            from_zero=True,
            value_text=lambda value: f"{value:.1f} %",
            y_text=percent_tick,
            accessible_name="Share of dead features by step",
            **shared,
        )
    return RunPlot(
        from_zero=True,
        wavers=True,
        value_text=speed_text,
        accessible_name="Documents per second by step",
        **shared,
    )
