"""Why a document is where it is: one bar for each feature, and they add up to its score.

score = Σ v_i (d_i·x̂)/N + (rest·x̂)/N + parts of fused scores, with v_i = z_i + u_i where the slider
of feature i stands. A document needs no codes for this. What steering changed of every bar adds up
to the change of the score. Computed in double precision, so that the sums hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from saedesk.search.family_shares import FamilyShares
from saedesk.search.query_features import SteeredQuery
from saedesk.search.steered_ranking import LESS_WEIGHT, PLACE_WEIGHT, Scores
from saedesk.search.steering_plan import SteeringPlan, Target
from saedesk.search.target_values import moves_of
from saedesk.search.vector_search import Hits, VectorSearch

Kind = Literal["up", "down", "typed", "along", "rest", "place", "less", "words", "meaning"]


class Contribution(NamedTuple):
    """One bar of an explanation.

    A tuple, because hundreds of them are made for every answer while a slider moves.
    """

    latent: int | None
    """The feature; None for the rest, what no feature explains, and for families."""
    value: float
    """Its part of the score, in units of the score; negative where it speaks against."""
    kind: Kind
    """Turned "up" or "down" by a slider, moved "along" by the way of steering though nobody turned
    it, part of what was "typed", or the "rest"; part of the fused score of `target`, which gave a
    "place" or of which there is "less"; or the rank by "words" or by "meaning", where both
    count."""
    target: Target | None = None
    """The feature or family whose fused score this is a part of, or the family that was turned
    "up" or "down" as one; None for the other kinds."""
    part: str | None = None
    """Which part of its fused score: "activation", "direction", "label" or "words". Or "rank": a
    place is given in a ranking by meaning and words."""
    moved: float = 0.0
    """Of a feature: what was added to it in the query gives the score so much."""


@dataclass(frozen=True)
class SearchResult:
    """A document found, and why."""

    row: int
    """Its row in the vectors."""
    score: float
    """What it is ranked by: the cosine with the steered query, −1 to 1, and with it the shares of
    fused scores that places and less add."""
    rank: int
    """Its place in the list, from 1."""
    rank_before: int | None
    """Its place before steering, from 1; None beyond what the index looked at."""
    score_before: float | None
    """Cosine with the query before steering."""
    contributions: tuple[Contribution, ...]
    """Features largest first, then fused scores, the rest last; they sum to `score` within
    1e-5."""
    change: tuple[Contribution, ...] = ()
    """What steering changed of each, in the same order; they sum to score − score_before within
    1e-5. Empty where nothing is steered."""
    place_of: Target | None = None
    """The target that gave the document its place; None where it has its own."""


def contributions(
    steered: SteeredQuery, decoder: np.ndarray, document_vector: np.ndarray
) -> list[Contribution]:
    """The parts of the score of a document (d,), largest first, the rest last.

    Raises ValueError for a document vector that is zero or not finite.
    """
    bars, _ = _Bars(steered, decoder).of(np.asarray(document_vector)[None])[0]
    return bars


def explain(
    hits: Hits,
    steered: SteeredQuery,
    decoder: np.ndarray,
    vector_search: VectorSearch,
    fused: FusedBars | None = None,
    asked: SteeringPlan | None = None,
    families: FamilyShares | None = None,
) -> list[SearchResult]:
    """Each hit with its rank and score before steering and the parts of its score.

    `asked` is what was turned, where steering moved more than that; None where it did not. Each
    of `families` is one part; their features keep what the query and others have of them.
    `fused` tells what places and less added; None where there is nothing of the kind.
    """
    ranks_before = vector_search.plain_ranks(steered.query, hits.rows, hits.allowed_rows)
    scores_before = vector_search.scores_of(steered.query, hits.rows)
    documents = vector_search.unit_vectors(hits.rows)
    bars = _Bars(steered, decoder, asked, families).of(documents)
    more = [[]] * len(bars) if fused is None else fused.of(hits.rows, documents)
    is_steered = steered.vector is not steered.query.vector or fused is not None
    return [
        SearchResult(
            row=int(hits.rows[place]),
            score=float(hits.scores[place]),
            rank=place + 1,
            rank_before=ranks_before[place],
            score_before=float(scores_before[place]),
            contributions=(*own[:-1], *more[place], own[-1]),
            change=(*changed[:-1], *more[place], changed[-1]) if is_steered else (),
            place_of=None if fused is None else fused.place_of[place],
        )
        for place, (own, changed) in enumerate(bars)
    ]


class FusedBars:
    """What places and less add to the scores of the documents that are shown."""

    def __init__(
        self, plan: SteeringPlan, scores: Scores, place_of: Sequence[Target | None]
    ) -> None:
        self.place_of = tuple(place_of)
        """For each hit the target that gave it its place."""
        self._less = plan.less
        self._scores = scores

    def of(self, rows: np.ndarray, documents: np.ndarray) -> list[list[Contribution]]:
        """The bars of each hit: `rows` (m,) with their vectors (m, d) at length 1."""
        bars: list[list[Contribution]] = [[] for _ in rows]
        for target, share in self._less:
            everywhere = range(len(rows))
            self._add(bars, rows, documents, everywhere, target, "less", -share * LESS_WEIGHT)
        for giver in dict.fromkeys(self.place_of):
            if giver is not None:
                its_own = [i for i, one in enumerate(self.place_of) if one == giver]
                self._add(bars, rows, documents, its_own, giver, "place", PLACE_WEIGHT)
        return bars

    def _add(
        self,
        bars: list[list[Contribution]],
        rows: np.ndarray,
        documents: np.ndarray,
        places: Sequence[int],
        target: Target,
        kind: Kind,
        weight: float,
    ) -> None:
        fused = self._scores(target)
        chosen = np.array(places, np.int64)
        parts = weight * fused.parts_of(rows[chosen], documents[chosen])
        latent = target if isinstance(target, int) else None
        for place, values in zip(places, parts.tolist(), strict=True):
            bars[place] += [
                Contribution(latent, value, kind, target, name)
                for name, value in zip(fused.names, values, strict=True)
            ]


class _Bars:
    """The features of one steered query, gathered once for all its documents."""

    def __init__(
        self,
        steered: SteeredQuery,
        decoder: np.ndarray,
        asked: SteeringPlan | None = None,
        families: FamilyShares | None = None,
    ) -> None:
        query = steered.query
        at_rest = {int(i): float(z) for i, z in zip(query.latents, query.values, strict=True)}
        moved = dict(steered.plan.strengths)
        turned = set(moved) if asked is None else _turned(asked)
        left = moved
        if families is not None:
            left = {i: u * families.left.get(i, 1.0) for i, u in moved.items()}
            # What families alone move has no part but what the query has of it.
            left = {i: 0.0 if families.move_alone(i) else u for i, u in left.items()}
            moved = {i: u for i, u in moved.items() if i in at_rest or left[i]}
        self._latents = [*at_rest, *(latent for latent in moved if latent not in at_rest)]
        self._kinds = [_kind(left.get(i, 0.0), i in turned) for i in self._latents]
        self._at_rest = np.array([at_rest.get(latent, 0.0) for latent in self._latents])
        self._moved = np.array([left.get(latent, 0.0) for latent in self._latents])
        rows = np.array(self._latents, dtype=np.int64)
        self._directions = np.asarray(decoder[rows], dtype=np.float64)
        self._families = _moves_of_families(steered.plan, families, decoder)
        self._query = query.vector.astype(np.float64)
        self._other = None if steered.other is None else steered.other_share * steered.other
        self._norm = steered.norm

    def of(self, documents: np.ndarray) -> list[tuple[list[Contribution], list[Contribution]]]:
        """Of each document (m, d): the bars, and what each of them was not before steering."""
        unit = np.asarray(documents, dtype=np.float64)
        lengths = np.linalg.norm(unit, axis=1, keepdims=True)
        if not (np.isfinite(lengths) & (lengths > 0.0)).all():
            raise ValueError("a document without a direction has no score to explain")
        unit = unit / lengths
        along = unit @ self._directions.T
        before = self._at_rest * along
        values = (self._at_rest + self._moved) * along / self._norm
        # From the query itself and not from `rest`, whose rounding a small N would magnify.
        rest_before = unit @ self._query - before.sum(axis=1)
        other = 0.0 if self._other is None else unit @ self._other
        rest = (rest_before + other) / self._norm
        changes, rest_changes = values - before, rest - rest_before
        moved = self._moved * along / self._norm
        rests = zip(rest.tolist(), rest_changes.tolist(), strict=True)
        return [
            self._of_one(own, change, added_to, of_families, *left)
            for own, change, added_to, of_families, left in zip(
                values, changes, moved, self._bars_of_families(unit), rests, strict=True
            )
        ]

    def _bars_of_families(self, unit: np.ndarray) -> list[list[Contribution]]:
        """What families give each of the documents (m, d) at length 1."""
        if not self._families:
            return [[] for _ in unit]
        moves = np.array([move for _, _, move in self._families])
        return [
            [
                Contribution(None, value, kind, target)
                for (target, kind, _), value in zip(self._families, values, strict=True)
            ]
            for values in (unit @ moves.T / self._norm).tolist()
        ]

    def _of_one(
        self,
        values: np.ndarray,
        changes: np.ndarray,
        moved: np.ndarray,
        of_families: list[Contribution],
        rest: float,
        rest_change: float,
    ) -> tuple[list[Contribution], list[Contribution]]:
        order = np.lexsort((self._latents, -np.abs(values))).tolist() if len(values) else []
        pairs = []
        added_to = moved.tolist()
        for own, left in ((values.tolist(), rest), (changes.tolist(), rest_change)):
            bars = [
                Contribution(self._latents[i], own[i], self._kinds[i], moved=added_to[i])
                for i in order
            ]
            # Before steering there was nothing of what a family added, so all of it is change.
            pairs.append([*of_families, *bars, Contribution(None, left, "rest")])
        return pairs[0], pairs[1]


def _moves_of_families(
    plan: SteeringPlan, shares: FamilyShares | None, decoder: np.ndarray
) -> list[tuple[Target, Kind, np.ndarray]]:
    """Of each family how it was turned, and what of a plan's move (d,) float64 is its own."""
    if shares is None:
        return []
    strengths = [(i, u) for i, u in plan.strengths if i in shares.of]
    weights = np.zeros((len(shares.families), len(strengths)))
    for column, (latent, strength) in enumerate(strengths):
        for at, share in shares.of[latent]:
            weights[at, column] = share * strength
    rows = np.array([latent for latent, _ in strengths], np.int64)
    moves = weights @ np.asarray(decoder[rows], np.float64)
    return [
        (target, "up" if is_up else "down", move)
        for (target, is_up), move in zip(shares.families, moves, strict=True)
    ]


def _turned(plan: SteeringPlan) -> set[int]:
    """The features that a plan turns by themselves or with their family."""
    less = (latent for target, _ in plan.less for latent, _ in moves_of(target))
    return {*(latent for latent, _ in plan.strengths), *less}


def _kind(strength: float, is_turned: bool) -> Kind:
    if strength == 0.0:
        return "typed"
    if not is_turned:
        return "along"
    return "up" if strength > 0.0 else "down"
