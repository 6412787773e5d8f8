"""How the documents are spread in every direction, so that differences can be told from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from saedesk.search.exact_scores import single_precision
from saedesk.task_control import TaskControl, Unattended

SAMPLE = 20_000
"""Documents the spread is taken from, evenly from all: more do not change it, and the time and
memory stay those of so many, 0.2 s at 384 dimensions and 3 s at 1,536."""
SHRINKAGE = 0.5
"""Share of the spread that is taken to be the same in every direction."""
ROWS_AT_ONCE = 500


class Whitening:
    """The mean and the covariance of documents at length 1, ready to divide by.

    Taken when they are first needed, or before that by `prepare`.
    """

    def __init__(self, vectors: np.ndarray, inverse_norms: np.ndarray) -> None:
        """`vectors` (n, d); rows whose inverse norm (n,) is 0 are left out."""
        self._vectors, self._inverse_norms = vectors, inverse_norms
        self._steps = self._take()
        self._mean: np.ndarray | None = None
        self._inverse: np.ndarray | None = None

    def prepare(self, control: TaskControl) -> None:
        """Take them, in pieces; after a cancel the next call goes on where this one stopped."""
        for _ in self._steps:
            control.checkpoint()

    @property
    def mean(self) -> np.ndarray:
        """The mean of the documents at length 1, (d,) float64."""
        self.prepare(Unattended())
        assert self._mean is not None
        return self._mean

    def direction(self, difference: np.ndarray) -> np.ndarray:
        """Σ⁻¹ difference at length 1, (d,) float64; zero for no difference."""
        self.prepare(Unattended())
        assert self._inverse is not None
        whitened: np.ndarray = self._inverse @ difference
        length = float(np.linalg.norm(whitened))
        return whitened / length if length > 0.0 else whitened

    def _take(self) -> Iterator[None]:
        rows = evenly(np.flatnonzero(self._inverse_norms > 0.0), SAMPLE)
        width, count = self._vectors.shape[1], max(1, len(rows))
        total, products = np.zeros(width), np.zeros((width, width))
        for start in range(0, len(rows), ROWS_AT_ONCE):
            piece = rows[start : start + ROWS_AT_ONCE]
            unit = single_precision(self._vectors[piece]) * self._inverse_norms[piece, None]
            total += unit.sum(axis=0, dtype=np.float64)
            products += unit.T @ unit
            yield
        mean = total / count
        spread = products / count - np.outer(mean, mean)
        same = SHRINKAGE * max(float(np.trace(spread)) / width, 1e-12)
        spread *= 1.0 - SHRINKAGE
        spread[np.diag_indices(width)] += same
        yield
        # The shrinkage keeps it far from singular, and one inverse serves every feature.
        self._mean, self._inverse = mean, np.linalg.inv(spread)


def evenly(rows: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows, evenly from all of them."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
