"""Documents that show what a latent responds to: the strongest, a range, a band, at random.

Every function returns (rows int32, values float32), strongest first.
"""

from __future__ import annotations

import numpy as np

from saedesk.features.sparse_activations import SparseActivations

RowsAndValues = tuple[np.ndarray, np.ndarray]


def strongest_documents(
    activations: SparseActivations, latent: int, count: int, start: int = 0
) -> RowsAndValues:
    """The `count` strongest documents of a latent after the first `start`; fewer at the end."""
    rows, values = activations.latent(latent)
    return rows[start : start + count], values[start : start + count]


def documents_in_range(
    activations: SparseActivations, latent: int, low: float, high: float
) -> RowsAndValues:
    """Documents with low <= activation < high, as in a histogram's bin.

    The largest activation is included when `high` is equal to it, as in the last bin.
    """
    rows, values = activations.latent(latent)
    ascending = np.asarray(values, np.float64)[::-1]
    if len(ascending) == 0:
        return rows, values
    n_below_high = int(np.searchsorted(ascending, high, side="left"))
    if high == ascending[-1]:
        n_below_high = len(ascending)
    n_below_low = int(np.searchsorted(ascending, low, side="left"))
    part = slice(len(rows) - n_below_high, max(len(rows) - n_below_low, 0))
    return rows[part], values[part]


def random_active_documents(
    activations: SparseActivations, latent: int, count: int, seed: int
) -> RowsAndValues:
    """`count` documents drawn from all in which the latent fires; the same for the same seed."""
    rows, values = activations.latent(latent)
    return _drawn(rows, values, count, seed)


def quantile_band_documents(
    activations: SparseActivations,
    latent: int,
    low_q: float,
    high_q: float,
    count: int,
    seed: int,
) -> RowsAndValues:
    """`count` documents drawn from those whose activation lies between two quantiles.

    0 <= low_q <= high_q <= 1; quantiles are those of the active values, both ends included.
    Raises ValueError for other quantiles.
    """
    if not 0 <= low_q <= high_q <= 1:
        raise ValueError(f"quantiles must satisfy 0 <= low <= high <= 1, not {low_q}, {high_q}")
    rows, values = activations.latent(latent)
    if len(rows) == 0:
        return rows, values
    ascending = np.asarray(values, np.float64)[::-1]
    low, high = np.quantile(ascending, (low_q, high_q))
    first = len(rows) - int(np.searchsorted(ascending, high, side="right"))
    last = len(rows) - int(np.searchsorted(ascending, low, side="left"))
    return _drawn(rows[first:last], values[first:last], count, seed)


def _drawn(rows: np.ndarray, values: np.ndarray, count: int, seed: int) -> RowsAndValues:
    if count >= len(rows):
        return rows, values
    chosen = np.sort(np.random.default_rng(seed).choice(len(rows), count, replace=False))
    return rows[chosen], values[chosen]
