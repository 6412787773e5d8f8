"""The plots of the runs: loss, FVU, L0, dead share and speed under one cursor, and density."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from saedesk.sae.training_curve import DENSITY_EDGES
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.fvu_forecast import forecast_fvu
from saedesk.ui.train_panels.plot_place import PlotPlace
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.run_curve import RunCurve
from saedesk.ui.train_panels.run_plot import RunPlot
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.train_panels.training_texts import fvu_text, l0_text, loss_text, speed_text
from saedesk.ui.widgets.curve_plot import Curve, Forecast, PlotCursor
from saedesk.ui.widgets.plot_axis import number_text
from saedesk.ui.widgets.plots import BarPlot

FRAME_MS = 16
DENSITY_TICKS = ((-4.0, "0.01 %"), (-3.0, ""), (-2.0, "1 %"), (-1.0, ""), (0.0, "100 %"))
SMALLEST_DENSITY = -4.2
"""log10 of the share of documents at which the histogram begins."""
PROMISES = {
    "loss": "While an SAE is trained, the loss of its training batches is drawn here: how much "
    "of the vectors the features do not rebuild yet.",
    "fvu": "The share of variance that the features miss in documents which the training never "
    "sees will be drawn here.",
    "l0": "How many features describe a document.",
    "dead": "The share of features that no document chose.",
    "speed": "Documents seen in a second.",
    "density": "How many features are rare and how many frequent.",
}


def percent_tick(value: float) -> str:
    """A tick of an axis in percent."""
    return f"{number_text(value)} %"


def points_of(curve: RunCurve, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Steps and values of one measure."""
    return (curve.fvu_step if name == "fvu" else curve.step), getattr(curve, name)


class CurvePanel(QWidget):
    """Draws what the book says is drawn; a live curve costs new data, never new items."""

    def __init__(self, book: RunBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.cursor_line = PlotCursor(self)
        self.plots = self._make_plots()
        self.density = BarPlot("Share of documents, log scale", accessible_name="Density")
        self.places = self._make_places()
        self._lay_out()
        self._waiting: list[str] = []
        self._next = QTimer(self)
        self._next.setInterval(FRAME_MS)
        self._next.timeout.connect(self._draw_next)
        book.changed.connect(self.refresh)
        book.curve_grew.connect(self.refresh)

    def _make_plots(self) -> dict[str, RunPlot]:
        shared = {"cursor": self.cursor_line, "cursor_title": self._cursor_title}
        return {
            "loss": RunPlot(
                "Loss, log scale",
                log_y=True,
                value_text=loss_text,
                accessible_name="Reconstruction loss by step",
                **shared,
            ),
            "fvu": RunPlot(
                "Share of variance",
                skip_start=True,
                value_text=fvu_text,
                accessible_name="FVU of held-out documents by step",
                **shared,
            ),
            "l0": RunPlot(
                from_zero=True,
                value_text=l0_text,
                accessible_name="Features per document by step",
                **shared,
            ),
            "dead": RunPlot(
                from_zero=True,
                value_text=lambda value: f"{value:.1f} %",
                y_text=percent_tick,
                accessible_name="Share of dead features by step",
                **shared,
            ),
            "speed": RunPlot(
                from_zero=True,
                value_text=speed_text,
                accessible_name="Documents per second by step",
                **shared,
            ),
        }

    def _make_places(self) -> dict[str, PlotPlace]:
        titles = {
            "loss": ("Reconstruction loss", "training batches, lower is better"),
            "fvu": ("FVU, held-out", "what the features miss, lower is better"),
            "l0": ("L0", "features per document"),
            "dead": ("Dead", "share of features"),
            "speed": ("Speed", "documents per second"),
            "density": ("Density", ""),
        }
        plots = {**self.plots, "density": self.density}
        return {
            name: PlotPlace(title, note, plots[name], PROMISES[name])
            for name, (title, note) in titles.items()
        }

    def _lay_out(self) -> None:
        space = tokens().space
        grid = QGridLayout(self)
        grid.setContentsMargins(0, space[2], 0, space[1])
        grid.setHorizontalSpacing(space[5])
        grid.setVerticalSpacing(space[1])
        for at, name in enumerate(("loss", "fvu")):
            grid.addWidget(self.places[name], 0, 2 * at, 1, 2)
        for at, name in enumerate(("l0", "dead", "speed", "density")):
            grid.addWidget(self.places[name], 1, at)
            grid.setColumnStretch(at, 1)
        grid.setRowStretch(0, 29)
        grid.setRowStretch(1, 21)

    @Slot()
    def refresh(self) -> None:
        """Gives the plots the curves of now, one plot a frame: all six would hold up the window."""
        if not self.isVisible():
            return
        self._waiting += [name for name in self.places if name not in self._waiting]
        if not self._next.isActive():
            self._next.start()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self._waiting = list(self.places)
        while self._waiting:
            self._draw_next()

    @Slot()
    def _draw_next(self) -> None:
        if not self._waiting:
            self._next.stop()
            return
        name = self._waiting.pop(0)
        runs = [run for run in self._book.drawn() if not self._book.curve(run).is_empty]
        if name == "density":
            self._draw_density()
        else:
            self._draw(name, runs)

    def _draw(self, name: str, runs: list[Run]) -> None:
        if self.places[name].is_filled != bool(runs):
            self.places[name].set_filled(bool(runs))
        if not runs:
            return
        focus = self._book.focus
        shown, expected = [], None
        for run in runs:
            x, y = points_of(self._book.curve(run), name)
            in_focus = focus is not None and run.id == focus.id
            series = self._book.series_of(run.id) or 0
            shown.append(Curve(run.name, x, y, series, in_focus))
            if name == "fvu" and in_focus and run.is_live:
                expected = self._forecast(x, y, run.total_steps, series)
        self.plots[name].set_last_step(float(max(max(run.total_steps, run.step) for run in runs)))
        self.plots[name].set_curves(shown, expected)

    @staticmethod
    def _forecast(x: np.ndarray, y: np.ndarray, total: int, series: int) -> Forecast | None:
        told = forecast_fvu(x, y, total)
        if told is None:
            return None
        return Forecast(told.step, told.likely, told.low, told.high, series)

    def _draw_density(self) -> None:
        focus = self._book.focus
        curve = None if focus is None else self._book.curve(focus)
        place = self.places["density"]
        if curve is None or curve.density is None:
            if place.is_filled or place.head.note.text():
                place.set_filled(False)
                place.head.set_note("")
            return
        edges = np.asarray(DENSITY_EDGES, np.float64)
        counts = curve.density
        first = int(np.searchsorted(edges, SMALLEST_DENSITY + 1e-9))
        first = min(first, int(np.flatnonzero(counts)[0]) if counts.any() else first)
        self.density.set_data(edges[first:], counts[first:], DENSITY_TICKS)
        place.head.set_note(f"features at step {curve.density_step:,}")
        if not place.is_filled:
            place.set_filled(True)

    def _cursor_title(self, step: float) -> str:
        focus = self._book.focus
        epoch = 0 if focus is None else focus.epoch_at(step)
        return f"Step {round(step):,}" + (f", epoch {epoch:,}" if epoch else "")
