"""How many features of a loaded SAE are rare and how many frequent, in the documents here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.analyse_features import analysis_in_use
from saedesk.project.artifact_readers import open_statistics
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.training_curve import DENSITY_EDGES
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.task_control import TaskControl
from saedesk.ui.train_panels.plot_place import PlotPlace

if TYPE_CHECKING:
    from saedesk.ui.train_panels.run_plot import DensityPlot

HEIGHT = 176
MS_AFTER_PAINT = 16
PROMISE = "How often its features occur is drawn here once they are found."
EXPLANATION = (
    "How many features describe few documents of this project and how many describe many. Most "
    "should lie between 0.1 and 10 %."
)
SERIES = 0


@dataclass(frozen=True)
class _Look:
    project: Project
    record: ArtifactRecord

    def __call__(self, _: TaskControl) -> tuple[str, np.ndarray | None]:
        """The hash of the SAE, and (25,) features by density; None before its analysis."""
        try:
            found = analysis_in_use(self.project, self.record)
        except KnownError:
            found = None
        if found is None:
            return self.record.hash, None
        density = open_statistics(self.project, found[2]).density
        shares = np.log10(density[density > 0])
        edges = np.asarray(DENSITY_EDGES)
        # A feature rarer than the first bin belongs into it.
        counts, _ = np.histogram(np.clip(shares, edges[0], edges[-1]), edges)
        return self.record.hash, counts.astype(np.float64)


class MeasuredDensity(QWidget):
    """A histogram in the place of the curves; asked for beside the window."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._record: ArtifactRecord | None = None
        self._counts: np.ndarray | None = None
        self._plot: DensityPlot | None = None
        self._question = LaneQuestion(session, "Looking at an SAE", self)
        self._question.answered.connect(self._on_answer)
        self.place = PlotPlace("Density", "features by share of documents", PROMISE, EXPLANATION)
        self.setFixedHeight(HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.place)

    def show_run(self, record: ArtifactRecord) -> None:
        """Shows the density of an SAE as its analysis in use found it."""
        if record != self._record:
            self._record, self._counts = record, None
            self.place.set_filled(False)
        self._ask()

    @Slot()
    def _ask(self) -> None:
        """Only where somebody sees it: whoever comes later asks then."""
        project = self._session.project
        if project is not None and self._record is not None and self.isVisible():
            self._question.ask(_Look(project, self._record))

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        hash_, counts = answer  # type: ignore[misc]
        if self._record is not None and hash_ == self._record.hash:
            self._counts = counts
            self._draw()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        # Not before the page is painted: the library behind the plots takes its time.
        QTimer.singleShot(MS_AFTER_PAINT, self._ask)

    @Slot()
    def _draw(self) -> None:
        if self._counts is None or not self.isVisible():
            self.place.set_filled(False)
            return
        if self._plot is None:
            from saedesk.ui.train_panels.plot_making import make_density

            self._plot = make_density()
            self.place.set_plot(self._plot)
        self._plot.show_counts(self._counts, SERIES)
        self.place.set_filled(True)
