"""How well families hold together (O'Neill et al. 2024, released code, with its faults mended).

    W_ij      C_ij / min(f_i, f_j), the share of the rarer feature's documents that has both
    D_ij      cosine of the activations of i and j over all documents
    ratio     mean over pairs inside a family / mean over the other pairs, on W or on D
    R_cooc    mean W of the root with a feature below it / mean W of two features below it

A pair is two different features: the released code counts the diagonal too, in the blocks and
among the children, which makes small families look whole. A pair in two families counts once.
Features that the settings let in and those in any family are looked at, the others are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from saedesk.features.families.co_occurrence import CoOccurrence
from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily, usable_features
from saedesk.features.families.grouping_sums import GroupingSums
from saedesk.features.families.pair_walk import PairWalk
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import TaskControl, Unattended

MOST_COMPONENTS = 10
"""Principal components told of a family: what follows is nearly nothing in the families of the
paper, and no plot shows more."""
RANDOM_GROUPINGS = 5
"""Random groupings whose mean is told: one of few families can be off by a tenth."""
WELL_SCORED = 0.8
"""Score from which a family counts for `membership_scored` (O'Neill et al. 2024: F1 and
Pearson)."""


@dataclass(frozen=True)
class FamilyMeasures:
    """One family."""

    documents: int
    """Documents in which the root or at least two other members are active."""
    inside: float
    """Mean W over the pairs of members, 0 to 1; 0 where there is no pair."""
    outside: float
    """Mean W over the pairs of a member and a feature that is no member."""
    denser: float | None
    """inside / outside: how many times more often members fire together; None where outside
    is 0."""
    r_cooc: float | None
    """Above 1 when features fire with the root more than with one another; None where no two
    features below the root fire together."""
    spectrum: tuple[float, ...]
    """Share of the variance of the members' directions by principal component, at most 10."""
    dimensions: float
    """Participation ratio of the whole spectrum: in how many dimensions the members spread."""


@dataclass(frozen=True)
class GroupingMeasures:
    """All families."""

    families: int
    features: int
    """In any family."""
    usable: int
    """That the settings let in, or that are in a family."""
    mean_size: float
    """Mean number of features below the root."""
    inside: float
    """Mean W over the pairs that are together in a family."""
    across: float
    """Mean W over all other pairs of usable features."""
    block_ratio: float | None
    """inside / across; None where across is 0."""
    block_ratio_similarity: float | None
    """The same on D, the similarity of activations."""
    r_cooc: float | None
    """Mean over families of root-child means / mean over families of child-child means."""
    membership: float
    """Share of usable features that stand in at least one family."""
    membership_scored: float | None
    """The same in families whose label scores well; None before labels of families are scored."""
    in_one_family: float
    """Of the features in any family, the share in exactly one."""
    random_block_ratio: float | None
    random_r_cooc: float | None
    """The same for random groupings of the same sizes and overlaps; about 1."""


def measure_families(
    activations: SparseActivations,
    found: CoOccurrence,
    families: Sequence[FeatureFamily],
    settings: FamilySettings,
    directions: np.ndarray,
    control: TaskControl | None = None,
    *,
    allowed: np.ndarray | None = None,
    seed: int = 0,
) -> tuple[tuple[FamilyMeasures, ...], GroupingMeasures]:
    """Measures of each family, in the order of `families`, and of all of them together.

    found: what `co_occurrence` counted on the same activations; directions: (n_latents, d) rows
    of length 1; allowed: (n_latents,) bool, as the families were found with. Raises Cancelled.
    """
    control = control or Unattended()
    usable = usable_features(found, settings, allowed)
    usable[[i for one in families for i in one.members]] = True
    ordered = np.argsort(found.order())
    ordered = ordered[usable[ordered] & (found.counts[ordered] > 0)]
    groupings = [GroupingSums(families, usable)]
    rng = np.random.default_rng(seed)
    groupings += [GroupingSums(families, usable, rng) for _ in range(RANDOM_GROUPINGS)]
    walk = PairWalk(activations, ordered, control, with_values=True)
    _count(walk, groupings, _norms(activations, ordered))
    measures = []
    for number, family in enumerate(families):
        control.checkpoint()
        documents = len(family_documents(activations, family.root, family.children))
        shares = spectrum(directions[list(family.members)])
        measures.append(_measures(groupings[0], number, documents, shares))
    return tuple(measures), _grouping(families, groupings)


def with_label_scores(
    grouping: GroupingMeasures,
    families: Sequence[FeatureFamily],
    scores: Mapping[int, float],
    least: float = WELL_SCORED,
) -> GroupingMeasures:
    """The measures with `membership_scored`; scores: {root: score of the family's label}."""
    well = {
        latent for one in families if scores.get(one.root, -1.0) >= least for latent in one.members
    }
    return replace(grouping, membership_scored=len(well) / max(1, grouping.usable))


def spectrum(directions: np.ndarray) -> np.ndarray:
    """(components,) float64: shares of variance of (members, d) directions, largest first.

    Empty where the members do not differ.
    """
    centred = np.asarray(directions, np.float64)
    centred = centred - centred.mean(0)
    products = centred @ centred.T if len(centred) <= centred.shape[1] else centred.T @ centred
    variances = np.linalg.eigvalsh(products)[::-1].clip(0)
    # Rounding leaves some 1e-16 where the members are all the same.
    if not variances.sum() > 1e-12 * len(centred):
        return np.zeros(0)
    return np.asarray(variances / variances.sum())


def _count(walk: PairWalk, groupings: Sequence[GroupingSums], norms: np.ndarray) -> None:
    """Tell every grouping what each latent shares with the denser ones."""
    for tails in walk:
        together = np.zeros(len(walk.ordered))
        similar = np.zeros(len(walk.ordered))
        own = walk.values[tails.starts - 1]
        for part, slots in tails.slots():
            others = walk.places[slots]
            products = np.repeat(own[part], tails.lengths[part]) * walk.values[slots]
            together += np.bincount(others, minlength=len(together))
            similar += np.bincount(others, products, minlength=len(together))
        together /= max(1, len(tails.rows))
        similar /= norms * norms[walk.place[tails.latent]]
        for number, grouping in enumerate(groupings):
            grouping.add(walk, tails.latent, together, None if number else similar)


def _norms(activations: SparseActivations, ordered: np.ndarray) -> np.ndarray:
    """(m,) float64: lengths of the activations of latents over all documents."""
    values = (activations.latent(int(latent))[1] for latent in ordered)
    return np.array([np.linalg.norm(one.astype(np.float64)) for one in values])


def _measures(
    sums: GroupingSums, number: int, documents: int, shares: np.ndarray
) -> FamilyMeasures:
    inside, outside = sums.inside_of(number), sums.outside_of(number)
    dimensions = float(1 / np.square(shares).sum()) if len(shares) else 0.0
    return FamilyMeasures(
        documents=documents,
        inside=inside,
        outside=outside,
        denser=_ratio(inside, outside),
        r_cooc=_ratio(sums.with_root(number), sums.below_root(number)),
        spectrum=tuple(float(share) for share in shares[:MOST_COMPONENTS]),
        dimensions=dimensions,
    )


def _grouping(
    families: Sequence[FeatureFamily], groupings: Sequence[GroupingSums]
) -> GroupingMeasures:
    own, random = groupings[0], groupings[1:]
    memberships = np.unique([i for one in families for i in one.members], return_counts=True)[1]
    return GroupingMeasures(
        families=len(families),
        features=len(memberships),
        usable=own.usable,
        mean_size=float(np.mean([len(one.children) for one in families])) if families else 0.0,
        inside=own.inside(),
        across=own.across(),
        block_ratio=_ratio(own.inside(), own.across()) if families else None,
        block_ratio_similarity=(
            _ratio(own.inside_similarity(), own.across_similarity()) if families else None
        ),
        r_cooc=_r_cooc(own),
        membership=len(memberships) / max(1, own.usable),
        membership_scored=None,
        in_one_family=float((memberships == 1).mean()) if len(memberships) else 0.0,
        random_block_ratio=_mean([_ratio(one.inside(), one.across()) for one in random])
        if families
        else None,
        random_r_cooc=_mean([_r_cooc(one) for one in random]),
    )


def _r_cooc(sums: GroupingSums) -> float | None:
    numbers = [i for i in range(sums.families) if sums.pairs_below_root(i)]
    with_root = [sums.with_root(i) for i in numbers]
    below = [sums.below_root(i) for i in numbers]
    return _ratio(float(np.mean(with_root)), float(np.mean(below))) if numbers else None


def _ratio(above: float, below: float) -> float | None:
    return above / below if below > 0 else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
