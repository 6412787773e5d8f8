"""Families that are turned as one, as one part each of a score that no vector alone makes.

Where documents are ranked by the activations of features, the parts of features say what was added
to them. What a family added is taken together again; what the features have besides, of the query
as typed or of sliders of their own, stays theirs. By meaning, explanations tell families at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from saedesk.jobs.search_answer import ResultRow, SearchAnswer
from saedesk.jobs.search_request import SearchRequest
from saedesk.search.explanation import Contribution, Kind
from saedesk.search.family_shares import ROUNDING, FamilyShares


def families_as_one(answer: SearchAnswer, request: SearchRequest) -> SearchAnswer:
    """The answer to a request with one part for each of the families that moved each score.

    The parts sum to what they summed to. The answer itself where no family moves it.
    """
    if not request.families or answer.steered is answer.plain:
        return answer
    shares = FamilyShares.among(dict(request.plan.strengths), request.families)
    if shares is None:
        return answer
    return replace(answer, steered=tuple(_told(result, shares) for result in answer.steered))


def _told(result: ResultRow, shares: FamilyShares) -> ResultRow:
    """A result with a part for each family; itself where none has any part of it."""
    of_families = [0.0] * len(shares.families)
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
        Contribution(None, value, "up" if is_up else "down", target)
        for (target, is_up), value in zip(shares.families, of_families, strict=True)
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
