"""The runs of the open project: which there are, which are drawn and in which colour."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from saedesk.errors import KnownError
from saedesk.jobs.curve_parts import CurvePart, read_curve
from saedesk.jobs.load_sae import is_loaded
from saedesk.jobs.training_request import TrainGridRequest, TrainRequest
from saedesk.jobs.unfinished_trainings import UnfinishedTraining, forget, unfinished_trainings
from saedesk.project.manifest import ArtifactRecord
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Stopped, Task
from saedesk.task_control import Progress
from saedesk.ui.train_panels.asked_trainings import (
    AskedTrainings,
    cancelled_text,
    same_training,
)
from saedesk.ui.train_panels.drawn_runs import DrawnRuns
from saedesk.ui.train_panels.live_trainings import LiveTrainings
from saedesk.ui.train_panels.run_curve import RunCurve, arrays_of
from saedesk.ui.train_panels.stored_runs import run_name, stopped_run, stored_run
from saedesk.ui.train_panels.stored_settings import checkpoint_waits, curve_of_checkpoint
from saedesk.ui.train_panels.training_run import Run

MS_BETWEEN_REPAINTS = 200
SERIES = 8


class RunBook(QObject):
    """Follows the session; panels read `runs`, `focus` and `series_of` and listen.

    A run is drawn when its box is ticked, and while it is in focus unless a person just hid it.
    The colour of a run follows from its number, so it is the same whatever else is drawn.
    """

    changed = Signal()
    """Runs, their states, the one in focus or the drawn ones changed."""
    curve_grew = Signal()
    """The running training has new points; at most five times a second."""
    progressed = Signal()
    """The running training is further; at most five times a second."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._task: Task | None = None
        self._asked = AskedTrainings()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MS_BETWEEN_REPAINTS)
        self._timer.timeout.connect(self._tell_growth)
        self._forget()
        session.project_changed.connect(self._on_project)
        session.runs_changed.connect(self._refresh)
        session.sae_changed.connect(self._refresh)
        session.training_part.connect(self._on_part)
        session.lanes_replaced.connect(self._follow_lane)
        self._follow_lane()
        self._refresh()

    def _forget(self) -> None:
        self.runs: list[Run] = []
        self._ids: dict[str, int] = {}
        self._curves: dict[int, RunCurve] = {}
        self._choice = DrawnRuns()
        self._live = LiveTrainings()
        self._told_points = 0
        self._has_grown = False
        self._timer.stop()

    # -- asked by the panels -----------------------------------------------------------------

    @property
    def focus(self) -> Run | None:
        """The run whose numbers are shown."""
        return self.run(self._choice.focus)

    @property
    def task(self) -> Task | None:
        """The running training."""
        return self._session.training

    def run(self, id: int | None) -> Run | None:
        """A run by its id."""
        return next((run for run in self.runs if run.id == id), None)

    def drawn(self) -> list[Run]:
        """The runs in the plots, the one in focus last; a loaded SAE has no curve."""
        drawn, focus = self._choice.drawn, self._choice.focus
        found = [run for run in self.runs if run.id in drawn and not run.is_loaded]
        return sorted(found, key=lambda run: (run.id == focus, run.id))

    def series_of(self, id: int) -> int | None:
        """Which series colour a run has, or None where it is not drawn."""
        run = self.run(id) if id in self._choice.drawn else None
        return None if run is None or run.is_loaded else (run.number - 1) % SERIES

    def curve(self, run: Run) -> RunCurve:
        """The curve of a run; that of a stored one is read once."""
        if run.is_live:
            return self._live.curve(run.name)
        if run.id not in self._curves:
            self._curves[run.id] = self._read(run)
        return self._curves[run.id]

    def is_training_with(self, request: TrainRequest) -> bool:
        """Whether these settings are being trained, or wait in the queue."""
        return self._asked.has(request)

    @property
    def is_lane_busy(self) -> bool:
        """Whether a task runs or waits, so that a new one has to wait; the probe gives way."""
        return len(self._session.compute.tasks) > self._session.prober.is_running

    # -- asked by a person -------------------------------------------------------------------

    def set_focus(self, id: int | None) -> None:
        """Shows the numbers of a run."""
        if id is not None and id != self._choice.focus and self.run(id) is not None:
            self._choice.set_focus(id)
            self.changed.emit()

    def toggle(self, id: int) -> None:
        """Draws a run, or hides it; does nothing for one without a curve."""
        run = self.run(id)
        if run is None or run.is_loaded:
            return
        self._choice.toggle(id)
        self.changed.emit()

    def show_only(self, id: int) -> None:
        """Hides all other runs."""
        self._choice.show_only(id)
        self.changed.emit()

    def start(self, request: TrainRequest) -> Task:
        """Starts a training, or queues it."""
        return self.start_all((request,))

    def start_all(self, requests: tuple[TrainRequest, ...]) -> Task:
        """Starts several trainings as one task, or queues it."""
        task = self._session.train_grid(TrainGridRequest(requests))
        self._asked.add(task, requests)
        task.ended.connect(self._on_ended)
        return task

    @property
    def together(self) -> int:
        """How many runs the running task trains; what is asked of it is asked of all."""
        return len(self._live)

    def go_on(self, run: Run) -> None:
        """Lets a stopped run go on from its checkpoint, or queues it."""
        if run.unfinished is not None and run.state == "stopped":
            self.start(run.unfinished.request)
            self._refresh()

    def forget(self, run: Run) -> None:
        """Takes the checkpoint of a stopped run away."""
        project = self._session.project
        if project is not None and run.unfinished is not None and run.state == "stopped":
            try:
                forget(project, run.unfinished)
            except KnownError as error:
                self._session.message.emit(Message("error", error.sentence))
            self._refresh()

    # -- following the session ---------------------------------------------------------------

    @Slot()
    def _follow_lane(self) -> None:
        self._session.compute.changed.connect(self._refresh)

    @Slot()
    def _on_project(self) -> None:
        self._forget()
        self._asked = AskedTrainings()
        self._task = None
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        before, first_look = set(self._ids), not self._ids
        has_started = self._follow_training()
        runs = self._stored_runs()
        if self._task is not None:
            self._live.drop({run.name for run in runs if run.record and not run.is_loaded})
            names = self._live.names
            kept = [run for run in runs if run.is_loaded or run.name not in names]
            runs = kept + self._live_runs()
        self._forget_old_curves(runs)
        self.runs = runs
        known = {run.id for run in runs}
        self._ids = {name: id for name, id in self._ids.items() if id in known}
        new = {self._ids[name] for name in self._ids if name not in before}
        if has_started:
            new |= {run.id for run in runs if run.is_live}
        self._choice.follow(runs, new, first_look=first_look)
        self.changed.emit()

    def _stored_runs(self) -> list[Run]:
        """Finished and stopped runs by their number."""
        project = self._session.project
        if project is None:
            return []
        runs = [
            stored_run(project, record, self._id(_key(record)))
            for record in project.artifacts("saes")
        ]
        width = self._dimensions()
        finished = {run.name for run in runs if not run.is_loaded}
        for training in unfinished_trainings(project):
            if training.name not in finished:
                waits = self.is_training_with(training.request)
                runs.append(stopped_run(training, self._id(training.name), width, waits))
        return sorted(runs, key=lambda run: run.place)

    def _live_runs(self) -> list[Run]:
        if self._task is None:
            return []
        ids = {name: self._id(name) for name in self._live.names}
        return self._live.runs(ids, self._task.is_paused, time.monotonic())

    def _forget_old_curves(self, runs: list[Run]) -> None:
        """A run that went on, or ended, has another curve than before."""
        same = {(run.id, run.state, run.step) for run in self.runs if not run.is_live}
        keep = {run.id for run in runs if (run.id, run.state, run.step) in same}
        self._curves = {id: curve for id, curve in self._curves.items() if id in keep}

    def _dimensions(self) -> int:
        project = self._session.project
        vectors = None if project is None else project.current("vectors")
        return 0 if vectors is None else int(vectors.summary.get("dimensions", 0))

    def _follow_training(self) -> bool:
        """Turns to the training of now; returns whether that is a new one."""
        task = self._session.training
        if task is self._task:
            return False
        self._task, self._live, self._told_points = task, LiveTrainings(), 0
        project = self._session.project
        if task is None or project is None:
            return False
        requests = self._asked.of(task)
        waiting = [self._unfinished(request) for request in requests]
        self._live.begin(task.title, requests, waiting, self._dimensions())
        task.progressed.connect(self._on_progress)
        return True

    def _unfinished(self, request: TrainRequest) -> UnfinishedTraining | None:
        waiting = (run.unfinished for run in self.runs if run.unfinished is not None)
        return next((one for one in waiting if same_training(one.request, request)), None)

    def _id(self, name: str) -> int:
        if name not in self._ids:
            self._ids[name] = max(self._ids.values(), default=-1) + 1
        return self._ids[name]

    @Slot(object)
    def _on_part(self, part: CurvePart) -> None:
        project = self._session.project
        if self._task is None or project is None:
            return
        if self._live.add(part, project):
            self._refresh()
        self._grew()

    def _grew(self) -> None:
        """Tells it at once, and what comes soon after that together."""
        self._has_grown = True
        if not self._timer.isActive():
            self._tell_growth()

    @Slot()
    def _tell_growth(self) -> None:
        if not self._has_grown:
            return
        self._has_grown = False
        self._timer.start()
        grown = {run.id: run for run in self._live_runs()}
        self.runs = [grown.get(run.id, run) for run in self.runs]
        self.progressed.emit()
        if self._told_points != self._live.points:
            self._told_points = self._live.points
            self.curve_grew.emit()

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        if self.sender() is not self._task:
            return
        self._live.progress(progress, time.monotonic())
        self._grew()

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        task = self.sender()
        requests = self._asked.take(task) if isinstance(task, Task) else ()
        project = self._session.project
        if isinstance(outcome, Stopped) and requests and project is not None:
            kept = sum(checkpoint_waits(project, request) for request in requests)
            self._session.message.emit(Message("info", cancelled_text(kept, len(requests))))
        self._refresh()

    def _read(self, run: Run) -> RunCurve:
        project = self._session.project
        if run.unfinished is not None:
            return arrays_of(curve_of_checkpoint(run.unfinished.folder))
        assert project is not None
        assert run.record is not None
        try:
            return arrays_of(read_curve(project, run.record))
        except KnownError as error:
            self._session.message.emit(Message("error", error.sentence))
            return arrays_of([])


def _key(record: ArtifactRecord) -> str:
    """By what a run keeps its id: a training by its name, a loaded SAE may have any name."""
    return f"loaded {record.hash}" if is_loaded(record) else run_name(record)
