"""Sums over the pairs inside and outside the families of a grouping, gathered latent by latent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.features.families.family_tree import FeatureFamily
from saedesk.features.families.pair_walk import PairWalk


class GroupingSums:
    """What the measures of a grouping are made of; filled by `add`, read afterwards."""

    def __init__(
        self,
        families: Sequence[FeatureFamily],
        usable: np.ndarray,
        shuffle: np.random.Generator | None = None,
    ) -> None:
        """`usable` (n_latents,) bool holds every member.

        With `shuffle` usable features change places at random, so that the grouping is a random
        one with the same sizes and overlaps.
        """
        own = np.arange(len(usable))
        if shuffle is not None:
            own[usable] = shuffle.permutation(own[usable])
        self.families = len(families)
        self.usable = int(usable.sum())
        self._members = [own[list(one.members)] for one in families]
        self._roots = np.array([int(own[one.root]) for one in families], np.int64)
        self._families_of: dict[int, list[int]] = {}
        for number, members in enumerate(self._members):
            for latent in members.tolist():
                self._families_of.setdefault(latent, []).append(number)
        self._of_latent = np.zeros(len(usable))
        """Sum over all pairs of a latent, by latent."""
        self._with_root = np.zeros(self.families)
        self._below_root = np.zeros(self.families)
        self._all, self._inside = np.zeros(2), np.zeros(2)
        """Sums over all pairs and over those inside a family: W and D."""
        self._pairs_inside = self._count_pairs_inside()

    def _count_pairs_inside(self) -> int:
        twice = 0
        for latent, numbers in self._families_of.items():
            together = np.concatenate([self._members[number] for number in numbers])
            twice += len(np.unique(together)) - (latent in together)
        return twice // 2

    def add(
        self, walk: PairWalk, latent: int, shares: np.ndarray, similar: np.ndarray | None
    ) -> None:
        """Count the pairs of a latent with the denser ones; shares, similar: (m,) by place."""
        self._of_latent[latent] += shares.sum()
        self._of_latent[walk.ordered] += shares
        self._all[0] += shares.sum()
        if similar is not None:
            self._all[1] += similar.sum()
        numbers = self._families_of.get(latent, ())
        if not numbers:
            return
        everybody = []
        for number in numbers:
            places = walk.place[self._members[number]]
            places = places[places >= 0]
            everybody.append(places)
            total = float(shares[places].sum())
            root = int(self._roots[number])
            with_root = total if latent == root else float(shares[walk.place[root]])
            self._with_root[number] += with_root
            self._below_root[number] += total - with_root
        places = everybody[0] if len(everybody) == 1 else np.unique(np.concatenate(everybody))
        self._inside[0] += shares[places].sum()
        if similar is not None:
            self._inside[1] += similar[places].sum()

    def pairs_below_root(self, number: int) -> int:
        """Pairs of two features below the root of a family."""
        size = len(self._members[number]) - 1
        return size * (size - 1) // 2

    def with_root(self, number: int) -> float:
        """Mean share of the root of a family with a feature below it."""
        return _mean(self._with_root[number], len(self._members[number]) - 1)

    def below_root(self, number: int) -> float:
        """Mean share of two features below the root."""
        return _mean(self._below_root[number], self.pairs_below_root(number))

    def inside_of(self, number: int) -> float:
        """Mean share of two members of a family."""
        size = len(self._members[number])
        total = self._with_root[number] + self._below_root[number]
        return _mean(total, size * (size - 1) // 2)

    def outside_of(self, number: int) -> float:
        """Mean share of a member and a usable feature that is no member."""
        members = self._members[number]
        inside = self._with_root[number] + self._below_root[number]
        total = self._of_latent[members].sum() - 2 * inside
        return _mean(total, len(members) * (self.usable - len(members)))

    def inside(self) -> float:
        """Mean share over the pairs that are together in a family."""
        return _mean(self._inside[0], self._pairs_inside)

    def across(self) -> float:
        """Mean share over all other pairs of usable features."""
        return _mean(self._all[0] - self._inside[0], self._pairs_across)

    def inside_similarity(self) -> float:
        """Mean cosine of activations over the pairs that are together in a family."""
        return _mean(self._inside[1], self._pairs_inside)

    def across_similarity(self) -> float:
        """Mean cosine of activations over all other pairs."""
        return _mean(self._all[1] - self._inside[1], self._pairs_across)

    @property
    def _pairs_across(self) -> int:
        return self.usable * (self.usable - 1) // 2 - self._pairs_inside


def _mean(total: float, pairs: int) -> float:
    # Sums of floats may miss 0 by their rounding.
    return max(0.0, float(total) / pairs) if pairs else 0.0
