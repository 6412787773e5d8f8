"""Vectors turned to their widest directions: their first numbers tell most of a product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.search.exact_scores import ExactScores
from saedesk.task_control import TaskControl

SAMPLE = 40_000
"""Vectors that the principal components are found from."""
ROWS_AT_ONCE = 4_096
LARGEST = 127
"""No code in int8 is farther from 0."""


@dataclass(frozen=True, eq=False)
class Turning:
    """How a vector becomes a code."""

    mean: np.ndarray
    """Of the vectors at length 1, (d,) float32."""
    basis: np.ndarray
    """Their principal directions, widest first, (d, h + t) float32, orthonormal columns."""
    scale: float
    """What a component is multiplied with before it is rounded to a code in int8."""

    @classmethod
    def fit(cls, exact: ExactScores, width: int, control: TaskControl, seed: int = 0) -> Turning:
        """From a sample of the vectors of `exact` that can be found."""
        rows = np.flatnonzero(exact.searchable)
        if len(rows) > SAMPLE:
            rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
        dim = exact.vectors.shape[1]
        total, squares = np.zeros(dim), np.zeros((dim, dim))
        for start in range(0, len(rows), ROWS_AT_ONCE):
            control.checkpoint()
            unit = exact.unit_vectors(rows[start : start + ROWS_AT_ONCE])
            total += unit.sum(axis=0)
            squares += unit.T @ unit
        mean = total / max(1, len(rows))
        covariance = squares / max(1, len(rows)) - np.outer(mean, mean)
        control.checkpoint()
        _, directions = np.linalg.eigh(covariance)
        basis = np.ascontiguousarray(directions[:, ::-1][:, :width], dtype=np.float32)
        turning = cls(mean.astype(np.float32), basis, 1.0)
        longest = 0.0
        for start in range(0, len(rows), ROWS_AT_ONCE):
            control.checkpoint()
            unit = exact.unit_vectors(rows[start : start + ROWS_AT_ONCE])
            longest = max(longest, float(np.abs(turning.of(unit)).max()))
        return cls(turning.mean, basis, LARGEST / longest if longest > 0.0 else 1.0)

    def of(self, unit_vectors: np.ndarray) -> np.ndarray:
        """Components (m, h + t) float32 of vectors (m, d) at length 1."""
        components: np.ndarray = (unit_vectors - self.mean) @ self.basis
        return components
