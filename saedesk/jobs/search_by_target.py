"""Documents of one feature or family: the most active first, steered by strengths and places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.notes_of_steering import about_cap
from saedesk.jobs.search_rankings import Engine, Rankings
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.turned_query import effects_of_plan
from saedesk.search.explanation import FusedBars
from saedesk.search.feature_ranking import FeatureRanking, LedRanking, cosine_of_values
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steered_ranking import with_places_given
from saedesk.search.steering import share_within_cap, typed_codes
from saedesk.search.steering_plan import PLACES, SteeringPlan, Target
from saedesk.search.target_columns import ByCosine, KeptColumns

STEERED_BY = (
    "A feature or a family alone is steered by strengths and places, within the cap: less, "
    "clamping and the optimisation have no effect here."
)
HOW_STEERED = (
    "The score is the sum of activations, each times the position of its slider; the cosine is "
    "that of the scores of all documents before and after."
)
UNMOVED = (
    "What was turned is active in none of these results, so they stay as they are; the cosine is "
    "that of the scores of all documents before and after."
)


class SearchByTarget:
    """Ranks documents by the activation of a target and of what is turned beside it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: _Kept | None = None

    def forget(self) -> None:
        """Give back the memory of what was kept of the last target."""
        self._kept = None

    def rankings(
        self, request: SearchRequest, query: QueryFeatures, allowed: np.ndarray | None
    ) -> Rankings:
        """Documents of `request.target`; raises BadInput without an SAE.

        Raises NothingToSearch where the sliders leave nothing of it.
        """
        plan, target = request.plan, request.target
        assert target is not None, "a search for no feature"
        if self._engine.sae is None:
            raise BadInput(
                "To search for a feature there has to be an SAE. Train one and analyse it first."
            )
        scores = self._engine.search().plain_scores(query)
        kept = self._kept
        if kept is None or not kept.answers(target, scores, allowed):
            kept = self._kept = _Kept(target, scores, allowed, self._engine.sae.activations)
        plain = kept.plain
        notes = _notes(plain, request)
        if not (plan.strengths or plan.places):
            return Rankings(plain, plain, query, notes=notes)
        steered, share = _turned(kept, plan)
        if plan.strengths and share > 0.0:
            notes += (self._how(plan, plain, steered, request.count),)
        if share < 1.0:
            notes += (about_cap(replace(plan, optimise=False), share),)
        cosine = cosine_of_values(steered.columns.plain, steered.active_values)
        found, given = self._placed(steered, plan)
        unfilled = self._engine.steering.unfilled(plan, list(given.values()), request.count)
        first = plain.best(PLACES)
        shown = [(row, given.get(row)) for row in found.best(PLACES).tolist()]
        return Rankings(
            plain,
            found,
            query,
            cosine,
            notes=(*notes, *unfilled),
            effects=effects_of_plan(replace(plan, less=()), typed_codes(query), None, first, shown),
            place_of=given,
        )

    def _how(
        self, plan: SteeringPlan, plain: FeatureRanking, steered: FeatureRanking, count: int
    ) -> str:
        """What strengths do here, or that they do nothing among the results, before and after."""
        assert self._engine.sae is not None
        document = self._engine.sae.activations.document
        results = np.union1d(plain.best(count), steered.best(count)).tolist()
        latents = [latent for latent, strength in plan.strengths if strength]
        is_active = any(np.isin(latents, document(row)[0]).any() for row in results)
        return HOW_STEERED if is_active else UNMOVED

    def _placed(
        self, ranking: FeatureRanking, plan: SteeringPlan
    ) -> tuple[FeatureRanking | LedRanking, Mapping[int, Target]]:
        """With the places of a plan, which go to the highest sums of score and fused score."""
        if not plan.places:
            return ranking, {}
        order, scores = ranking.best(2 * PLACES), self._engine.steering.scores
        takes_part = ranking.columns.by_cosine.cosines > -np.inf
        base = np.where(takes_part, ranking.values, -np.inf)
        rows, by = with_places_given(base, order, plan, scores)
        first = rows[:PLACES]
        bars = FusedBars(replace(plan, less=()), scores, by[:PLACES])
        parts = bars.of(first, self._engine.search().unit_vectors(first))
        given = {row: one for row, one in zip(first.tolist(), by, strict=False) if one is not None}
        return ranking.with_first(first, dict(zip(first.tolist(), parts, strict=True))), given


class _Kept:
    """What does not change while sliders move beside a target, under one filter."""

    def __init__(
        self,
        target: Target,
        scores: np.ndarray,
        allowed: np.ndarray | None,
        activations: SparseActivations,
    ) -> None:
        """`scores` (n,) float32 are the cosines of all documents with the target's direction."""
        self._of = (target, scores, allowed)
        if allowed is not None:
            scores = np.where(allowed, scores, np.float32(-np.inf))
        self._target, self._cosines, self._activations = target, scores, activations
        self._columns = KeptColumns(target, ByCosine(scores), activations)
        self.plain = self.ranking({})

    def answers(self, target: Target, scores: np.ndarray, allowed: np.ndarray | None) -> bool:
        """Whether this was kept of that."""
        own = self._of
        return own[0] == target and own[1] is scores and own[2] is allowed

    def ranking(self, strengths: Mapping[int, float]) -> FeatureRanking:
        """Documents by the target and by what is turned."""
        columns = self._columns.of(tuple(strengths))
        return FeatureRanking(
            self._target, strengths, self._cosines, self._activations, None, columns
        )


def _turned(kept: _Kept, plan: SteeringPlan) -> tuple[FeatureRanking, float]:
    """Documents by what a plan leaves within its cap, and which share of it that is."""
    if not plan.strengths:
        return kept.plain, 1.0
    steered = kept.ranking(dict(plan.strengths))
    before = steered.columns.plain
    if plan.cap is None or not before.any():
        return steered, 1.0
    share = share_within_cap(before, steered.active_values - before, plan.cap)
    if share < 1.0:
        steered = kept.ranking({latent: share * u for latent, u in plan.strengths})
    return steered, share


def _notes(plain: FeatureRanking, request: SearchRequest) -> tuple[str, ...]:
    """How many documents there are of it, and what of the plan has no effect."""
    notes, plan = [], request.plan
    if plain.active < request.count:
        notes.append(
            f"It is active in {plain.active:,} of the documents that pass; the others are in the "
            "order of their cosine with its direction."
        )
    if plan.less or (plan.strengths and (plan.optimise or plan.mode == "clamp")):
        notes.append(STEERED_BY)
    return tuple(notes)
