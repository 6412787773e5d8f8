"""The product's own steering, called as the application calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.search.family_steering import FamilySlider, family_slider, with_families
from saedesk.search.feature_scores import ACTIVATION, FusedScore
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steered_ranking import steered_ranking
from saedesk.search.steering import SteeredSae, steered_query
from saedesk.search.steering_plan import PLACES, SteeringPlan, Target
from tests.benchmarks.steering.trials import RESULTS
from tests.benchmarks.steering.walks import STRENGTHS, Walk

FEW_STRENGTHS = np.concatenate([[0.0], np.geomspace(0.05, 2.0, 12)])
"""For what takes a query apart again at every step."""
SHARES = np.linspace(0.0, 1.0, 41)
RELATIVES = 5
"""Features of a family, those that fire together with it most."""


@dataclass(frozen=True, eq=False)
class Parts:
    """The scaled parts of a fused score for all documents, by name."""

    fused: FusedScore
    columns: dict[str, np.ndarray]
    """(n,) each; 0 is any document, 1 a typical one of the feature."""

    def mean(
        self, names: Sequence[str], weight: float = 1.0, strongest: float = np.inf
    ) -> FusedScore:
        """The fused score of some parts alone; of none of them it tells nothing.

        No part is more than `strongest`. Without the activation nothing is known of who has the
        feature, and any document may be given a place.
        """
        there = [self.columns[name] for name in names if name in self.columns]
        some = [np.minimum(column, strongest) for column in there]
        total = np.mean(some, axis=0) if some else np.zeros(len(self.fused.values))
        sparse = dict(self.fused._sparse)
        if ACTIVATION not in names:
            sparse[ACTIVATION] = (np.arange(len(total)), np.ones(len(total)))
        values = (weight * total).astype(np.float32)
        return replace(self.fused, values=values, _sparse=sparse)


class Product:
    """Steers queries over one project."""

    def __init__(self, engine: SearchEngine) -> None:
        assert engine.sae is not None
        sae = engine.sae
        self.engine, self.sae = engine, sae
        self.search = engine.search()
        k = int(sae.record.summary["k"])
        self._parts = SteeredSae(sae.decoder, lambda: sae.bias, k, sae.codes.of)
        self._unit = self.search.unit_vectors(np.arange(len(self.search)))
        self._kept: tuple[int, Parts] | None = None

    def parts(self, latent: int) -> Parts:
        """What the fused score of a feature is made of."""
        if self._kept is None or self._kept[0] != latent:
            fused = self.engine.fused_score(latent)
            columns = fused.parts_of(np.arange(len(self._unit)), self._unit) * len(fused.names)
            by_name = dict(zip(fused.names, columns.T, strict=True))
            self._kept = (latent, Parts(fused, by_name))
        return self._kept[1]

    def places(self, query: QueryFeatures, target: Target, score: FusedScore | None = None) -> Walk:
        """0 to 10 places, by the fused score or another in its stead."""
        plans = [SteeringPlan(places=((target, m),)) for m in range(PLACES + 1)]
        return self._walk(query, plans, score)

    def less(self, query: QueryFeatures, target: Target, score: FusedScore | None = None) -> Walk:
        """Less by 0 to all of it."""
        plans = [SteeringPlan(less=((target, float(share)),)) for share in SHARES]
        return self._walk(query, plans, score)

    def direction(self, query: QueryFeatures, latent: int, sign: float = 1.0) -> Walk:
        """Strengths along the direction of a feature, the residual kept."""
        plans = [SteeringPlan(((latent, sign * float(u)),)) for u in STRENGTHS]
        return self._walk(query, plans)

    def clamp(self, query: QueryFeatures, latent: int) -> Walk:
        """Values set, chosen again and decoded."""
        plans = [SteeringPlan(((latent, float(u)),), "clamp") for u in FEW_STRENGTHS]
        return self._walk(query, plans)

    def optimised(self, query: QueryFeatures, latent: int) -> Walk:
        """Moved on until the features read again are those asked for."""
        plans = [SteeringPlan(((latent, float(u)),), optimise=True) for u in FEW_STRENGTHS]
        return self._walk(query, plans)

    def family(self, query: QueryFeatures, slider: FamilySlider) -> Walk:
        """Strengths along a family."""
        plans = [with_families(SteeringPlan(), [slider.with_strength(float(u))]) for u in STRENGTHS]
        return self._walk(query, plans)

    def family_of(self, latent: int, together: np.ndarray, density: np.ndarray) -> FamilySlider:
        """A feature and those that fire with it most; `together` (latents,) says how often."""
        others = [i for i in np.argsort(-together, kind="stable").tolist() if i != latent]
        return family_slider(latent, others[:RELATIVES], self.sae.decoder, density)

    def agrees(self, query: QueryFeatures, latent: int) -> bool:
        """Whether `SearchEngine.ask` gives the results that the walks have."""
        walks: list[tuple[Callable[[int], SteeringPlan], Walk]] = [
            (lambda m: SteeringPlan(places=((latent, m),)), self.places(query, latent)),
            (
                lambda step: SteeringPlan(((latent, float(STRENGTHS[step])),)),
                self.direction(query, latent),
            ),
        ]
        for plan_of, walk in walks:
            for step in (0, 1, PLACES):
                request = SearchRequest("any", plan=plan_of(step), count=RESULTS)
                rows = [row.row for row in self.engine.ask(request, query).steered]
                if rows != walk.rows[step].tolist():
                    return False
        return True

    def _walk(
        self,
        query: QueryFeatures,
        plans: Sequence[SteeringPlan],
        score: FusedScore | None = None,
    ) -> Walk:
        def scores(target: Target) -> FusedScore:
            return score or self.engine.fused_score(target)

        rows, cosines = [], []
        for plan in plans:
            steered = steered_query(query, plan, self._parts).steered
            found = steered_ranking(
                self.search, steered, plan, self.sae.decoder, scores, RESULTS, None
            )
            rows.append(found.hits.rows)
            cosines.append(steered.cosine)
        if any(plan.needs_scores for plan in plans):
            # The cosine says nothing of what scores do.
            cosines = [np.nan] * len(plans)
        return Walk(np.stack(rows), np.array(cosines))
