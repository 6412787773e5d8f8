"""Searches that rank by more than meaning: by words, by both, by features, for a feature alone.

Each gives two rankings, of the question as asked and of the steered one; what is shown of them is
the same for all.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from saedesk.errors import ModelProblem
from saedesk.jobs.search_answer import ResultRow, SearchAnswer
from saedesk.jobs.search_by_features import SearchByFeatures
from saedesk.jobs.search_by_target import SearchByTarget
from saedesk.jobs.search_by_words import SearchByWords
from saedesk.jobs.search_rankings import Engine, Rankings
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.document_store import DocumentRow
from saedesk.project.project_folder import Project
from saedesk.search.explanation import Contribution
from saedesk.search.hybrid_search import FusedRanking
from saedesk.search.query_features import QueryFeatures
from saedesk.search.scored_ranking import Ranking
from saedesk.search.steering_plan import PLACES, SteeringPlan
from saedesk.task_control import TaskControl


def ranks_otherwise(request: SearchRequest) -> bool:
    """Whether a request is ranked by anything but the meaning of the query."""
    by_features = request.target is not None or request.like_by == "features"
    return by_features or request.match != "meaning"


class SearchOtherwise:
    """Answers such requests for one project; used from one thread at a time."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self._engine = engine
        self._words = SearchByWords(project, engine)
        self._features = SearchByFeatures(engine)
        self._of_target = SearchByTarget(engine)

    def ask(
        self,
        request: SearchRequest,
        query: QueryFeatures | None,
        allowed: np.ndarray | None,
        control: TaskControl,
    ) -> SearchAnswer:
        """Rank the documents of rows `allowed` (n,) bool for a request, plain and steered.

        Raises BadInput where there are no features or no words to search by, NothingToSearch
        where nothing is found.
        """
        notes: tuple[str, ...] = ()
        # An empty query was none: why there is no better one is said with every answer.
        if query is None or not query.vector.any():
            query, notes = self._query(request)
        started = time.perf_counter()
        if request.match != "meaning":
            self._words.look_for_phrases(request.text, control)
        ranked = self._ranked(request, query, allowed)
        return self._answer(request, ranked, allowed, started, notes)

    def first_rows(
        self, request: SearchRequest, query: QueryFeatures, allowed: np.ndarray | None
    ) -> np.ndarray:
        """The rows of the first ten results as typed, (m,) int64."""
        at_rest = replace(request, plan=SteeringPlan(), count=PLACES)
        return self._ranked(at_rest, query, allowed).plain.best(PLACES)

    def forget_target(self) -> None:
        """Give back what was kept of a search for a feature or a family, once that is left."""
        self._of_target.forget()

    def _query(self, request: SearchRequest) -> tuple[QueryFeatures, tuple[str, ...]]:
        """The query taken apart, empty where none is needed, and what is to be said of it."""
        if request.match == "meaning":
            return self._engine.query_of(request), ()
        nothing = _no_query(self._engine.decoder.shape[1])
        if request.match == "words":
            return nothing, ()
        try:
            return self._engine.query_of(request), ()
        except ModelProblem as problem:
            return nothing, (f"These results are by words alone. {problem.sentence}",)

    def _ranked(
        self, request: SearchRequest, query: QueryFeatures, allowed: np.ndarray | None
    ) -> Rankings:
        if request.target is not None:
            return self._of_target.rankings(request, query, allowed)
        if request.like_by == "features":
            return self._features.by_features(request, query, allowed)
        if request.match == "words" or not query.vector.any():
            return self._words.by_words(request, query, allowed)
        return self._words.by_both(request, query, allowed)

    def _answer(
        self,
        request: SearchRequest,
        ranked: Rankings,
        allowed: np.ndarray | None,
        started: float,
        notes: tuple[str, ...],
    ) -> SearchAnswer:
        first, then = ranked.plain.best(request.count), ranked.steered.best(request.count)
        documents = self._engine.documents_at(np.union1d(first, then).tolist())
        plain = _shown(first, ranked.plain, ranked.plain, documents)
        is_steered = ranked.steered is not ranked.plain
        steered = _shown(then, ranked.steered, ranked.plain, documents) if is_steered else plain
        if ranked.place_of:
            steered = tuple(replace(one, place_of=ranked.place_of.get(one.row)) for one in steered)
            steered = self._engine.steering.with_activations(steered)
        kept = len(np.intersect1d(first, then))
        return SearchAnswer(
            request.text,
            ranked.query,
            request.plan,
            ranked.cosine,
            plain,
            steered,
            tuple(ranked.steered.ranks(first)),
            kept,
            len(self._engine.vectors.values) if allowed is None else int(allowed.sum()),
            ranked.exact,
            (time.perf_counter() - started) * 1000,
            request.like,
            ranked.effects,
            (*notes, *ranked.notes),
            recall=None if ranked.exact else self._engine.search().recall,
            codes_after=ranked.codes_after,
        )


def _shown(
    rows: np.ndarray, ranking: Ranking, before: Ranking, documents: Mapping[int, DocumentRow]
) -> tuple[ResultRow, ...]:
    ranks_before, scores_before = before.ranks(rows), before.scores(rows)
    shown = []
    for place, (row, score) in enumerate(zip(rows.tolist(), ranking.scores(rows), strict=True)):
        assert score is not None
        parts = ranking.parts(row)
        is_new = ranking is before or scores_before[place] is None
        one = ResultRow(
            documents[row],
            row,
            score,
            place + 1,
            ranks_before[place],
            scores_before[place],
            parts,
            () if is_new else _change(parts, before.parts(row)),
        )
        if isinstance(ranking, FusedRanking):
            by_meaning, by_words = ranking.ranks_in(row)
            one = replace(one, rank_by_meaning=by_meaning, rank_by_words=by_words)
        shown.append(one)
    return tuple(shown)


def _change(
    now: tuple[Contribution, ...], before: tuple[Contribution, ...]
) -> tuple[Contribution, ...]:
    """What changed of each part, in the order of the parts; they sum to the change of the score."""
    names = {_name(part): part for part in (*before, *now)}
    old = {_name(part): part.value for part in before}
    new = {_name(part): part.value for part in now}
    return tuple(
        part._replace(value=new.get(name, 0.0) - old.get(name, 0.0)) for name, part in names.items()
    )


def _name(part: Contribution) -> tuple[object, ...]:
    kind = part.kind if part.latent is None else ""
    return part.latent, kind, part.target, part.part


def _no_query(width: int) -> QueryFeatures:
    """The query of a search that needs none."""
    nothing = np.zeros(0, np.int32)
    zero = np.zeros(width, np.float32)
    return QueryFeatures(zero, nothing, nothing.astype(np.float32), zero)
