"""Features near a feature: by the direction of their decoders, and by firing together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from saedesk.features.families.family_tree import FamilyEdge
from saedesk.features.sparse_activations import SparseActivations

ENTRIES_AT_ONCE = 1 << 20
"""Activations gathered at once; bounds memory to some 16 MB."""


def nearest_by_direction(
    decoder: np.ndarray, latent: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Latents (int32) with the largest decoder cosine to `latent`, and the cosines (float32).

    decoder: (m, d) rows of length 1. The latent itself is left out; ties by number.
    """
    cosines = np.asarray(decoder @ decoder[latent], np.float32)
    cosines[latent] = -np.inf
    return _largest(cosines, min(count, len(cosines) - 1))


def nearest_and_opposed(
    directions: np.ndarray, latent: int, count: int
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Latents (int32) and cosines (float32) with the largest and with the smallest cosine.

    directions: (m, d) rows of length 1. Both without the latent itself, ties by number; the most
    opposed first.
    """
    cosines = np.asarray(directions @ directions[latent], np.float32)
    count = min(count, len(cosines) - 1)
    cosines[latent] = -np.inf
    nearest = _largest_few(cosines, count)
    cosines[latent] = np.inf
    opposed = _largest_few(-cosines, count)
    return (
        (nearest.astype(np.int32), cosines[nearest]),
        (opposed.astype(np.int32), cosines[opposed]),
    )


def relatives(
    edges: Iterable[FamilyEdge], latent: int
) -> tuple[tuple[FamilyEdge, ...], tuple[FamilyEdge, ...]]:
    """The edges to a latent's parents and those to its children, strongest first.

    edges: of families; others than the latent's are passed over. Ties by number. A pair that
    stands in several families, made in several passes, is told once with its largest weight.
    """
    strongest: dict[tuple[int, int], FamilyEdge] = {}
    for edge in edges:
        pair = (edge.parent, edge.child)
        if latent in pair and (pair not in strongest or strongest[pair].weight < edge.weight):
            strongest[pair] = edge
    ranked = sorted(strongest.values(), key=lambda edge: (-edge.weight, edge.parent, edge.child))
    return (
        tuple(edge for edge in ranked if edge.child == latent),
        tuple(edge for edge in ranked if edge.parent == latent),
    )


def active_together(
    activations: SparseActivations, latent: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Latents (int32) that fire most often where `latent` fires, and how often.

    The share (float32) is that of this latent's documents in which the other fires too:
    P(other | latent), exact. Latents that never fire with it are left out; ties by number.
    """
    rows = np.sort(activations.latent(latent)[0])
    together = np.zeros(activations.n_latents, np.int64)
    if len(rows) == 0:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    starts = activations.document_offsets[rows]
    counts = activations.document_offsets[rows + np.int64(1)] - starts
    rows_at_once = max(1, ENTRIES_AT_ONCE // int(counts.max()))
    for first in range(0, len(rows), rows_at_once):
        part = counts[first : first + rows_at_once]
        ends = np.cumsum(part)
        gather = np.repeat(starts[first : first + rows_at_once] - ends + part, part)
        gather += np.arange(ends[-1])
        others = activations.document_latents[gather]
        together += np.bincount(others, minlength=activations.n_latents)
    together[latent] = 0
    return _largest((together / len(rows)).astype(np.float32), min(count, (together > 0).sum()))


def _largest_few(scores: np.ndarray, count: int) -> np.ndarray:
    """As `_largest`, without sorting all of a large dictionary."""
    if count <= 0:
        return np.empty(0, np.int64)
    last_taken = np.partition(scores, len(scores) - count)[len(scores) - count]
    chosen = np.flatnonzero(scores >= last_taken)
    return chosen[np.argsort(-scores[chosen], kind="stable")][:count]


def _largest(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-scores, kind="stable")[:count]
    return order.astype(np.int32), scores[order]
