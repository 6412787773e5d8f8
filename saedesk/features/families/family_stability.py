"""How often families and their edges return when the documents are drawn again.

A bootstrap over documents would count all pairs once for each replicate. Here documents fall into
random groups, the pairs are counted once by group, and a replicate draws groups with replacement,
so that any number of replicates costs one pass over the documents (the bootstrap of m random
blocks; Künsch 1989 has it for series). Only pairs that `co_occurrence` kept are counted: one that
reaches a threshold of .07 in a replicate has as good as never less than .05 in all documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.features.families.co_occurrence import CoOccurrence
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily, find_families
from saedesk.features.families.pair_walk import PairWalk
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import Progress, TaskControl, Unattended

GROUPS = 32
"""Groups of documents. The spread of a sum over 32 groups is known within an eighth; more groups
need more memory, 4 bytes per pair and group."""
SAME_FAMILY = 0.5
"""Jaccard of the members from which a family is there again: at more than a half no two families
that do not overlap can both be the one."""


@dataclass(frozen=True)
class FamilyStability:
    """Shares of the replicates, 0 to 1, in the order of the families and of their edges."""

    replicates: int
    edges: tuple[tuple[float, ...], ...]
    """Of each family, by edge: replicates in which some family has it, in the same direction."""
    families: tuple[float, ...]
    """Replicates that have a family with at least half of all members in common (Jaccard)."""
    overlaps: tuple[float, ...]
    """Mean over the replicates of the best Jaccard."""


def bootstrap_families(
    activations: SparseActivations,
    found: CoOccurrence,
    families: Sequence[FeatureFamily],
    settings: FamilySettings,
    control: TaskControl | None = None,
    *,
    replicates: int = 20,
    seed: int = 0,
    allowed: np.ndarray | None = None,
) -> FamilyStability:
    """Find the families in `replicates` random draws of the documents.

    found: counted on the same activations; families: found from it with `settings` and `allowed`,
    perhaps edited. The same seed gives the same result. Raises Cancelled.
    """
    control = control or Unattended()
    rng = np.random.default_rng(seed)
    counted = GroupCounts.of(activations, found, rng, control)
    again = Recurrence(families)
    least = min(settings.threshold, settings.later_threshold)
    for number in range(replicates):
        control.checkpoint()
        control.report(Progress(number, replicates, "draws", "Drawing the documents again"))
        drawn = rng.multinomial(GROUPS, np.full(GROUPS, 1 / GROUPS))
        again.add(find_families(counted.drawn(found, drawn, least), settings, allowed))
    return again.stability()


@dataclass(frozen=True, eq=False)
class GroupCounts:
    """What fires together in each random group of documents."""

    documents: np.ndarray
    """(GROUPS,) int64: documents in each."""
    counts: np.ndarray
    """(n_latents, GROUPS) int32: documents of each latent."""
    together: np.ndarray
    """(n_pairs, GROUPS) int32: documents of each pair of `CoOccurrence`, in its order."""

    @classmethod
    def of(
        cls,
        activations: SparseActivations,
        found: CoOccurrence,
        rng: np.random.Generator,
        control: TaskControl,
    ) -> GroupCounts:
        """One pass over the documents; raises Cancelled."""
        # Groups of the same size, so that a draw of groups has nearly as many documents as all.
        group = rng.permutation(activations.n_documents) % GROUPS
        ordered = np.argsort(found.order())
        walk = PairWalk(activations, ordered[found.counts[ordered] > 0], control)
        counts = np.zeros((found.n_latents, GROUPS), np.int32)
        together = np.zeros((len(found.together), GROUPS), np.int32)
        by_rarer = np.argsort(found.rarer, kind="stable")
        first = np.searchsorted(found.rarer[by_rarer], np.arange(found.n_latents + 1))
        column = np.full(len(walk.ordered), -1, np.int64)
        for tails in walk:
            of_rows = group[tails.rows]
            counts[tails.latent] = np.bincount(of_rows, minlength=GROUPS)
            pairs = by_rarer[first[tails.latent] : first[tails.latent + 1]]
            if not len(pairs):
                continue
            others = walk.place[found.denser[pairs]]
            column[others] = np.arange(len(others)) * GROUPS
            cells = np.zeros(len(others) * GROUPS, np.int64)
            for part, slots in tails.slots():
                columns = column[walk.places[slots]]
                groups = np.repeat(of_rows[part], tails.lengths[part])
                kept = columns >= 0
                cells += np.bincount((columns + groups)[kept], minlength=len(cells))
            together[pairs] = cells.reshape(len(others), GROUPS)
            column[others] = -1
        return cls(np.bincount(group, minlength=GROUPS), counts, together)

    def drawn(self, found: CoOccurrence, times: np.ndarray, least: float) -> CoOccurrence:
        """Co-occurrence of the documents when each group is there so many `times` (GROUPS,).

        Without the pairs below `least`, of which no choice of weight makes an edge.
        """
        counts = (self.counts @ times).astype(np.int64)
        together = (self.together @ times).astype(np.int32)
        drawn = CoOccurrence(
            int(self.documents @ times), counts, found.rarer, found.denser, together, found.keys
        )
        # Of two features that are about as dense, the other one may be the denser one now.
        order = drawn.order()
        turned = order[found.rarer] > order[found.denser]
        rarer = np.where(turned, found.denser, found.rarer)
        denser = np.where(turned, found.rarer, found.denser)
        some = (together > 0) & (together >= least * (counts[rarer] + 1))
        return CoOccurrence(
            drawn.n_documents, counts, rarer[some], denser[some], together[some], found.keys
        )


class Recurrence:
    """Which of some families, and of their edges, are there in others, over many others."""

    def __init__(self, families: Sequence[FeatureFamily]) -> None:
        self._families = families
        self._edges = [np.zeros(len(one.edges)) for one in families]
        self._there = np.zeros(len(families))
        self._overlaps = np.zeros(len(families))
        self._replicates = 0

    def add(self, others: Sequence[FeatureFamily]) -> None:
        """Compare with the families of one more draw."""
        self._replicates += 1
        edges = {(edge.parent, edge.child) for one in others for edge in one.edges}
        for number, one in enumerate(self._families):
            self._edges[number] += [(edge.parent, edge.child) in edges for edge in one.edges]
        best = best_overlaps(
            [one.members for one in self._families], [one.members for one in others]
        )
        self._overlaps += best
        self._there += best >= SAME_FAMILY

    def stability(self) -> FamilyStability:
        """The shares over what was added."""
        total = max(1, self._replicates)
        return FamilyStability(
            self._replicates,
            tuple(tuple((one / total).tolist()) for one in self._edges),
            tuple((self._there / total).tolist()),
            tuple((self._overlaps / total).tolist()),
        )


def best_overlaps(families: Sequence[Sequence[int]], others: Sequence[Sequence[int]]) -> np.ndarray:
    """(families,) float64: the best Jaccard of the members of each with those of another one."""
    best = np.zeros(len(families))
    of_latent: dict[int, list[int]] = {}
    for number, members in enumerate(others):
        for latent in members:
            of_latent.setdefault(latent, []).append(number)
    for number, members in enumerate(families):
        shared: dict[int, int] = {}
        for latent in members:
            for other in of_latent.get(latent, ()):
                shared[other] = shared.get(other, 0) + 1
        for other, both in shared.items():
            either = len(members) + len(others[other]) - both
            best[number] = max(best[number], both / either)
    return best
