"""A family that is turned as one, as one part of a score.

A plan moves the features of a family one by one, each by the strength of the family times its
weight. Here what the family added to each of them is taken together again; what the features have
besides, of the query as typed or of sliders of their own, stays theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from saedesk.jobs.search_answer import ResultRow, SearchAnswer
from saedesk.search.explanation import Contribution, Kind
from saedesk.search.family_steering import FamilySlider
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering import turned
from saedesk.search.steering_plan import SteeringPlan, put_to_rest

ROUNDING = 1e-9
"""Less than this, of a share or of a score, is nothing."""


def families_as_one(
    result: ResultRow, answer: SearchAnswer, families: Iterable[FamilySlider]
) -> ResultRow:
    """A result of a steered query with one part for each of the families that move it.

    The parts sum to what they summed to.
    """
    moving = [family for family in families if family.strength]
    if not moving or not result.change:
        return result
    shares = _shares(answer.query, answer.plan, moving)
    return replace(
        result,
        contributions=_as_one(result.contributions, shares),
        change=_as_one(result.change, shares),
    )


Shares = Sequence[tuple[FamilySlider, Mapping[int, float]]]
"""Of each family: {latent: its share of all that was added to the feature}."""


def _shares(query: QueryFeatures, plan: SteeringPlan, families: Iterable[FamilySlider]) -> Shares:
    changes = turned(query, plan)
    return [
        (
            family,
            {
                latent: family.strength * weight / changes[latent]
                for latent, weight in family.moves
                if abs(changes.get(latent, 0.0)) > ROUNDING
            },
        )
        for family in families
    ]


def _as_one(parts: Sequence[Contribution], shares: Shares) -> tuple[Contribution, ...]:
    if not any(part.moved for part in parts):
        # A score that is no sum of what was added, as the overlap of features, is left as it is.
        return tuple(parts)
    of_families = [0.0] * len(shares)
    others = []
    for part in parts:
        if part.latent is None or part.target is not None:
            others.append(part)
            continue
        left = 1.0
        for at, (_, share) in enumerate(shares):
            own = share.get(part.latent, 0.0)
            left -= own
            of_families[at] += own * part.moved
        value = part.value - (1.0 - left) * part.moved
        if left == 1.0:
            others.append(part)
        elif abs(value) > ROUNDING:
            others.append(
                part._replace(value=value, kind=_kind(part, left), moved=left * part.moved)
            )
    bars = [
        Contribution(None, value, "up" if family.strength > 0.0 else "down", put_to_rest(family))
        for (family, _), value in zip(shares, of_families, strict=True)
    ]
    return (*bars, *others)


def _kind(part: Contribution, left: float) -> Kind:
    """How a feature is turned of which a family has taken its part, all but `left`."""
    if abs(left) <= ROUNDING:
        return "typed"
    # A share below zero: its own slider turns it the other way, and further or less far.
    if left > 0.0:
        return part.kind
    return "down" if part.kind == "up" else "up"
