"""The curve of a run as arrays, ready to be drawn."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from saedesk.sae.training_curve import TrainingStep

POINTS_OF_A_SPEED = 25
"""The speed of a single point wavers with everything else the computer does."""


@dataclass(frozen=True, eq=False)
class RunCurve:
    """Measures of one run by step; all float64."""

    step: np.ndarray
    """(n,) ascending."""
    loss: np.ndarray
    """(n,) reconstruction loss of training batches."""
    l0: np.ndarray
    """(n,) active features of a document."""
    dead: np.ndarray
    """(n,) share of features dead in training, in percent."""
    speed: np.ndarray
    """(n,) documents per second, over POINTS_OF_A_SPEED points."""
    fvu_step: np.ndarray
    """(m,) the steps at which held-out documents were measured."""
    fvu: np.ndarray
    """(m,)"""
    density: np.ndarray | None
    """(25,) features by density at the last measurement; None before the first."""
    density_step: int | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was measured yet."""
        return not len(self.step)


def arrays_of(steps: Iterable[TrainingStep]) -> RunCurve:
    """The arrays of a curve."""
    growing = GrowingCurve()
    growing.add(steps)
    return growing.curve()


class GrowingCurve:
    """The curve of a running training; a new point costs the same however long the curve is."""

    def __init__(self) -> None:
        self._points = _Columns(5)
        self._measured = _Columns(2)
        self._density: np.ndarray | None = None
        self._density_step: int | None = None
        self._made: RunCurve | None = None
        self._speed = SpeedOfLastPoints()

    def __len__(self) -> int:
        return len(self._points)

    def add(self, steps: Iterable[TrainingStep]) -> None:
        """New points, in order."""
        for step in steps:
            self._made = None
            speed = self._speed.add(step)
            self._points.append(
                step.step,
                step.reconstruction_loss,
                step.l0,
                100 * step.dead_share,
                speed,
            )
            if step.fvu is not None:
                self._measured.append(step.step, step.fvu)
            if step.density is not None:
                self._density = np.asarray(step.density, np.float64)
                self._density_step = step.step

    @property
    def seconds(self) -> float:
        """Time spent training, pauses left out."""
        return self._speed.seconds

    def curve(self) -> RunCurve:
        """The curve so far; the same object until it grows."""
        if self._made is None:
            step, loss, l0, dead, speed = self._points.columns()
            fvu_step, fvu = self._measured.columns()
            density = self._density
            self._made = RunCurve(
                step, loss, l0, dead, speed, fvu_step, fvu, density, self._density_step
            )
        return self._made


class SpeedOfLastPoints:
    """Documents over seconds of the last points, because a single one wavers."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """In all."""
        self._points: deque[tuple[int, float]] = deque([(0, 0.0)], POINTS_OF_A_SPEED + 1)

    def add(self, step: TrainingStep) -> float:
        """Takes the next point; documents per second up to it."""
        before = self._points[-1][0]
        self.seconds += (step.examples - before) / max(step.examples_per_second, 1e-9)
        self._points.append((step.examples, self.seconds))
        (first, then), (last, now) = self._points[0], self._points[-1]
        return (last - first) / max(now - then, 1e-9)


class _Columns:
    """Columns of float64 that grow by doubling."""

    def __init__(self, count: int) -> None:
        self._values = np.empty((count, 256))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, *values: float) -> None:
        if self._length == self._values.shape[1]:
            self._values = np.concatenate([self._values, np.empty_like(self._values)], axis=1)
        self._values[:, self._length] = values
        self._length += 1

    def columns(self) -> list[np.ndarray]:
        return list(self._values[:, : self._length])
