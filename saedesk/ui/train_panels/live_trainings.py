"""The runs that the running task trains: one, or all of a grid, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saedesk.jobs.curve_parts import CurvePart
from saedesk.jobs.training_request import TrainRequest
from saedesk.jobs.unfinished_trainings import UnfinishedTraining, begun_training
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress
from saedesk.ui.shell.time_left import TimeLeft
from saedesk.ui.train_panels.run_curve import RunCurve, arrays_of
from saedesk.ui.train_panels.training_run import LiveTraining, Run, State

NO_CURVE = arrays_of(())


class LiveTrainings:
    """Follows the parts of the curves, which name their run, and the progress of the task."""

    def __init__(self) -> None:
        self._runs: list[LiveTraining] = []
        self._asked = 0
        self._dimensions = 0
        self._clock = TimeLeft()

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def names(self) -> list[str]:
        """Names of the runs that are not finished, in their order."""
        return [live.name for live in self._runs]

    @property
    def points(self) -> int:
        """How many points their curves have together."""
        return sum(len(live.curve) for live in self._runs)

    def begin(
        self,
        title: str,
        requests: Sequence[TrainRequest],
        unfinished: Sequence[UnfinishedTraining | None],
        dimensions: int,
    ) -> None:
        """A task titled “Training run 7” or “Training 3 runs from run 7” has begun.

        Runs without a part of a curve yet have the name that the title lets expect.
        """
        self._asked, self._dimensions = len(requests), dimensions
        number = int(last) if (last := title.rpartition(" ")[2]).isdecimal() else 1
        if not requests:
            self._runs = [LiveTraining(f"Run {number}", None, dimensions)]
            return
        is_known = unfinished[0] is None or len(requests) == 1
        for request, goes_on in zip(requests, unfinished, strict=True):
            if goes_on is not None:
                self._runs.append(LiveTraining(goes_on.name, request, dimensions, goes_on))
            elif is_known:
                self._runs.append(LiveTraining(f"Run {number}", request, dimensions))
                number += 1

    def add(self, part: CurvePart, project: Project) -> bool:
        """New points of a curve; whether a run came or changed its name."""
        live = next((live for live in self._runs if live.name == part.run), None)
        is_new = live is None
        if live is None:
            live = self._unnamed(part, begun_training(project, part.run))
        is_first = not live.has_begun
        live.add(part)
        return is_new or (is_first and len(self._runs) > 1)

    def _unnamed(self, part: CurvePart, request: TrainRequest | None) -> LiveTraining:
        """The run that has another name than was expected, or one that nobody expected."""
        waiting = [live for live in self._runs if not live.has_begun]
        if request is not None:
            waiting = [live for live in waiting if _same(live.request, request)] or [
                live for live in waiting if live.request is None
            ]
        if waiting:
            waiting[0].request = request or waiting[0].request
            return waiting[0]
        self._runs.append(LiveTraining(part.run, request, self._dimensions))
        return self._runs[-1]

    def drop(self, names: set[str]) -> None:
        """These are finished and stored."""
        self._runs = [live for live in self._runs if live.name not in names]

    def progress(self, progress: Progress, now: float) -> None:
        """The task told how far it is, at `now` of a monotonic clock."""
        self._clock.add(progress, now)
        if self._asked <= 1 and len(self._runs) == 1:
            self._runs[0].progress(progress)

    def curve(self, name: str) -> RunCurve:
        """The curve of a run so far."""
        found = next((live for live in self._runs if live.name == name), None)
        return NO_CURVE if found is None else found.curve.curve()

    def runs(self, ids: Mapping[str, int], paused: bool, now: float) -> list[Run]:
        """The runs as they stand at `now`; all have the time left of the task."""
        (self._clock.pause if paused else self._clock.resume)(now)
        left = self._clock.seconds(now)
        return [live.run(ids[live.name], self._state(live, paused), left) for live in self._runs]

    def _state(self, live: LiveTraining, paused: bool) -> State:
        if paused:
            return "paused"
        others_begun = any(other.has_begun for other in self._runs)
        return "waiting" if others_begun and not live.has_begun else "training"


def _same(one: TrainRequest | None, other: TrainRequest) -> bool:
    return one is not None and (one.architecture, one.config) == (other.architecture, other.config)
