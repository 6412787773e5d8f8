"""Features that nearly repeat another one: by their direction, or by their strongest documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from saedesk.features.exemplars import strongest_documents
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import Progress, TaskControl

SAME_DIRECTION = 0.95
"""Two features whose decoders have a larger cosine are near-duplicates."""
STRONGEST = 10
"""Documents of a feature that are compared."""
SHARED = 8
"""Two features that share so many of them are near-duplicates."""

_COSINES_AT_ONCE = 4_000_000
"""16 MB of float32."""
_FEATURES_AT_ONCE = 500


@dataclass(frozen=True)
class NearDuplicate:
    """A feature that can be hidden, because another one says the same."""

    latent: int
    of: int
    """The feature that it nearly repeats, which stays."""
    cosine: float
    """Of the two decoders."""
    shared: int
    """How many of the ten strongest documents of either are also those of the other."""


def near_duplicates(
    directions: np.ndarray, activations: SparseActivations, worth: np.ndarray, control: TaskControl
) -> list[NearDuplicate]:
    """Features to hide and what they repeat, by number.

    directions: (m, d) float32, rows of length 1. worth: (m,) any number by which features are
    ranked; of two near-duplicates the one with more stays, among equals the first. A feature is
    never said to repeat one that is to be hidden itself. Features that are active in fewer than
    ten documents are compared by direction alone, those never active not at all.
    """
    strongest = _strongest_sets(activations, control)
    near: dict[int, set[int]] = defaultdict(set)
    for first, second in _same_documents(strongest, control):
        near[first].add(second)
        near[second].add(first)
    for first, second in _same_direction(directions, strongest, control):
        near[first].add(second)
        near[second].add(first)
    found: list[NearDuplicate] = []
    stays: set[int] = set()
    for latent in sorted(near, key=lambda i: (-float(worth[i]), i)):
        kept = sorted(near[latent] & stays)
        if not kept:
            stays.add(latent)
            continue
        cosines = directions[kept] @ directions[latent]
        best = int(np.argmax(cosines))
        shared = len(strongest[latent] & strongest[kept[best]])
        found.append(NearDuplicate(latent, kept[best], float(cosines[best]), shared))
    return sorted(found, key=lambda one: one.latent)


def _strongest_sets(activations: SparseActivations, control: TaskControl) -> list[frozenset[int]]:
    """Rows of the strongest documents of every feature."""
    sets = []
    for latent in range(activations.n_latents):
        if latent % _FEATURES_AT_ONCE == 0:
            control.checkpoint()
            control.report(Progress(latent, 2 * activations.n_latents, "features"))
        rows, _ = strongest_documents(activations, latent, STRONGEST)
        sets.append(frozenset(rows.tolist()))
    return sets


def _same_documents(
    strongest: list[frozenset[int]], control: TaskControl
) -> Iterator[tuple[int, int]]:
    """Pairs that share enough documents.

    Two sets of ten that share eight share one of the first three in any order of all documents
    (prefix filtering, Chaudhuri et al. 2006); with the rarest first, few others do.
    """
    counts: dict[int, int] = defaultdict(int)
    for rows in strongest:
        for row in rows:
            counts[row] += 1
    by_prefix: dict[int, list[int]] = defaultdict(list)
    for latent, rows in enumerate(strongest):
        if latent % _FEATURES_AT_ONCE == 0:
            control.checkpoint()
        if len(rows) < STRONGEST:
            continue
        rarest = sorted(rows, key=lambda row: (counts[row], row))[: STRONGEST - SHARED + 1]
        candidates = {other for row in rarest for other in by_prefix[row]}
        for other in sorted(candidates):
            if len(rows & strongest[other]) >= SHARED:
                yield other, latent
        for row in rarest:
            by_prefix[row].append(latent)


def _same_direction(
    directions: np.ndarray, strongest: list[frozenset[int]], control: TaskControl
) -> Iterator[tuple[int, int]]:
    """Pairs of features that are active somewhere and point the same way."""
    active = np.array([bool(rows) for rows in strongest])
    count = len(directions)
    at_once = max(1, _COSINES_AT_ONCE // max(1, count))
    for start in range(0, count, at_once):
        control.checkpoint()
        control.report(Progress(count + start, 2 * count, "features"))
        block = np.asarray(directions[start : start + at_once], np.float32)
        rows, columns = np.nonzero(block @ directions[start:].T > SAME_DIRECTION)
        first, second = rows + start, columns + start
        wanted = (first < second) & active[first] & active[second]
        yield from zip(first[wanted].tolist(), second[wanted].tolist(), strict=True)
