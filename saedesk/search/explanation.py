"""Why a document is where it is: one bar for each feature, and they add up to its score.

score = Σ v_i (d_i·x̂)/N + (rest·x̂)/N, with v_i = z_i + u_i where the slider of feature i stands.
A document needs no codes for this. Computed in double precision, so that the sum holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from saedesk.search.query_features import SteeredQuery
from saedesk.search.steering_plan import Target
from saedesk.search.vector_search import Hits, VectorSearch

Kind = Literal["up", "down", "typed", "rest", "place", "less"]
Part = Literal["activation", "direction", "label", "words"]


@dataclass(frozen=True)
class Contribution:
    """One bar of an explanation."""

    latent: int | None
    """The feature; None for the rest, what no feature explains."""
    value: float
    """Its part of the score, in units of the score; negative where it speaks against."""
    kind: Kind
    """Turned "up" or "down" by a slider, part of what was "typed", or the "rest"; part of the
    fused score of `target`, which gave a "place" or of which there is "less"."""
    target: Target | None = None
    """The feature or family whose fused score this is a part of; None for the other kinds."""
    part: Part | None = None
    """Which part of its fused score."""


@dataclass(frozen=True)
class SearchResult:
    """A document found, and why."""

    row: int
    """Its row in the vectors."""
    score: float
    """Cosine with the steered query, −1 to 1."""
    rank: int
    """Its place in the list, from 1."""
    rank_before: int | None
    """Its place before steering, from 1; None beyond what the index looked at."""
    score_before: float | None
    """Cosine with the query before steering."""
    contributions: tuple[Contribution, ...]
    """Largest first, the rest last; they sum to `score` within 1e-5."""


def contributions(
    steered: SteeredQuery, decoder: np.ndarray, document_vector: np.ndarray
) -> list[Contribution]:
    """The parts of the score of a document (d,), largest first, the rest last.

    Raises ValueError for a document vector that is zero or not finite.
    """
    return _Bars(steered, decoder).of(document_vector)


def explain(
    hits: Hits, steered: SteeredQuery, decoder: np.ndarray, vector_search: VectorSearch
) -> list[SearchResult]:
    """Each hit with its rank and score before steering and the parts of its score."""
    bars = _Bars(steered, decoder)
    ranks_before = vector_search.plain_ranks(steered.query, hits.rows, hits.allowed_rows)
    scores_before = vector_search.scores_of(steered.query, hits.rows)
    documents = vector_search.unit_vectors(hits.rows)
    return [
        SearchResult(
            row=int(hits.rows[place]),
            score=float(hits.scores[place]),
            rank=place + 1,
            rank_before=ranks_before[place],
            score_before=float(scores_before[place]),
            contributions=tuple(bars.of(documents[place])),
        )
        for place in range(len(hits.rows))
    ]


class _Bars:
    """The features of one steered query, gathered once for all its documents."""

    def __init__(self, steered: SteeredQuery, decoder: np.ndarray) -> None:
        query = steered.query
        at_rest = {int(i): float(z) for i, z in zip(query.latents, query.values, strict=True)}
        moved = dict(steered.plan.strengths)
        self._latents = [*at_rest, *(latent for latent in moved if latent not in at_rest)]
        self._kinds = [_kind(moved.get(latent, 0.0)) for latent in self._latents]
        self._at_rest = np.array([at_rest.get(latent, 0.0) for latent in self._latents])
        self._moved = np.array([moved.get(latent, 0.0) for latent in self._latents])
        rows = np.array(self._latents, dtype=np.int64)
        self._directions = np.asarray(decoder[rows], dtype=np.float64)
        self._query = query.vector.astype(np.float64)
        self._norm = steered.norm

    def of(self, document_vector: np.ndarray) -> list[Contribution]:
        document = np.asarray(document_vector, dtype=np.float64)
        length = float(np.linalg.norm(document))
        if not (np.isfinite(length) and length > 0.0):
            raise ValueError("a document without a direction has no score to explain")
        document = document / length
        along = self._directions @ document
        values = (self._at_rest + self._moved) * along / self._norm
        # From the query itself and not from `rest`, whose rounding a small N would magnify.
        rest = float(self._query @ document - self._at_rest @ along) / self._norm
        bars = [
            Contribution(latent, float(value), kind)
            for latent, value, kind in zip(self._latents, values, self._kinds, strict=True)
        ]
        bars.sort(key=lambda bar: (-abs(bar.value), bar.latent))
        return [*bars, Contribution(None, rest, "rest")]


def _kind(strength: float) -> Kind:
    if strength == 0.0:
        return "typed"
    return "up" if strength > 0.0 else "down"
