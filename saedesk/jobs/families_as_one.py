"""A family that is turned as one, as one part of a score.

A plan moves the features of a family one by one, each by the strength of the family times its
weight. Here what the family added to each of them is taken together again; what the features have
besides, of the query as typed or of sliders of their own, stays theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from saedesk.jobs.search_answer import ResultRow, SearchAnswer
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.turned_families import Turned, effects_of
from saedesk.search.explanation import Contribution, Kind
from saedesk.search.family_steering import FamilySlider
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering import turned
from saedesk.search.steering_plan import Target, put_to_rest

ROUNDING = 1e-9
"""Less than this, of a share or of a score, is nothing."""


def families_as_one(
    answer: SearchAnswer, request: SearchRequest, families: Iterable[FamilySlider]
) -> SearchAnswer:
    """The answer to a request with one part for each of the families that moved each score.

    The parts sum to what they summed to. The answer itself where no family moves it.
    """
    moving = [family for family in families if family.strength]
    if not moving or answer.steered is answer.plain:
        return answer
    shares = _shares(answer.query, request, moving)
    return replace(answer, steered=tuple(_told(result, shares) for result in answer.steered))


def told_as_one(answer: SearchAnswer, request: SearchRequest, turned: Turned) -> SearchAnswer:
    """The answer with one part and one effect for each family that is turned as one."""
    told = families_as_one(answer, request, turned.families)
    return replace(told, effects=effects_of(answer, turned))


@dataclass(frozen=True)
class _Shares:
    """What families have of all that was added to the features of a query."""

    bars: Sequence[tuple[Target, Kind]]
    """Each family, and which way it was turned."""
    of: Mapping[int, Sequence[tuple[int, float]]]
    """By feature: (which family, its share of all that was added to the feature)."""
    left: Mapping[int, float]
    """By feature: the share that no family has."""


def _shares(
    query: QueryFeatures, request: SearchRequest, families: Sequence[FamilySlider]
) -> _Shares:
    # Where features are what is compared, strengths alone turn them.
    by_features = request.target is not None or request.like_by == "features"
    changes = dict(request.plan.strengths) if by_features else turned(query, request.plan)
    shares: dict[int, list[tuple[int, float]]] = {}
    for at, family in enumerate(families):
        for latent, weight in family.moves:
            if abs(changes.get(latent, 0.0)) > ROUNDING:
                share = family.strength * weight / changes[latent]
                shares.setdefault(latent, []).append((at, share))
    bars: list[tuple[Target, Kind]] = [
        (put_to_rest(family), "up" if family.strength > 0.0 else "down") for family in families
    ]
    left = {latent: 1.0 - sum(share for _, share in own) for latent, own in shares.items()}
    return _Shares(bars, shares, left)


def _told(result: ResultRow, shares: _Shares) -> ResultRow:
    """Runs for every result while a slider moves, so that parts are unpacked at once."""
    of_families = [0.0] * len(shares.bars)
    taken: dict[int, float] = {}
    for latent, _, _, target, _, moved in result.contributions:
        if latent is None or target is not None or latent not in shares.of:
            continue
        own = 0.0
        for at, share in shares.of[latent]:
            own += share * moved
            of_families[at] += share * moved
        taken[latent] = own
    if not taken:
        # Nothing of a family is in this score, as in that of two ranks.
        return result
    bars = [
        Contribution(None, value, kind, target)
        for (target, kind), value in zip(shares.bars, of_families, strict=True)
    ]
    return replace(
        result,
        contributions=(*bars, *_others(result.contributions, taken, shares.left)),
        # Before steering there was nothing of what a family added, so all of it is change.
        change=(*bars, *_others(result.change, taken, shares.left)) if result.change else (),
    )


def _others(
    parts: Sequence[Contribution], taken: Mapping[int, float], shares_left: Mapping[int, float]
) -> list[Contribution]:
    """The parts without what was `taken` of those of features; none where nothing is left."""
    found = []
    for part in parts:
        latent, value, kind, target, _, moved = part
        if latent is None or target is not None or latent not in taken:
            found.append(part)
            continue
        own = taken[latent]
        if abs(value - own) > ROUNDING:
            told = _kind(kind, shares_left[latent])
            found.append(Contribution(latent, value - own, told, moved=moved - own))
    return found


def _kind(kind: Kind, left: float) -> Kind:
    """How a feature is turned of which families have taken their part, all but the share `left`."""
    if abs(left) <= ROUNDING:
        return "typed"
    # A share below zero: its own slider turns it the other way, and further or less far.
    if left > 0.0:
        return kind
    return "down" if kind == "up" else "up"
