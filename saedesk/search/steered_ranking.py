"""From a steered query and a plan to a ranking: places that are given, documents put down.

    base    q'·x − Σ w_t · .3 · s_t(x)      w_t the share by which there is less of t
    place   base + .5 · s_t(x)              s_t the fused score of t, 1 for a typical document

Of the first ten the best 10 − m by `base` stay, and m go to the best others by `place`, spread
evenly over the ten, so that more places never change the order of what stays. What follows the
ten is in the order of `base`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.search.exact_scores import best_rows, rank_among, with_parts
from saedesk.search.feature_scores import FusedScore
from saedesk.search.query_features import SteeredQuery
from saedesk.search.steering_plan import PLACES, SteeringPlan, Target, target_key
from saedesk.search.vector_search import Hits, VectorSearch

PLACE_WEIGHT = 0.5
"""What a typical document of a feature gains over one that only fits the query, in units of the
cosine: with .4 one place of ten is told as the feature's a little less often, with .6 it costs more
relevance."""
LESS_WEIGHT = 0.3
"""What a typical document of a feature loses at most, where there is to be less of it; its part of
the query goes at the same time. Measured at .97 of the relevance: .94/.91 of the features are told,
hard .89/.83; with the part taken away first .93/.89, .87/.80."""

Scores = Callable[[Target], FusedScore]
"""The fused score of a target."""


@dataclass(frozen=True, eq=False)
class SteeredRanking:
    """The documents of a steered search, best first, and who was given a place."""

    hits: Hits
    place_of: tuple[Target | None, ...]
    """For each hit the target that gave it its place; None where it has its own."""
    ranks_of: Callable[[np.ndarray], list[int | None]]
    """The places of rows in this ranking, from 1; None beyond what was looked at."""


def steered_ranking(
    search: VectorSearch,
    steered: SteeredQuery,
    plan: SteeringPlan,
    decoder: np.ndarray,
    scores: Scores,
    count: int,
    allowed_rows: np.ndarray | None = None,
) -> SteeredRanking:
    """The `count` best documents, fewer when there are no more.

    `allowed_rows` (n,) bool is a filter. Without places and less it is `VectorSearch.search`.
    """
    if not plan.needs_scores:
        hits = search.search(steered, decoder, count, allowed_rows)
        return SteeredRanking(
            hits,
            (None,) * len(hits.rows),
            lambda rows: search.steered_ranks(steered, decoder, rows, allowed_rows),
        )
    base = base_scores(search, steered, plan, decoder, scores, allowed_rows)
    order = best_rows(base, count + PLACES)
    rows, place_of = with_places_given(base, order, plan, scores)
    own = rows[:PLACES]
    values = base[rows]
    for place, target in enumerate(place_of):
        if target is not None:
            values[place] += np.float32(PLACE_WEIGHT) * scores(target).values[rows[place]]
    hits = Hits(rows[:count], values[:count], exact=True, allowed_rows=allowed_rows)
    return SteeredRanking(hits, place_of[:count], lambda wanted: _ranks(base, own, wanted))


def place_scores(base: np.ndarray, target: Target, scores: Scores) -> np.ndarray:
    """What places of a target are given by, (n,) float32: `place` for `base` (n,)."""
    found: np.ndarray = base + np.float32(PLACE_WEIGHT) * scores(target).values
    return found


def with_places_given(
    base: np.ndarray, order: np.ndarray, plan: SteeringPlan, scores: Scores
) -> tuple[np.ndarray, tuple[Target | None, ...]]:
    """The rows of `order` (m,), best first, with the places that a plan gives; who gave each.

    Rows at −inf in `base` (n,) are given none.
    """
    first = min(PLACES, len(order))
    return _mixed(order, _give_places(base, order, plan, scores, first), first)


def base_scores(
    search: VectorSearch,
    steered: SteeredQuery,
    plan: SteeringPlan,
    decoder: np.ndarray,
    scores: Scores,
    allowed_rows: np.ndarray | None,
) -> np.ndarray:
    """`base` of every row, (n,) float32; −inf for rows that may not be found."""
    base = search.all_scores(steered, decoder)
    if plan.less:
        base = with_parts(base, [(-w * LESS_WEIGHT, scores(t).values) for t, w in plan.less])
    if allowed_rows is not None:
        base = np.where(allowed_rows, base, np.float32(-np.inf))
    return base


def _give_places(
    base: np.ndarray,
    order: np.ndarray,
    plan: SteeringPlan,
    scores: Scores,
    first: int,
) -> list[tuple[int, Target]]:
    """(row, target) of every place that is given, in the order in which they are."""
    wanted = sum(m for _, m in plan.places)
    kept = order[: max(0, first - wanted)]
    turns = [(j / m, target_key(target), target) for target, m in plan.places for j in range(m)]
    queues = {}
    for target, _ in plan.places:
        # A place is for documents that have the target, however well the others would fit.
        fused = scores(target)
        own = fused.active_rows
        having = base[own] + np.float32(PLACE_WEIGHT) * fused.values[own]
        # Ten are enough: no more are kept or taken by others than there are places.
        best = own[best_rows(having, PLACES)]
        queues[target] = iter(best[~np.isin(best, kept)].tolist())
    given: list[tuple[int, Target]] = []
    taken: set[int] = set()
    for _, _, target in sorted(turns, key=lambda turn: turn[:2]):
        row = next((row for row in queues[target] if row not in taken), None)
        if row is not None and len(kept) + len(given) < first:
            taken.add(row)
            given.append((row, target))
    return given


def _mixed(
    order: np.ndarray, given: Sequence[tuple[int, Target]], first: int
) -> tuple[np.ndarray, tuple[Target | None, ...]]:
    """All rows in their order, and who gave each its place."""
    taken = np.array([row for row, _ in given], np.int64)
    others = order[~np.isin(order, taken)].tolist()
    rows: list[int] = []
    place_of: list[Target | None] = []
    waiting = list(given)
    for place in range(1, first + 1):
        # The j-th of g given places comes at ⌈j · first / g⌉.
        due = place * len(given) // first - (len(given) - len(waiting))
        row, target = waiting.pop(0) if due > 0 else (others.pop(0), None)
        rows.append(row)
        place_of.append(target)
    return np.array([*rows, *others], np.int64), (*place_of, *([None] * len(others)))


def _ranks(base: np.ndarray, first: np.ndarray, wanted: np.ndarray) -> list[int | None]:
    ranks: list[int | None] = []
    leading = {row: place for place, row in enumerate(first.tolist(), start=1)}
    for row in wanted.tolist():
        rank = leading.get(row) or rank_among(base, row)
        if rank is not None and row not in leading:
            # Those among the first come before it whatever their scores; each is counted once.
            ahead = base[first]
            ahead_of_it = (ahead > base[row]) | ((ahead == base[row]) & (first < row))
            rank += len(first) - int(ahead_of_it.sum())
        ranks.append(rank)
    return ranks
