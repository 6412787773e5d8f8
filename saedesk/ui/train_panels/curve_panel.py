"""The plots of the runs: loss, FVU, L0, dead share and speed under one cursor, and density."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.train_panels import measure_texts
from saedesk.ui.train_panels.fvu_forecast import forecast_fvu
from saedesk.ui.train_panels.plot_place import PlotPlace
from saedesk.ui.train_panels.run_book import SERIES, RunBook
from saedesk.ui.train_panels.run_curve import RunCurve
from saedesk.ui.train_panels.training_run import Run

if TYPE_CHECKING:
    from saedesk.ui.train_panels.run_plot import DensityPlot, RunPlot
    from saedesk.ui.widgets.curve_plot import Forecast, PlotCursor

FRAME_MS = 16
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


PLACES = {
    "loss": (
        "Reconstruction loss",
        "training batches, lower is better",
        "How far the vectors rebuilt from the features are from the real ones.",
    ),
    "fvu": ("FVU, held-out", "what the features miss, lower is better", measure_texts.FVU),
    "l0": ("L0", "features per document", measure_texts.L0),
    "dead": ("Dead", "share of features", measure_texts.DEAD),
    "speed": ("Speed", "documents per second", measure_texts.SPEED),
    "density": (
        "Density",
        "",
        "How many features describe few documents and how many describe many. Most should lie "
        "between 0.1 and 10 %.",
    ),
}
"""Title, note and explanation of each plot."""


def points_of(curve: RunCurve, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Steps and values of one measure."""
    return (curve.fvu_step if name == "fvu" else curve.step), getattr(curve, name)


class CurvePanel(QWidget):
    """Draws what the book says is drawn; a live curve costs new data, never new items.

    The plots are made one a turn of the event loop once the panel is seen, so that the page
    itself is there at once.
    """

    def __init__(self, book: RunBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._cursor_line: PlotCursor | None = None
        self.plots: dict[str, RunPlot] = {}
        self.density: DensityPlot | None = None
        self.places = {
            name: PlotPlace(title, note, PROMISES[name], explanation)
            for name, (title, note, explanation) in PLACES.items()
        }
        self._lay_out()
        self._unmade = list(self.places)
        self._making = QTimer(self)
        self._making.setInterval(0)
        self._making.timeout.connect(self._make_next)
        self._waiting: list[str] = []
        self._next = QTimer(self)
        self._next.setInterval(FRAME_MS)
        self._next.timeout.connect(self._draw_next)
        book.changed.connect(self.refresh)
        book.curve_grew.connect(self.refresh)

    @property
    def is_complete(self) -> bool:
        """Whether all plots are made."""
        return not self._unmade

    @property
    def cursor_line(self) -> PlotCursor:
        """The one cursor of all plots."""
        from saedesk.ui.widgets.curve_plot import PlotCursor

        if self._cursor_line is None:
            self._cursor_line = PlotCursor(self)
        return self._cursor_line

    @Slot()
    def _begin_making(self) -> None:
        self._making.start()

    @Slot()
    def _make_next(self) -> None:
        from saedesk.ui.train_panels.plot_making import make_density, make_plot

        if not self._unmade:
            self._making.stop()
            return
        name = self._unmade.pop(0)
        if name == "density":
            self.density = make_density()
            self.places[name].set_plot(self.density)
        else:
            self.plots[name] = make_plot(name, self.cursor_line, self._cursor_title)
            self.places[name].set_plot(self.plots[name])
        self._waiting.append(name)
        self._draw_next()

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
        made = [name for name in self.places if self.places[name].plot is not None]
        self._waiting += [name for name in made if name not in self._waiting]
        if not self._next.isActive():
            self._next.start()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        if self._unmade:
            # Not before the page is painted: the library behind the plots takes its time.
            QTimer.singleShot(FRAME_MS, self._begin_making)
        self._waiting = [name for name in self.places if self.places[name].plot is not None]
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
        from saedesk.ui.widgets.curve_plot import Curve

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
        from saedesk.ui.widgets.curve_plot import Forecast

        return Forecast(told.step, told.likely, told.low, told.high, series)

    def _draw_density(self) -> None:
        focus = self._book.focus
        curve = None if focus is None else self._book.curve(focus)
        place = self.places["density"]
        assert self.density is not None
        if focus is None or curve is None or curve.density is None:
            if place.is_filled or place.head.note.text():
                place.set_filled(False)
                place.head.set_note("")
            return
        self.density.show_counts(curve.density, (focus.number - 1) % SERIES)
        place.head.set_note(f"features at step {curve.density_step:,}")
        if not place.is_filled:
            place.set_filled(True)

    def _cursor_title(self, step: float) -> str:
        focus = self._book.focus
        epoch = 0 if focus is None else focus.epoch_at(step)
        return f"Step {round(step):,}" + (f", epoch {epoch:,}" if epoch else "")
