"""How often families and their edges return when the documents are drawn again.

A bootstrap over documents would count all pairs once for each replicate. Here documents fall into
random groups, the pairs are counted once by group, and a replicate draws groups with replacement,
so that any number of replicates costs one pass over the documents (the bootstrap of m random
blocks; Künsch 1989 has it for series). Only pairs that `co_occurrence` kept are counted: one that
reaches a threshold of .07 in a replicate has as good as never less than .05 in all documents. Of
these the ones are left out that could hardly become an edge with the settings (`could_be_edges`),
and where the rest are more than MOST_CELLS allows there are fewer groups.
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
need more memory."""
FEWEST_GROUPS = 8
"""With fewer, one replicate in a hundred would be made of two groups only."""
MOST_CELLS = 1 << 29
"""Pairs times groups at most: bounds the memory to 1 GB, or 2 GB where a group has more than
65,535 documents. 32 groups of 16 million pairs, 8 of 67 million; of more pairs those with the
smallest shares are left out."""
SLACK = 4.0
"""Standard deviations by which a pair may lie below the least threshold in all documents and still
be counted: in 1 of 30,000 replicates one from further below would reach it."""
_PAIRS_AT_ONCE = 1 << 18
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
    least = min(settings.threshold, settings.later_threshold)
    some = could_be_edges(found, settings, allowed)
    counted = GroupCounts.of(activations, some, rng, control)
    again = Recurrence(families)
    for number in range(replicates):
        control.checkpoint()
        control.report(Progress(number, replicates, "draws", "Drawing the documents again"))
        groups = len(counted.documents)
        drawn = rng.multinomial(groups, np.full(groups, 1 / groups))
        again.add(find_families(counted.drawn(some, drawn, least), settings, allowed, control))
    return again.stability()


def could_be_edges(
    found: CoOccurrence,
    settings: FamilySettings,
    allowed: np.ndarray | None = None,
    most: int = MOST_CELLS // FEWEST_GROUPS,
) -> CoOccurrence:
    """The pairs that some draw of the documents may make an edge, at most so many.

    Left out are pairs of features that could not be in a family, or whose share lies more than
    SLACK standard deviations below the smallest threshold.
    """
    least = min(settings.threshold, settings.later_threshold)
    usable = np.ones(found.n_latents, bool) if allowed is None else allowed.copy()
    # Densities change from draw to draw, by as many standard deviations at most.
    counts = found.counts
    spread = SLACK * np.sqrt(counts)
    usable &= counts - spread <= settings.most_density * found.n_documents
    usable &= counts + spread >= settings.fewest_documents
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.float32))]
    for first in range(0, len(found.together), _PAIRS_AT_ONCE):
        part = slice(first, first + _PAIRS_AT_ONCE)
        fires = np.maximum(counts[found.rarer[part]], 1)
        share = found.together[part] / fires
        near = share + SLACK * np.sqrt(least * (1 - least) / fires) >= least
        near &= usable[found.rarer[part]] & usable[found.denser[part]]
        parts.append((first + np.flatnonzero(near), share[near].astype(np.float32)))
    kept, shares = (np.concatenate(column) for column in zip(*parts, strict=True))
    if len(kept) > most:
        kept = np.sort(kept[np.argpartition(-shares, most)[:most]])
    if len(kept) == len(found.together):
        return found
    rarer, denser, together = (
        np.asarray(one)[kept] for one in (found.rarer, found.denser, found.together)
    )
    return CoOccurrence(found.n_documents, counts, rarer, denser, together, found.keys)


def groups_for(pairs: int, most_cells: int = MOST_CELLS) -> int:
    """How many groups of documents so many pairs leave room for."""
    return int(min(GROUPS, max(FEWEST_GROUPS, most_cells // max(1, pairs))))


@dataclass(frozen=True, eq=False)
class GroupCounts:
    """What fires together in each random group of documents."""

    documents: np.ndarray
    """(groups,) int64: documents in each."""
    counts: np.ndarray
    """(n_latents, groups) int32: documents of each latent."""
    together: np.ndarray
    """(n_pairs, groups) uint8, uint16 or uint32, as a group needs: documents of each pair of
    `CoOccurrence`, in its order."""

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
        groups = groups_for(len(found.together))
        group = (rng.permutation(activations.n_documents) % groups).astype(np.int16)
        largest = -(-activations.n_documents // groups)
        ordered = np.argsort(found.order())
        walk = PairWalk(activations, ordered[found.counts[ordered] > 0], control)
        counts = np.zeros((found.n_latents, groups), np.int32)
        together = np.zeros((len(found.together), groups), np.min_scalar_type(largest))
        by_rarer = np.argsort(found.rarer, kind="stable")
        first = np.searchsorted(found.rarer[by_rarer], np.arange(found.n_latents + 1))
        column = np.full(len(walk.ordered), -1, np.int64)
        for tails in walk:
            of_rows = group[tails.rows]
            counts[tails.latent] = np.bincount(of_rows, minlength=groups)
            pairs = by_rarer[first[tails.latent] : first[tails.latent + 1]]
            if not len(pairs):
                continue
            others = walk.place[found.denser[pairs]]
            column[others] = np.arange(len(others)) * groups
            cells = np.zeros(len(others) * groups, np.int64)
            for part, slots in tails.slots():
                columns = column[walk.places[slots]]
                of_slots = np.repeat(of_rows[part], tails.lengths[part])
                kept = columns >= 0
                cells += np.bincount((columns + of_slots)[kept], minlength=len(cells))
            together[pairs] = cells.reshape(len(others), groups)
            column[others] = -1
        return cls(np.bincount(group, minlength=groups), counts, together)

    def drawn(self, found: CoOccurrence, times: np.ndarray, least: float) -> CoOccurrence:
        """Co-occurrence of the documents when each group is there so many `times` (groups,).

        Without the pairs below `least`, of which no choice of weight makes an edge.
        """
        counts = (self.counts @ times).astype(np.int64)
        together = self._drawn_pairs(times)
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

    def _drawn_pairs(self, times: np.ndarray) -> np.ndarray:
        """(n_pairs,) int32, block by block: a product makes wider numbers of what it multiplies."""
        together = np.empty(len(self.together), np.int32)
        for first in range(0, len(together), _PAIRS_AT_ONCE):
            part = slice(first, first + _PAIRS_AT_ONCE)
            together[part] = self.together[part].astype(np.int32) @ times.astype(np.int32)
        return together


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
