"""The curve of a run as arrays, ready to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.sae.training_curve import TrainingStep

POINTS_OF_A_SPEED = 9
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


def arrays_of(steps: Sequence[TrainingStep]) -> RunCurve:
    """The arrays of a curve."""
    measured = [step for step in steps if step.fvu is not None]
    dense = next((step for step in reversed(steps) if step.density is not None), None)
    return RunCurve(
        step=_column(steps, "step"),
        loss=_column(steps, "reconstruction_loss"),
        l0=_column(steps, "l0"),
        dead=100 * _column(steps, "dead_share"),
        speed=_smooth_speed(steps),
        fvu_step=_column(measured, "step"),
        fvu=_column(measured, "fvu"),
        density=None if dense is None else np.asarray(dense.density, np.float64),
        density_step=None if dense is None else dense.step,
    )


def _column(steps: Sequence[TrainingStep], name: str) -> np.ndarray:
    return np.array([getattr(step, name) for step in steps], np.float64)


def _smooth_speed(steps: Sequence[TrainingStep]) -> np.ndarray:
    """Documents over seconds of the last points up to each; (n,) float64."""
    examples = np.concatenate([[0.0], _column(steps, "examples")])
    speed = np.maximum(_column(steps, "examples_per_second"), 1e-9)
    seconds = np.concatenate([[0.0], np.cumsum(np.diff(examples) / speed)])
    here = np.arange(1, len(examples))
    before = np.maximum(here - POINTS_OF_A_SPEED, 0)
    return (examples[here] - examples[before]) / (seconds[here] - seconds[before])
