"""Finding the rows of a matrix of vectors that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

VALUES_AT_ONCE = 4_000_000
"""16 MB of float32: a matrix on disk larger than memory is read piece by piece."""


@dataclass(frozen=True)
class BadRows:
    """Rows that no search and no training can use."""

    zero: np.ndarray
    """Ascending int64 rows in which every value is 0 (a failed call to an embedding service
    leaves such rows)."""
    not_finite: np.ndarray
    """Ascending int64 rows with a NaN or an infinity."""

    @property
    def count(self) -> int:
        """Bad rows in all; no row is in both lists."""
        return len(self.zero) + len(self.not_finite)


def find_bad_rows(vectors: np.ndarray) -> BadRows:
    """Zero and non-finite rows of (n, d) floating-point `vectors`, in memory or memory-mapped."""
    if vectors.ndim != 2:
        raise ValueError(f"vectors must be (n, d), not {vectors.shape}")
    at_once = max(1, VALUES_AT_ONCE // max(1, vectors.shape[1]))
    zero = [np.zeros(0, dtype=np.int64)]
    not_finite = [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(vectors), at_once):
        piece = np.asarray(vectors[start : start + at_once])
        zero.append(start + np.flatnonzero(~piece.any(axis=1)))
        not_finite.append(start + np.flatnonzero(~np.isfinite(piece).all(axis=1)))
    return BadRows(zero=np.concatenate(zero), not_finite=np.concatenate(not_finite))
