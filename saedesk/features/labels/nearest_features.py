"""The features a label has to be told from: near by direction, or active in the same documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.features.sparse_activations import SparseActivations

BY_DIRECTION = 6
"""Features with the nearest decoder directions."""

BY_DOCUMENTS = 4
"""Features that are active in the documents read for a label more than elsewhere."""


def nearest_features(
    activations: SparseActivations,
    directions: np.ndarray | None,
    latents: Sequence[int],
    documents: Sequence[np.ndarray],
) -> list[tuple[int, ...]]:
    """For each of `latents` the features nearest to it, nearest first, itself left out.

    directions: (m, d) float32 rows of length 1, or None where they are not known. documents: for
    each latent the rows read for it; what else is active there, weighed by how rare it is, counts.
    """
    by_direction: list[list[int]] = [[] for _ in latents]
    if directions is not None:
        count = min(BY_DIRECTION + 1, len(directions))
        cosines = directions[np.asarray(latents, np.int64)] @ directions.T
        best = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1, kind="stable")
        by_direction = np.take_along_axis(best, order, axis=1).tolist()
    counts = np.diff(activations.latent_offsets)
    found = []
    for latent, near, rows in zip(latents, by_direction, documents, strict=True):
        together = _active_in(activations, rows, counts)
        near = [other for other in near if other != latent][:BY_DIRECTION]
        beside = [other for other in together if other != latent and other not in near]
        found.append((*near, *beside[:BY_DOCUMENTS]))
    return found


def _active_in(activations: SparseActivations, rows: np.ndarray, counts: np.ndarray) -> list[int]:
    """Latents active in these documents, those first that are active in many, though rare."""
    starts = activations.document_offsets[rows]
    lengths = activations.document_offsets[rows + np.int64(1)] - starts
    ends = np.cumsum(lengths)
    if len(ends) == 0 or ends[-1] == 0:
        return []
    places = np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1])
    others, times = np.unique(activations.document_latents[places], return_counts=True)
    weight = times / np.sqrt(np.maximum(counts[others], 1))
    best = np.argsort(-weight, kind="stable")[: BY_DIRECTION + BY_DOCUMENTS + 1]
    return [int(other) for other in others[best]]
