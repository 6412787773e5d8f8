"""Probes the corpus for forecasts while nothing else is to be done."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.jobs.forecast_training import needs_probe, probe
from saedesk.project.project_folder import Project
from saedesk.sae.corpus_probe import CorpusProbe
from saedesk.session.lane_jobs import LaneJob
from saedesk.session.task_lane import Stopped, Succeeded, Task, TaskLane
from saedesk.task_control import TaskControl


class CorpusProber(QObject):
    """Runs the probe on the idle compute lane; any other task there takes its place."""

    changed = Signal()
    """The project has a probe now, so forecasts are surer."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: Task | None = None
        self._name = ""
        self._gave_way = False
        self._declined: set[str] = set()

    @property
    def is_running(self) -> bool:
        """Whether a probe is being made."""
        return self._task is not None

    def ask(self, project: Project | None, lane: TaskLane) -> bool:
        """Start a probe where the project lacks one and the lane is idle; may be asked often.

        One that a person cancelled, or that failed, is not made again for the same vectors.
        """
        if project is None or lane.tasks or self._task is not None or not needs_probe(project):
            return False
        name = _name_of(project)
        if name in self._declined:
            return False
        task = Task("Looking at the corpus, for the forecast", LaneJob(_probe, project, None))
        self._task, self._name, self._gave_way = task, name, False
        task.ended.connect(self._on_ended)
        lane.submit(task)
        return True

    def give_way(self) -> None:
        """Something else is to be done."""
        if self._task is not None:
            self._gave_way = True
            self._task.cancel()

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        if self.sender() is not self._task:
            return
        self._task = None
        if isinstance(outcome, Succeeded):
            self.changed.emit()
        elif not (isinstance(outcome, Stopped) and self._gave_way):
            self._declined.add(self._name)


def _name_of(project: Project) -> str:
    record = project.current("vectors")
    return f"{project.folder} {'' if record is None else record.hash}"


def _probe(project: Project, _: None, control: TaskControl) -> CorpusProbe:
    return probe(project, control)
