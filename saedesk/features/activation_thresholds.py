"""Counts and quantiles from a latent's values as they are stored, strongest first.

Everything is found by binary search in the mapped values: a threshold that is dragged over a
million documents reads some twenty numbers a step, and no array is copied.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from saedesk.features.sparse_activations import SparseActivations


def count_at_or_above(values: np.ndarray, threshold: float) -> int:
    """How many of the descending `values` (n,) are ≥ threshold; exact, compared in float64."""
    return bisect_right(values, -float(threshold), key=_negative)  # type: ignore[arg-type]


def documents_at_or_above(
    activations: SparseActivations, document_ids: np.ndarray, latent: int, threshold: float
) -> np.ndarray:
    """Ids (int64, ascending) of the documents whose activation is ≥ threshold.

    document_ids: (n_documents,) the document of each row. Silent documents have the activation
    0 and are never among them, whatever the threshold.
    """
    rows, values = activations.latent(latent)
    chosen = np.asarray(document_ids[rows[: count_at_or_above(values, threshold)]], np.int64)
    return np.sort(chosen)


def quantiles_of_sorted(values: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """Quantiles (q,) float64 of descending values (n,), interpolated; NaN where n is 0."""
    if len(values) == 0:
        return np.full(len(quantiles), np.nan)
    position = np.asarray(quantiles, np.float64) * (len(values) - 1)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, len(values) - 1)
    low = np.asarray(values[len(values) - 1 - below], np.float64)
    high = np.asarray(values[len(values) - 1 - above], np.float64)
    return low + (high - low) * (position - below)


def histogram_of_sorted(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Counts (b,) int64 of descending values between ascending edges (b + 1,).

    As numpy.histogram: a value on an edge belongs to the bin above it, one on the last edge to
    the last bin.
    """
    at_or_above = np.array([count_at_or_above(values, edge) for edge in edges], np.int64)
    at_or_above[-1] = count_at_or_above(values, np.nextafter(edges[-1], np.inf))
    return at_or_above[:-1] - at_or_above[1:]


def _negative(value: np.float32) -> float:
    return -float(value)
