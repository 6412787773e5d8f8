"""The trainings that the window asked for and that have not ended."""

from __future__ import annotations

from saedesk.jobs.training_request import TrainRequest
from saedesk.session.task_lane import Task

Requests = tuple[TrainRequest, ...]


class AskedTrainings:
    """Requests by their task."""

    def __init__(self) -> None:
        self._requests: dict[Task, Requests] = {}

    def add(self, task: Task, requests: Requests) -> None:
        """A task for these was queued."""
        self._requests[task] = requests

    def of(self, task: Task) -> Requests:
        """What a task was asked for; () where somebody else asked."""
        return self._requests.get(task, ())

    def take(self, task: Task) -> Requests:
        """The same, and forgets them: the task has ended."""
        return self._requests.pop(task, ())

    def has(self, request: TrainRequest) -> bool:
        """Whether these settings are being trained, or wait in the queue."""
        waiting = (every for task, every in self._requests.items() if task.outcome is None)
        return any(same_training(request, known) for every in waiting for known in every)


def same_training(one: TrainRequest, other: TrainRequest) -> bool:
    """Whether two requests are for the same SAE."""
    return (one.architecture, one.config) == (other.architecture, other.config)


def cancelled_text(kept: int, runs: int) -> str:
    """What became of cancelled trainings, of which `kept` have a checkpoint."""
    if not kept:
        return "The training was cancelled before it began."
    if runs == 1:
        return (
            "The training was cancelled. Its checkpoint is kept: Continue in the list of runs goes "
            "on from there."
        )
    return (
        f"The trainings were cancelled. {kept} of {runs} have a checkpoint: Continue in the list "
        "of runs goes on from there."
    )
