"""The bars behind a score or its change, made from a result; no widget and no painting here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from saedesk.jobs.search_documents import ResultRow, SearchAnswer
from saedesk.search.explanation import Contribution as Part
from saedesk.ui.search_panels.result_row_words import counted_places
from saedesk.ui.search_panels.shown_result import (
    NameOf,
    gave_way,
    ordinal,
    own_score,
    place_mark,
)
from saedesk.ui.widgets.steering_slider import signed
from saedesk.ui.widgets.waterfall import Contribution

PART_WORDS = {
    "activation": "how active it is",
    "direction": "how close its direction is",
    "label": "how close its label is",
    "words": "the words of its label",
    "rank": "its rank among those that fit the query and are about it",
}
FUSED = {"place": "Place", "less": "Less"}
OF_FAMILY = (
    "The share of its slider in what steering changed, in all features of the family together. "
    "The colour says which way it was turned; its value for a document can go the other way."
)
MOST_DECIMALS = 6
NOT_EXPLAINED = "Not explained by features"


def score_parts(
    result: ResultRow,
    of_change: bool,
    most: int,
    text_of: Callable[[int], str],
    name_of: NameOf,
    decimals: int = 3,
) -> list[Contribution]:
    """At most `most` bars of features, turned ones before large ones, and the sum of the others.

    They sum to the score, or to what steering changed of it, as the contributions do.
    """
    parts = result.change if of_change else result.contributions
    features = [part for part in parts if part.latent is not None and part.target is None]
    bars = _families(parts, name_of) + _fused(parts, name_of, decimals) + _ranks(parts, result)
    most -= len(bars)
    if of_change:
        features.sort(key=lambda part: -abs(part.value))
        smallest = 0.5 * 10.0**-decimals
        most = min(most, sum(abs(part.value) >= smallest for part in features))
    named = _named(features, max(1, most))
    bars += [
        Contribution(text_of(part.latent), part.value, part.kind, part.latent)
        for part in features
        if part.latent in named and part.latent is not None
    ]
    others = [part for part in features if part.latent not in named]
    if others:
        name = f"{len(others)} other feature{'s' if len(others) > 1 else ''}"
        bars.append(Contribution(name, sum(part.value for part in others), "rest"))
    rest = [part.value for part in parts if part.kind == "rest"]
    return [*bars, *([Contribution(NOT_EXPLAINED, sum(rest), "rest")] if rest else [])]


def place_told(result: ResultRow, answer: SearchAnswer) -> str:
    """What given places did to a result: its own, or those it gave way to; "" for nothing."""
    mark, ways = place_mark(result, answer), gave_way(result, answer)
    if mark:
        return mark
    return f"gave way to {counted_places(ways)}" if ways else ""


def about_place_sum(result: ResultRow, name_of: NameOf) -> str:
    """Why the sum of a document that was given its place is no score; "" of others."""
    if result.place_of is None:
        return ""
    return (
        f"Places of “{name_of(result.place_of)}” go to the documents for which the score and how "
        f"much they are about it come to most: {own_score(result):.3f} and "
        f"{result.score - own_score(result):.3f} here. Only the order of the given places is by "
        "this sum."
    )


def _named(features: Sequence[Part], most: int) -> set[int | None]:
    """The features with a bar of their own: those that were turned, then the largest.

    A family of which there is less turns many; a third of the bars is left to the others.
    """
    turned = [part.latent for part in features if part.kind in ("up", "down")]
    others = [part.latent for part in features if part.kind not in ("up", "down")]
    room = most - min(len(others), most // 3)
    return {*[*turned[:room], *others, *turned[room:]][:most]}


def bar_decimals(result: ResultRow, of_change: bool, decimals: int) -> int:
    """So many decimals that the largest bar of a small change is told with two digits."""
    largest = max((abs(part.value) for part in result.change), default=0.0)
    if not of_change or largest < 10.0**-MOST_DECIMALS:
        return decimals
    return max(decimals, min(MOST_DECIMALS, math.ceil(-math.log10(largest)) + 1))


def _families(parts: Sequence[Part], name_of: NameOf) -> list[Contribution]:
    """One bar for each family that was turned as one."""
    return [
        Contribution(f"Family: {name_of(part.target)}", part.value, part.kind, tip=OF_FAMILY)
        for part in parts
        if part.target is not None and part.kind in ("up", "down")
    ]


def _fused(parts: Sequence[Part], name_of: NameOf, decimals: int) -> list[Contribution]:
    """One bar for all parts of the fused score of a target."""
    groups: dict[tuple[str, object], list[Part]] = {}
    for part in parts:
        if part.target is not None and part.kind in FUSED:
            groups.setdefault((part.kind, part.target), []).append(part)
    bars = []
    for (kind, _), group in groups.items():
        target = group[0].target
        assert target is not None
        tip = "\n".join(
            f"{signed(part.value, decimals)} {PART_WORDS.get(part.part or '', part.part or '')}"
            for part in group
        )
        name = f"{FUSED.get(kind, kind)}: {name_of(target)}"
        key = target if isinstance(target, int) else None
        bars.append(Contribution(name, sum(part.value for part in group), kind, key, tip))
    return bars


def _ranks(parts: Sequence[Part], result: ResultRow) -> list[Contribution]:
    """The shares of the ranks by meaning and by words, or of the words alone."""
    ranks = {"meaning": result.rank_by_meaning, "words": result.rank_by_words}
    bars = []
    for part in parts:
        if part.kind in ranks:
            rank = ranks[part.kind]
            name = "Words of the query" if part.kind == "words" else "Meaning"
            if rank is not None:
                name = f"{ordinal(rank)} by {part.kind}"
            bars.append(Contribution(name, part.value, part.kind))
    return bars
