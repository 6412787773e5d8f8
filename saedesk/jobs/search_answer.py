"""What a search answers: documents, their ranks, and why they are where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from saedesk.jobs.search_request import RESULTS
from saedesk.project.document_store import DocumentRow
from saedesk.search.explanation import Contribution, SearchResult
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import Effect, SteeringPlan, Target


@dataclass(frozen=True)
class ResultRow:
    """A document found, its ranks, and the parts of its score."""

    document: DocumentRow
    row: int
    """Row of the document in the vectors."""
    score: float
    """Cosine with the query, and what places and less add to it; by words BM25, by both 1 / (60 +
    rank) of either (where a place was given, of its rank by what it was given by), by features
    their overlap (0 to 1), for a feature alone its activation."""
    rank: int
    """Place in this list, from 1."""
    rank_before: int | None
    """Place before steering; None where it lies beyond what was looked at."""
    score_before: float | None
    contributions: tuple[Contribution, ...]
    """They sum to the score within 1e-5."""
    change: tuple[Contribution, ...] = ()
    """What steering changed of each; they sum to score − score_before within 1e-5. Empty where
    nothing is steered."""
    place_of: Target | None = None
    """The feature or family that gave the document its place; None where it has its own."""
    place_activation: float | None = None
    """How active that is in the document; None where nothing gave it a place."""
    rank_by_meaning: int | None = None
    """Where meaning and words count: its rank by (steered) meaning; None where it has none."""
    rank_by_words: int | None = None
    """Where meaning and words count: its rank by words; None where it has none."""


@dataclass(frozen=True)
class SearchAnswer:
    """The answer to one query under one steering plan."""

    text: str
    query: QueryFeatures
    plan: SteeringPlan
    cosine: float
    """cos(q, q'): 1 when nothing is steered."""
    plain: tuple[ResultRow, ...]
    """Results of the query as typed."""
    steered: tuple[ResultRow, ...]
    """Results of the steered query; equal to `plain` when all sliders are at rest."""
    ranks_after: tuple[int | None, ...]
    """For each plain result its place in the steered ranking; None beyond what was looked at."""
    kept: int
    """How many of the plain results are among the steered ones."""
    passed: int
    """Documents that pass the filter."""
    exact: bool
    """Whether every document was compared, rather than the candidates of an index."""
    milliseconds: float
    """Time from the plan to the answer, without embedding the query."""
    like: tuple[int, ...] = ()
    """Documents whose vectors are the query; they are left out of the results."""
    effects: tuple[Effect, ...] = ()
    """What came of what was asked, features before families."""
    notes: tuple[str, ...] = ()
    """Sentences a person should read: what was left out, what the cap did, what is not visible."""
    recall: float | None = None
    """Share of the true results that the index is known to find; None where all were compared."""
    codes_after: tuple[tuple[int, float], ...] = ()
    """(latent, activation) of the steered query taken apart again, strongest first."""


def rows_of(
    results: Sequence[SearchResult], documents: Mapping[int, DocumentRow]
) -> tuple[ResultRow, ...]:
    """What was found, with its documents by row of the vectors."""
    return tuple(
        ResultRow(
            documents[result.row],
            result.row,
            result.score,
            result.rank,
            result.rank_before,
            result.score_before,
            result.contributions,
            result.change,
            result.place_of,
        )
        for result in results
    )


def kept_of_first(answer: SearchAnswer) -> tuple[int, int]:
    """How many of the first ten plain results are among the first ten steered ones, of how many."""
    plain = {row.row for row in answer.plain[:RESULTS]}
    return len(plain & {row.row for row in answer.steered[:RESULTS]}), len(plain)
