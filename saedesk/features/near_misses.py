"""Documents nearest to a vector, and near-misses: silent documents that lie where a feature fires.

A near-miss is a document in which the feature is silent although its vector is close to the mean
of the vectors of the feature's documents, weighted by activation. Cosines are exact; where the
corpus is larger than a scan may take, a seeded sample of it is scanned and the answer says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from saedesk.features.document_pages import silent_not
from saedesk.features.mapped_arrays import read_ahead
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import TaskControl, Unattended

VALUES_SCANNED = 100_000 * 384
"""Vectors are read up to so many values, 154 MB: 100,000 documents of width 384."""
ACTIVE_READ = 256
"""Active documents the mean is taken over; of more, so many are drawn. Each is a place of its own
on a cold disk."""
MOST_NEAR_MISSES = 1_000
"""Of one feature, to page through."""
Proposes = Callable[[np.ndarray], np.ndarray]
"""A vector (d,) -> rows that lie near it with high probability."""
_VALUES_AT_ONCE = 2**21
_BLOCK = 64
"""Rows of a sample that lie side by side, so that a cold disk reads few places."""


@dataclass(frozen=True, eq=False)
class NearMisses:
    """Silent documents, nearest first."""

    rows: np.ndarray
    """(c,) int64."""
    cosines: np.ndarray
    """(c,) float32: with the weighted mean of the active documents' unit vectors."""
    searched: int
    """Silent documents whose cosine was taken."""
    silent: int
    """All silent documents; more than `searched` where a sample was searched."""
    proposed: int
    """Among those searched, documents that an index proposed."""
    active_read: int
    """Active documents in the mean."""


def near_misses(
    vectors: np.ndarray,
    activations: SparseActivations,
    latent: int,
    *,
    bad_rows: np.ndarray | None = None,
    seed: int = 0,
    most: int = MOST_NEAR_MISSES,
    index: Proposes | None = None,
    control: TaskControl | None = None,
) -> NearMisses:
    """Near-misses of a feature, ties by row; none for one that fires nowhere.

    vectors: (n_documents, d), rows as in `activations`; bad_rows: rows without a usable vector.
    All silent documents are compared where they are at most VALUES_SCANNED/d, else as many in
    blocks spread evenly over the corpus and drawn by `seed`, with what `index` proposes.
    """
    left_out = silent_not(activations, latent, bad_rows)
    silent = activations.n_documents - len(left_out)
    mean, read = feature_mean(vectors, activations, latent, seed=seed)
    if not silent or not np.linalg.norm(mean) > 0:
        return NearMisses(np.zeros(0, np.int64), np.zeros(0, np.float32), 0, silent, 0, read)
    n_scanned = max(1, VALUES_SCANNED // vectors.shape[1])
    rows = sampled_rows(activations.n_documents, n_scanned, seed)
    proposed = np.zeros(0, np.int64)
    if index is not None and len(rows) < activations.n_documents:
        proposed = _without(np.unique(np.asarray(index(mean), np.int64)), left_out)
        rows = np.union1d(rows, proposed)
    rows = _without(rows, left_out)
    found, cosines = closest_rows(vectors, mean, most, rows=rows, control=control)
    return NearMisses(found, cosines, len(rows), silent, len(proposed), read)


def feature_mean(
    vectors: np.ndarray, activations: SparseActivations, latent: int, *, seed: int = 0
) -> tuple[np.ndarray, int]:
    """Mean (d,) float32 of the unit vectors of a feature's documents, weighted by activation.

    Also how many documents it was taken over: up to ACTIVE_READ, drawn by `seed` of more.
    """
    rows, values = activations.latent(latent)
    if len(rows) > ACTIVE_READ:
        drawn = np.random.default_rng((seed, latent)).choice(len(rows), ACTIVE_READ, replace=False)
        # Sorted by row, so that the vectors are read in the order in which they are stored.
        drawn = drawn[np.argsort(rows[drawn], kind="stable")]
        rows, values = rows[drawn], values[drawn]
    if not len(rows):
        return np.zeros(vectors.shape[1], np.float32), 0
    read_ahead(vectors, np.sort(rows))
    part = np.asarray(vectors[rows], np.float32)
    with np.errstate(all="ignore"):
        weights = np.asarray(values, np.float32) / np.linalg.norm(part, axis=1)
    weights[~np.isfinite(weights)] = 0.0
    part[weights == 0.0] = 0.0
    mean = weights @ part / np.float32(np.sum(values, dtype=np.float64))
    return np.asarray(mean, np.float32), len(rows)


def closest_rows(
    vectors: np.ndarray,
    query: np.ndarray,
    count: int,
    *,
    rows: np.ndarray | None = None,
    left_out: np.ndarray | None = None,
    control: TaskControl | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The `count` rows (int64) with the largest cosine to `query` (d,), and these (float32).

    Nearest first, ties by row. Of all rows or of `rows` (ascending), without those `left_out`;
    rows that are zero or not finite are never near. Read in pieces of some 8 MB.
    """
    control = control or Unattended()
    query = np.asarray(query, np.float32)
    query = query / np.linalg.norm(query)
    total = len(vectors) if rows is None else len(rows)
    cosines = np.empty(total, np.float32)
    at_once = max(1, _VALUES_AT_ONCE // vectors.shape[1])
    if rows is not None:
        read_ahead(vectors, rows)
    for start in range(0, total, at_once):
        control.checkpoint()
        stop = min(start + at_once, total)
        part = vectors[start:stop] if rows is None else vectors[rows[start:stop]]
        part = np.asarray(part, np.float32)
        with np.errstate(all="ignore"):
            norms = np.sqrt(np.einsum("ij,ij->i", part, part))
            cosines[start:stop] = (part @ query) / norms
    cosines[~np.isfinite(cosines)] = -np.inf
    if left_out is not None and len(left_out):
        places = left_out if rows is None else np.flatnonzero(np.isin(rows, left_out))
        cosines[np.asarray(places, np.int64)] = -np.inf
    best = _best(cosines, count)
    return (best if rows is None else np.asarray(rows, np.int64)[best]), cosines[best]


def sampled_rows(total: int, most: int, seed: int) -> np.ndarray:
    """All rows (int64, ascending), or about `most` in short blocks spread evenly over them.

    The corpus is cut into equal stretches, one block drawn by `seed` in each.
    """
    if total <= most:
        return np.arange(total)
    n_blocks = max(1, most // _BLOCK)
    starts = np.linspace(0, total, n_blocks + 1).astype(np.int64)
    room = np.maximum(np.diff(starts) - _BLOCK, 0)
    first = starts[:-1] + np.random.default_rng(seed).integers(0, room + 1)
    rows = (first[:, None] + np.arange(_BLOCK)).ravel()
    return np.unique(rows[rows < total])


def _without(rows: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Ascending rows that are not among the ascending `left_out`."""
    if not len(left_out):
        return rows
    place = np.minimum(np.searchsorted(left_out, rows), len(left_out) - 1)
    return rows[left_out[place] != rows]


def _best(cosines: np.ndarray, count: int) -> np.ndarray:
    if count < len(cosines):
        last_taken = np.partition(cosines, len(cosines) - count)[len(cosines) - count]
        chosen = np.flatnonzero(cosines >= last_taken)
    else:
        chosen = np.arange(len(cosines))
    chosen = chosen[np.isfinite(cosines[chosen])]
    return chosen[np.argsort(-cosines[chosen], kind="stable")][:count]
