"""The curve of a training: parts of a running one, and the file of a finished one."""

from __future__ import annotations

import time
from dataclasses import dataclass

from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.training_curve import TrainingStep, from_lines
from saedesk.task_control import TaskControl

CURVE_NAME = "training.jsonl"
_SECONDS_BETWEEN_PARTIALS = 0.1


@dataclass(frozen=True)
class CurvePart:
    """New points of the curve of a running training, in order; the first part may be long."""

    run: str
    """Name of the run."""
    steps: tuple[TrainingStep, ...]
    total_steps: int
    steps_per_epoch: int


@dataclass(frozen=True)
class RunStored:
    """A training of the queue is finished and its SAE is in the project."""

    record: ArtifactRecord


def read_curve(project: Project, record: ArtifactRecord) -> list[TrainingStep]:
    """The curve of a finished run; [] for an SAE that was not trained here."""
    if CURVE_NAME not in record.files:
        return []
    return from_lines(project.path_of(record, CURVE_NAME).read_text("utf-8"))


class CurvePublisher:
    """Hands out the points of a curve at most ten times a second."""

    def __init__(self, run: str, control: TaskControl) -> None:
        self._run = run
        self._control = control
        self._waiting: list[TrainingStep] = []
        self._total = self._per_epoch = 0
        self._last = 0.0

    def start(self, total_steps: int, steps_per_epoch: int) -> None:
        """Say how long the training is, before its first point."""
        self._total, self._per_epoch = total_steps, steps_per_epoch

    def add(self, step: TrainingStep) -> None:
        """Publish a point now or with the next ones."""
        self._waiting.append(step)
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_PARTIALS:
            self.flush()

    def flush(self) -> None:
        """Publish what waits."""
        if self._waiting:
            self._last = time.monotonic()
            part = CurvePart(self._run, tuple(self._waiting), self._total, self._per_epoch)
            self._waiting.clear()
            self._control.publish(part)
