"""Steering a search of one project: the SAE, the labels and the documents behind it, kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from saedesk.embedding.query_encoder import QueryEncoder
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.target_labels import TargetLabels
from saedesk.project.artifact_readers import Vectors
from saedesk.project.project_folder import Project
from saedesk.search.calibration import Calibration, strengths_that_replace
from saedesk.search.explanation import FusedBars, SearchResult, explain
from saedesk.search.feature_scores import HIGH, FeatureScores, FusedScore
from saedesk.search.query_features import QueryFeatures, steer
from saedesk.search.steered_ranking import SteeredRanking, steered_ranking
from saedesk.search.steering import SteeredSae, Steering, steered_query, typed_codes, value_of
from saedesk.search.steering_plan import PLACES, Effect, SteeringPlan, Target
from saedesk.search.vector_search import Hits, VectorSearch


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


@dataclass(frozen=True, eq=False)
class SteeredResults:
    """The results of a steered query, and what came of what was asked."""

    hits: Hits
    results: list[SearchResult]
    ranks_after: tuple[int | None, ...]
    cosine: float = 1.0
    effects: tuple[Effect, ...] = ()
    notes: tuple[str, ...] = ()
    codes_after: tuple[tuple[int, float], ...] = ()


class SteeringOfProject:
    """Steers queries over the vectors of a project; used from one thread at a time."""

    def __init__(
        self,
        project: Project,
        vectors: Vectors,
        sae: LoadedSae | None,
        load_encoder: Callable[[], QueryEncoder],
    ) -> None:
        """Without an SAE there is nothing to steer with, and every plan is at rest."""
        self._sae = sae
        self._parts = _parts_of(sae, vectors.values.shape[1])
        self._labels = None if sae is None else TargetLabels(project, sae, load_encoder)
        self._scores: FeatureScores | None = None
        if sae is not None and self._labels is not None:
            self._scores = FeatureScores(
                vectors.values, sae.activations, self._labels, vectors.bad_rows
            )

    def scores(self, target: Target) -> FusedScore:
        """The fused score of a target; raises NothingToSearch for one without documents."""
        assert self._scores is not None, "a target of no SAE"
        return self._scores.of(target)

    def outcome(
        self,
        query: QueryFeatures,
        plan: SteeringPlan,
        plain: PlainResults,
        search: VectorSearch,
        count: int,
        allowed: np.ndarray | None,
    ) -> SteeredResults:
        """The query under a plan; the plain results themselves at rest."""
        if plan.at_rest:
            ranks = tuple(range(1, len(plain.results) + 1))
            return SteeredResults(plain.hits, plain.results, ranks)
        decoder = self._parts.decoder
        steering = steered_query(query, plan, self._parts)
        steered = steering.steered
        ranking = steered_ranking(search, steered, plan, decoder, self.scores, count, allowed)
        fused = FusedBars(plan, self.scores, ranking.place_of) if plan.needs_scores else None
        after = self._parts.read(steered.vector, query.length)
        strongest = sorted(after.items(), key=lambda entry: (-entry[1], entry[0]))
        return SteeredResults(
            ranking.hits,
            explain(ranking.hits, steered, decoder, search, fused),
            tuple(ranking.ranks_of(plain.hits.rows)),
            steered.cosine,
            self._effects(query, plan, plain, ranking, after),
            self._notes(plan, plain, steering),
            tuple(strongest),
        )

    def vector(self, query: QueryFeatures, plan: SteeringPlan) -> np.ndarray:
        """The query under a plan, (d,) float32; that of the query itself at rest."""
        return steered_query(query, plan, self._parts).steered.vector

    def ranking(
        self,
        query: QueryFeatures,
        plan: SteeringPlan,
        search: VectorSearch,
        count: int,
        allowed: np.ndarray | None,
    ) -> SteeredRanking:
        """The `count` best documents of the query under a plan, without why."""
        steered = steered_query(query, plan, self._parts).steered
        decoder = self._parts.decoder
        return steered_ranking(search, steered, plan, decoder, self.scores, count, allowed)

    def calibration(
        self,
        query: QueryFeatures,
        target: Target,
        plain: PlainResults,
        search: VectorSearch,
        allowed: np.ndarray | None,
    ) -> Calibration:
        """What a slider of `target` can do in this query."""
        assert self._scores is not None, "a target of no SAE"
        decoder = self._parts.decoder
        moves = ((target, 1.0),) if isinstance(target, int) else target.moves
        along = np.zeros(len(search), np.float32)
        for latent, weight in moves:
            along += np.float32(weight) * search.along(latent, decoder)
        scores = search.all_scores(steer(query, SteeringPlan(), decoder), decoder)
        if allowed is not None:
            scores = np.where(allowed, scores, np.float32(-np.inf))
        _, values = self._scores.activation_of(target)
        return Calibration(
            value_of(target, typed_codes(query)),
            float(np.quantile(values, HIGH)) if len(values) else None,
            strengths_that_replace(scores, along),
            strengths_that_replace(scores, along, -1.0),
            self._visible(target, plain.hits.rows),
        )

    def _visible(self, target: Target, rows: np.ndarray) -> int:
        """In how many of the first ten rows a target is active."""
        assert self._sae is not None
        codes = (self._sae.activations.document(int(row)) for row in rows[:PLACES])
        values = (
            value_of(target, dict(zip(latents.tolist(), active.tolist(), strict=True)))
            for latents, active in codes
        )
        return sum(value > 0.0 for value in values)

    def _effects(
        self,
        query: QueryFeatures,
        plan: SteeringPlan,
        plain: PlainResults,
        ranking: SteeredRanking,
        after: dict[int, float],
    ) -> tuple[Effect, ...]:
        typed = typed_codes(query)
        known = set(plain.hits.rows[:PLACES].tolist())
        shown = list(zip(ranking.hits.rows[:PLACES].tolist(), ranking.place_of, strict=False))
        effects = []
        for target in plan.targets:
            asked = (1.0 - plan.less_of(target)) * value_of(target, typed)
            if isinstance(target, int):
                asked += plan.strength(target)
            replaced = None
            if len(plan.targets) == 1:
                replaced = sum(row not in known for row, _ in shown)
            elif plan.places_of(target):
                replaced = sum(row not in known and by == target for row, by in shown)
            value = None if self._parts.encode is None else value_of(target, after)
            effects.append(Effect(target, asked, value, replaced))
        return tuple(effects)

    def _notes(
        self, plan: SteeringPlan, plain: PlainResults, steering: Steering
    ) -> tuple[str, ...]:
        assert self._labels is not None, "a plan without an SAE"
        notes: list[str] = []
        if steering.share < 1.0:
            notes.append(
                f"To keep a cosine of {plan.cap:.2f} with the query as typed, the sliders count "
                f"for {100 * steering.share:.0f} % of what they show."
            )
        if steering.errors:
            notes.append(
                "The features of the steered query, read again, are off by "
                f"{100 * steering.errors[-1]:.1f} % of what was asked for, squared; without the "
                f"optimisation by {100 * steering.errors[0]:.1f} %."
            )
        notes += [
            f"There is nothing of {self._labels.name_of(target)} in the results as typed, so there "
            "is nothing to have less of."
            for target, _ in plan.less
            if not self._visible(target, plain.hits.rows)
        ]
        for target in dict.fromkeys(target for target, _ in (*plan.places, *plan.less)):
            left_out = self.scores(target).left_out
            notes += [f"{_capital(self._labels.name_of(target))}: {said}" for said in left_out]
        return tuple(notes)


def _parts_of(sae: LoadedSae | None, width: int) -> SteeredSae:
    if sae is None:
        return SteeredSae(np.zeros((0, width), np.float32), lambda: np.zeros(width, np.float32))
    k = sae.record.summary.get("k")
    return SteeredSae(
        sae.decoder, lambda: sae.bias, int(k) if k else None, lambda vector: sae.codes.of(vector)
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
