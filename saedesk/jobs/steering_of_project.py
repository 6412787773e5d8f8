"""Steering a search of one project: the SAE, the labels and the documents behind it, kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from saedesk.embedding.query_encoder import QueryEncoder
from saedesk.errors import NothingToSearch
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.notes_of_steering import notes_of_steering, unfilled_places
from saedesk.jobs.search_answer import ResultRow
from saedesk.jobs.target_labels import TargetLabels
from saedesk.jobs.turned_query import SteeredResults, TurnedQuery, effects_of_plan
from saedesk.project.artifact_readers import Vectors
from saedesk.project.project_folder import Project
from saedesk.search.calibration import Calibration, strengths_that_replace
from saedesk.search.explanation import FusedBars, SearchResult, explain
from saedesk.search.family_shares import FamilyShares
from saedesk.search.family_steering import FamilySlider
from saedesk.search.feature_scores import FeatureScores, FusedScore
from saedesk.search.query_features import QueryFeatures, added, steer
from saedesk.search.steered_ranking import SteeredRanking, base_scores, steered_ranking
from saedesk.search.steering import (
    SteeredSae,
    steered_query,
    typed_codes,
    value_of,
)
from saedesk.search.steering import turned as moves_of_plan
from saedesk.search.steering_plan import PLACES, Effect, SteeringPlan, Target
from saedesk.search.vector_search import Hits, VectorSearch
from saedesk.task_control import TaskControl


@dataclass(frozen=True, eq=False)
class PlainResults:
    """The results of a query as typed."""

    query: QueryFeatures
    count: int
    allowed: np.ndarray | None
    hits: Hits
    results: list[SearchResult]

    def answers(self, query: QueryFeatures, count: int, allowed: np.ndarray | None) -> bool:
        """Whether these are the results of that."""
        return self.query is query and self.count == count and self.allowed is allowed


class SteeringOfProject:
    """Steers queries over the vectors of a project; used from one thread at a time."""

    def __init__(
        self,
        project: Project,
        vectors: Vectors,
        sae: LoadedSae | None,
        load_encoder: Callable[[], QueryEncoder],
        search: Callable[[], VectorSearch],
    ) -> None:
        """Without an SAE there is nothing to steer with, and every plan is at rest."""
        self._sae = sae
        self._parts = _parts_of(sae, vectors.values.shape[1])
        self._labels = None if sae is None else TargetLabels(project, sae, load_encoder)
        self._turned: TurnedQuery | None = None
        self._scores: FeatureScores | None = None
        if sae is not None and self._labels is not None:
            self._scores = FeatureScores(
                vectors.values, sae.activations, self._labels, lambda: search().inverse_norms
            )

    def scores(self, target: Target) -> FusedScore:
        """The fused score of a target; raises NothingToSearch for one without documents."""
        assert self._scores is not None, "a target of no SAE"
        return self._scores.of(target)

    def prepare(self, control: TaskControl) -> None:
        """Take what places and less need of all documents, in pieces; goes on after a cancel."""
        if self._scores is not None:
            self._scores.prepare(control)

    def prepare_target(self, target: Target, control: TaskControl) -> None:
        """Take the fused score of a target, if it has one; may be cancelled between pieces."""
        if self._scores is not None:
            with contextlib.suppress(NothingToSearch):
                self._scores.of(target, control)

    def turn(self, query: QueryFeatures, plan: SteeringPlan, first: np.ndarray) -> TurnedQuery:
        """The query under a plan; `first` are the rows of its ten results as typed.

        There is no less of what is in none of these, and that is said.
        """
        unseen = {target for target, _ in plan.less if not self._visible(target, first)}
        seen = tuple((target, share) for target, share in plan.less if target not in unseen)
        steering = steered_query(query, replace(plan, less=seen), self._parts)
        after = self._parts.read_steered(steering.steered)
        assert self._labels is not None, "a plan without an SAE"
        notes = notes_of_steering(query, plan, steering, unseen, self._labels, self.scores)
        self._turned = TurnedQuery(query, plan, steering, after, notes)
        return self._turned

    def outcome(
        self,
        query: QueryFeatures,
        plan: SteeringPlan,
        plain: PlainResults,
        search: VectorSearch,
        count: int,
        allowed: np.ndarray | None,
        families: Sequence[FamilySlider] = (),
    ) -> SteeredResults:
        """The query under a plan; the plain results themselves at rest.

        What `families` move of it is one part of each score.
        """
        if plan.at_rest:
            ranks = tuple(range(1, len(plain.results) + 1))
            return SteeredResults(plain.hits, plain.results, ranks)
        first = plain.hits.rows[:PLACES]
        if count < PLACES:
            unsteered = steer(query, SteeringPlan(), self._parts.decoder)
            first = search.search(unsteered, self._parts.decoder, PLACES, allowed).rows
        turned = self.turn(query, plan, first)
        steered = turned.steered
        ranking = self.ranking(turned, turned.plan, search, count, allowed)
        fused = None
        if turned.plan.needs_scores:
            fused = FusedBars(turned.plan, self.scores, ranking.place_of)
        shown = zip(ranking.hits.rows.tolist(), ranking.place_of, strict=True)
        shares = _shares(turned, families)
        return SteeredResults(
            ranking.hits,
            explain(ranking.hits, steered, self._parts.decoder, search, fused, plan, shares),
            tuple(ranking.ranks_of(plain.hits.rows)),
            steered.cosine,
            self.effects(turned, first, list(shown)),
            (*turned.notes, *self.unfilled(turned.plan, ranking.place_of, count)),
            turned.codes_after,
        )

    def vector(self, query: QueryFeatures, plan: SteeringPlan) -> np.ndarray:
        """The query under a plan, (d,) float32; that of the query itself at rest."""
        kept = self._turned
        if kept is not None and kept.query is query and kept.asked == plan:
            return kept.steered.vector
        return steered_query(query, plan, self._parts).steered.vector

    def ranking(
        self,
        turned: TurnedQuery,
        plan: SteeringPlan,
        search: VectorSearch,
        count: int,
        allowed: np.ndarray | None,
    ) -> SteeredRanking:
        """The `count` best documents of a turned query, without why; `plan` is its own or less."""
        decoder = self._parts.decoder
        return steered_ranking(search, turned.steered, plan, decoder, self.scores, count, allowed)

    def base_scores(
        self, turned: TurnedQuery, search: VectorSearch, allowed: np.ndarray | None
    ) -> np.ndarray:
        """The scores of a turned query without its places, (n,) float32."""
        decoder = self._parts.decoder
        return base_scores(search, turned.steered, turned.plan, decoder, self.scores, allowed)

    def calibration(
        self,
        query: QueryFeatures,
        target: Target,
        plain: PlainResults,
        search: VectorSearch,
        control: TaskControl,
    ) -> Calibration:
        """What a slider of `target` can do in this query by meaning; may be cancelled."""
        decoder = self._parts.decoder
        if isinstance(target, int):
            along = search.along(target, decoder)
        else:
            # The features of a family move as one: one product with all documents for all of them.
            along = search.along_direction(added(target.moves, decoder), control)
        scores = search.all_scores(steer(query, SteeringPlan(), decoder), decoder)
        if plain.allowed is not None:
            scores = np.where(plain.allowed, scores, np.float32(-np.inf))
        known = self.unmarked(query, target, plain.hits.rows)
        up = strengths_that_replace(scores, along, 1.0, control)
        down = strengths_that_replace(scores, along, -1.0, control)
        return replace(known, up=up, down=down, is_marked=True)

    def unmarked(self, query: QueryFeatures, target: Target, first: np.ndarray) -> Calibration:
        """What is known of a slider without a look at all documents; `first` as in `turn`."""
        typed = value_of(target, typed_codes(query))
        return Calibration(typed, (), (), self._visible(target, first), is_marked=False)

    def _visible(self, target: Target, rows: np.ndarray) -> int:
        """In how many of the first ten rows a target is active."""
        assert self._sae is not None
        codes = (self._sae.activations.document(int(row)) for row in rows[:PLACES])
        values = (
            value_of(target, dict(zip(latents.tolist(), active.tolist(), strict=True)))
            for latents, active in codes
        )
        return sum(value > 0.0 for value in values)

    def unfilled(
        self, plan: SteeringPlan, place_of: Sequence[Target | None], count: int
    ) -> tuple[str, ...]:
        """Sentences: which of the places that were asked for went to nobody.

        `place_of` tells of each of the first `count` results who gave it its place.
        """
        assert self._labels is not None, "a plan without an SAE"
        return unfilled_places(plan, place_of, self._labels) if count >= PLACES else ()

    def with_activations(self, rows: tuple[ResultRow, ...]) -> tuple[ResultRow, ...]:
        """Results that say how active what gave them their place is in them."""
        told = []
        for row in rows:
            if row.place_of is not None:
                own = self.scores(row.place_of).activations(np.array([row.row], np.int64))
                row = replace(row, place_activation=float(own[0]))
            told.append(row)
        return tuple(told)

    def effects(
        self, turned: TurnedQuery, first: np.ndarray, shown: Sequence[tuple[int, Target | None]]
    ) -> tuple[Effect, ...]:
        """What came of it: `first` as in `turn`, `shown` results and who gave each its place."""
        after = None if self._parts.encode is None else turned.after
        return effects_of_plan(turned.asked, typed_codes(turned.query), after, first, shown)


def _shares(turned: TurnedQuery, families: Sequence[FamilySlider]) -> FamilyShares | None:
    """What families have of the moves of a query."""
    if not families:
        return None
    # Of what is in none of the results there is no less.
    seen = {target for target, _ in turned.plan.less}
    less = tuple(entry for entry in turned.asked.less if entry[0] in seen)
    return FamilyShares.among(
        moves_of_plan(turned.query, replace(turned.asked, less=less)), families
    )


def _parts_of(sae: LoadedSae | None, width: int) -> SteeredSae:
    if sae is None:
        return SteeredSae(np.zeros((0, width), np.float32), lambda: np.zeros(width, np.float32))
    k = sae.record.summary.get("k")
    return SteeredSae(
        sae.decoder,
        lambda: sae.bias,
        int(k) if k else None,
        lambda vector: sae.codes.of(vector),
        lambda terms: sae.codes.of_sum(terms),
    )
