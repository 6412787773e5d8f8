"""The maximum spanning forest of pairs of latents, fast enough to follow a slider.

The pairs are sorted once, the strongest first, whatever the thresholds are; the forest is made by
Borůvka's method: each tree takes its strongest edge to another one, all trees at
once, until none has any. That is a handful of passes over the pairs in NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class RankedPairs:
    """Pairs of latents, the strongest first; no two have the same rank. Arrays are (n_pairs,)."""

    special: np.ndarray
    """int32: the rarer latent."""
    general: np.ndarray
    """int32: the denser one."""
    weights: np.ndarray
    """float64: what a threshold is compared with."""
    surprises: np.ndarray
    """float64: by how many standard deviations the pair is above chance."""
    made: dict[int, Any] = field(init=False, default_factory=dict, repr=False)
    """What was made of single pairs before, by their rank."""
    _likely: dict[float, np.ndarray] = field(init=False, default_factory=dict, repr=False)
    """The pairs that chance does not explain, by the surprise asked for last: often few in a
    hundred, and another threshold looks at these alone."""

    @classmethod
    def of(
        cls,
        special: np.ndarray,
        general: np.ndarray,
        numbers: tuple[np.ndarray, np.ndarray, np.ndarray],
        order: np.ndarray,
    ) -> RankedPairs:
        """Of pairs in any order, with their weights, strengths and surprises.

        order: (n_latents,) place of each latent by density. Of equal strengths the greater weight
        comes first, then the nearest general feature: a leaf that lies wholly within its branch
        lies wholly within the root too.
        """
        weights, strengths, surprises = numbers
        ranked = np.argsort(-strengths)
        in_order = strengths[ranked]
        is_same = in_order[1:] == in_order[:-1]
        tied = np.zeros(len(ranked), bool)
        tied[1:] |= is_same
        tied[:-1] |= is_same
        # Few are tied, and sorting by several keys takes several times as long.
        places = np.flatnonzero(tied)
        some = ranked[places]
        nearest = order[general[some]] * len(order) + (len(order) - 1 - order[special[some]])
        ranked[places] = some[np.lexsort((nearest, -weights[some], -strengths[some]))]
        return cls(special[ranked], general[ranked], weights[ranked], surprises[ranked])

    def forest(self, threshold: float, least_surprise: float, left: np.ndarray) -> np.ndarray:
        """(edges,) int64: which pairs make the maximum spanning forest, the strongest first.

        Of the latents `left` (n_latents,) bool, with the pairs whose weight is from `threshold`
        and whose surprise is from `least_surprise` upwards.
        """
        likely = self._likely.get(least_surprise)
        if likely is None:
            likely = np.flatnonzero(self.surprises >= least_surprise)
            self._likely.clear()
            self._likely[least_surprise] = likely
        pairs = likely[self.weights[likely] >= threshold]
        pairs = pairs[left[self.special[pairs]] & left[self.general[pairs]]]
        chosen = _strongest_forest(self.special[pairs], self.general[pairs], len(left))
        return np.asarray(pairs[chosen])


def _strongest_forest(first: np.ndarray, second: np.ndarray, n: int) -> np.ndarray:
    """(edges,) int64, ascending: the spanning forest of pairs that are sorted by strength."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    pairs = np.arange(len(first))
    chosen = [np.zeros(0, np.int64)]
    while len(pairs):
        places = np.arange(len(pairs))
        strongest = np.full(n, len(pairs))
        np.minimum.at(strongest, first, places)
        np.minimum.at(strongest, second, places)
        taken = np.unique(strongest[strongest < len(pairs)])
        chosen.append(pairs[taken])
        ends = (first[taken], second[taken])
        joined = csr_matrix((np.ones(len(taken), np.int8), ends), (n, n))
        n, tree = connected_components(joined, directed=False)
        first, second = tree[first], tree[second]
        apart = np.flatnonzero(first != second)
        pairs, first, second = pairs[apart], first[apart], second[apart]
    return np.sort(np.concatenate(chosen))
