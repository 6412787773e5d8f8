"""From pairs of features that fire together to families (O'Neill et al. 2024, section 4.2).

    w_ij   share of documents of the rarer feature that has both (or the other choices of weight)
    tree   maximum spanning forest of the pairs with w_ij ≥ threshold that chance does not explain,
           by the lower end of the interval of w_ij
    edges  from the denser feature (general) to the rarer one (special)
    root   a feature with several features right below it; its family is all that lies below it
    then   all roots are taken away, the forest is made again with the later threshold, and so on

The steps are those of the released code; what it leaves to chance is decided so: the weight is
symmetric, where there it depends on the order of the list; shares of few documents count for less;
ties are settled by what the features
fire on, not by their numbers; a root's family ends nowhere early: features with few branches are
stepped over, so that a family further down is found whatever is above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

import numpy as np

from saedesk.features.families.co_occurrence import CoOccurrence
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.spanning_forest import RankedPairs
from saedesk.features.share_intervals import wilson_interval
from saedesk.task_control import TaskControl, Unattended


@dataclass(frozen=True)
class FamilyEdge:
    """A special feature right below a general one."""

    parent: int
    child: int
    weight: float
    """By the settings' choice, 0 to 1."""


@dataclass(frozen=True)
class FeatureFamily:
    """A root and everything below it."""

    root: int
    children: tuple[int, ...]
    """All features below the root, from the densest to the rarest."""
    edges: tuple[FamilyEdge, ...]
    """Of the tree below the root; parents before their children."""
    found_in_pass: int
    """From 1."""

    def __hash__(self) -> int:
        # Without the edges, of which there is one to each child: a tenth of the time.
        return hash((self.root, self.children, self.found_in_pass))

    @property
    def members(self) -> tuple[int, ...]:
        """The root and its children."""
        return (self.root, *self.children)

    @property
    def strength(self) -> float:
        """Mean weight of the edges; 0 without any."""
        return float(np.mean([edge.weight for edge in self.edges])) if self.edges else 0.0


def family_of_json(content: Any) -> FeatureFamily:
    """A family from plain values, as `dataclasses.asdict` gives them.

    Raises ValueError, OverflowError, KeyError or TypeError for values that are no tree below a
    root.
    """
    edges = tuple(
        FamilyEdge(int(one["parent"]), int(one["child"]), float(one["weight"]))
        for one in content["edges"]
    )
    root, children = int(content["root"]), tuple(int(child) for child in content["children"])
    reached = {root}
    for edge in edges:
        if edge.parent not in reached or edge.child in reached or not 0 <= edge.weight <= 1:
            raise ValueError("the edges are no tree")
        reached.add(edge.child)
    if min(reached) < 0 or len(children) != len(edges) or {root, *children} != reached:
        raise ValueError("the edges do not lead to the children")
    return FeatureFamily(root, children, edges, int(content["found_in_pass"]))


class _Forest:
    """A spanning forest, directed from general to special."""

    def __init__(
        self, ranked: RankedPairs, order: np.ndarray, left: np.ndarray, chosen: np.ndarray
    ) -> None:
        parents, children = ranked.general[chosen], ranked.special[chosen]
        sort = np.lexsort((-order[children], parents))
        pairs = chosen[sort]
        made: dict[int, FamilyEdge] = ranked.made
        # Made once, however many families lie within one another and thresholds are tried.
        known = np.fromiter((pair in made for pair in pairs.tolist()), bool, len(pairs))
        columns = (parents[sort], children[sort], ranked.weights[pairs])
        new = zip(*(column[~known].tolist() for column in columns), strict=True)
        made |= zip(pairs[~known].tolist(), starmap(FamilyEdge, new), strict=True)
        self.edges = [made[pair] for pair in pairs.tolist()]
        """Sorted by parent, then from the densest child to the rarest."""
        self.branches = np.bincount(parents, minlength=len(left))
        """(n_latents,) int64: features right below each."""
        self._first = np.concatenate([[0], np.cumsum(self.branches)]).tolist()

    def edges_of(self, latent: int) -> list[FamilyEdge]:
        """The edges to what lies right below a latent."""
        return self.edges[self._first[latent] : self._first[latent + 1]]


def find_families(
    found: CoOccurrence,
    settings: FamilySettings | None = None,
    allowed: np.ndarray | None = None,
    control: TaskControl | None = None,
) -> tuple[FeatureFamily, ...]:
    """The families, largest first; `allowed` (n_latents,) bool leaves features out.

    The same co-occurrence gives the same families, whatever numbers the features have. Raises
    Cancelled.
    """
    control = control or Unattended()
    settings = settings or FamilySettings()
    settings.check()
    order = found.order()
    places = order.tolist()
    left = usable_features(found, settings, allowed)
    control.checkpoint()
    ranked = _ranked(found, settings)
    families: list[FeatureFamily] = []
    for number in range(1, settings.passes + 1):
        control.checkpoint()
        threshold = settings.threshold if number == 1 else settings.later_threshold
        chosen = ranked.forest(threshold, settings.above_chance, left)
        forest = _Forest(ranked, order, left, chosen)
        roots = np.flatnonzero(forest.branches >= settings.fewest_branches)
        if not len(roots):
            break
        for root in roots.tolist():
            control.checkpoint()
            families.append(_family(forest, root, places, number))
        left = left.copy()
        left[roots] = False
    families = [one for one in families if len(one.children) >= settings.fewest_children]
    families.sort(key=lambda one: (-len(one.children), one.found_in_pass, -order[one.root]))
    return tuple(_without_overlap(families, found.n_latents, settings.largest_overlap, control))


def edge_weights(found: CoOccurrence, settings: FamilySettings) -> np.ndarray:
    """(n_pairs,) float64: w_ij, from the conditional shares C_ij / (f + 1)."""
    counts = found.counts
    return edge_weight(found.together, counts[found.rarer], counts[found.denser], settings)


def edge_weight(
    together: np.ndarray, rarer: np.ndarray, denser: np.ndarray, settings: FamilySettings
) -> np.ndarray:
    """w_ij of pairs with `together` documents in both, `rarer` and `denser` in each; float64."""
    return _by_choice(together / (rarer + 1), together / (denser + 1), settings)


def sure_weights(found: CoOccurrence, settings: FamilySettings) -> np.ndarray:
    """(n_pairs,) float64: w_ij with the lower ends of the shares' 95 % intervals.

    By these the tree takes its edges. By w_ij itself a rare feature that happens to have all its
    documents with a branch and with the root would be joined to both before the branch is joined
    to the root, and the branch, which then is below neither, would be lost.
    """
    of_rarer, of_denser = (
        wilson_interval(found.together, found.counts[side])[0]
        for side in (found.rarer, found.denser)
    )
    return _by_choice(of_rarer, of_denser, settings)


def above_chance(found: CoOccurrence) -> np.ndarray:
    """(n_pairs,) float64: 2 √f_i (asin √(C / f_i) − asin √(f_j / N)), i the rarer feature.

    By chance C is binomial, f_i documents with a share of f_j / N each; the arcsine of the root of
    the share has a standard deviation of 1 / (2 √f_i), whatever the share is (Anscombe 1948).
    """
    rarer, denser = found.counts[found.rarer], found.counts[found.denser]
    share = np.sqrt(found.together / np.maximum(rarer, 1))
    by_chance = np.sqrt(denser / max(1, found.n_documents))
    return np.asarray(2 * np.sqrt(rarer) * (np.arcsin(share) - np.arcsin(by_chance)))


def _by_choice(of_rarer: np.ndarray, of_denser: np.ndarray, settings: FamilySettings) -> np.ndarray:
    if settings.weight == "max":
        return np.asarray(of_rarer)
    return np.asarray(of_denser if settings.weight == "min" else (of_rarer + of_denser) / 2)


def usable_features(
    found: CoOccurrence, settings: FamilySettings, allowed: np.ndarray | None = None
) -> np.ndarray:
    """(n_latents,) bool, a copy: features that the settings, and `allowed`, let into families."""
    is_rare = found.counts <= settings.most_density * found.n_documents
    usable = np.asarray(is_rare & (found.counts >= settings.fewest_documents))
    return usable if allowed is None else usable & allowed


def _ranked(found: CoOccurrence, settings: FamilySettings) -> RankedPairs:
    """The pairs by strength; sorted once for each choice of weight, then kept."""
    ranked = found.ranked.get(settings.weight)
    if ranked is None:
        ranked = RankedPairs.of(
            np.asarray(found.rarer),
            np.asarray(found.denser),
            (edge_weights(found, settings), sure_weights(found, settings), above_chance(found)),
            found.order(),
        )
        found.ranked[settings.weight] = ranked
    return ranked


def _family(forest: _Forest, root: int, places: Sequence[int], number: int) -> FeatureFamily:
    """Everything that can be reached from the root along edges to rarer features.

    places: (n_latents,) of each latent from the rarest to the densest.
    """
    edges, below = [], [root]
    for latent in below:
        right_below = forest.edges_of(latent)
        edges += right_below
        # A forest has one way between two features, so no child is reached twice.
        below += [edge.child for edge in right_below]
    # For some ten children many times as fast as NumPy.
    from_densest = sorted(below[1:], key=places.__getitem__, reverse=True)
    return FeatureFamily(root, tuple(from_densest), tuple(edges), number)


def _without_overlap(
    families: Sequence[FeatureFamily], n_latents: int, most: float, control: TaskControl
) -> list[FeatureFamily]:
    """The families but for those that share too much with a larger one that stays."""
    from scipy.sparse import csr_matrix

    if not families:
        return []
    sizes = np.array([len(one.children) for one in families])
    columns = np.concatenate([np.array(one.children) for one in families])
    pointers = np.concatenate([[0], np.cumsum(sizes)])
    members = csr_matrix(
        (np.ones(len(columns), np.int32), columns, pointers), (len(families), n_latents)
    )
    shared = (members @ members.T).tocsr()
    stays = np.ones(len(families), bool)
    for number in range(len(families)):
        control.checkpoint()
        row = slice(shared.indptr[number], shared.indptr[number + 1])
        others, common = shared.indices[row], shared.data[row]
        larger = (others < number) & stays[others]
        either = sizes[number] + sizes[others] - common
        stays[number] = not (larger & (common > most * either)).any()
    return [one for one, kept in zip(families, stays, strict=True) if kept]
