"""Searches by the features that documents share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from saedesk.errors import BadInput
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.search_rankings import Engine, Rankings
from saedesk.jobs.search_request import SearchRequest
from saedesk.search.more_like import FeatureLikeness, mean_code, turned_code
from saedesk.search.query_features import QueryFeatures, take_apart
from saedesk.search.steering import typed_codes
from saedesk.search.steering_plan import SteeringPlan

STRENGTHS_ALONE = (
    "A search by features is steered by strengths alone: places, less, clamping, the cap and the "
    "optimisation have no effect here."
)

HOW_STEERED = (
    "The score is the share of their features that a document and the query have in common. "
    "Turning one changes the whole, too, so that all other parts change with it."
)


class SearchByFeatures:
    """Ranks documents by their features; keeps 8 bytes for each document."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._likeness: FeatureLikeness | None = None

    def by_features(
        self, request: SearchRequest, query: QueryFeatures, allowed: np.ndarray | None
    ) -> Rankings:
        sae, plan = self._sae("To compare documents by features"), request.plan
        if self._likeness is None:
            self._likeness = FeatureLikeness(sae.activations)
        like = mean_code(sae.activations, self._rows(request.like))
        if not request.like:
            like = {i: z * query.length for i, z in typed_codes(query).items()}
        query = _compared(query, like, self._engine.decoder)
        unlike = mean_code(sae.activations, self._rows(request.unlike))
        allowed = self._searchable(query, allowed)
        plain = self._likeness.ranking(like, unlike, allowed)
        if not plan.strengths:
            return Rankings(plain, plain, query, notes=_notes_of(plan))
        strengths = {i: u * query.length for i, u in plan.strengths}
        steered = self._likeness.ranking(like, unlike, allowed, strengths)
        cosine = _cosine(like, turned_code(like, strengths))
        return Rankings(plain, steered, query, cosine, notes=(*_notes_of(plan), HOW_STEERED))

    def _sae(self, what_for: str) -> LoadedSae:
        if self._engine.sae is None:
            raise BadInput(f"{what_for} there has to be an SAE. Train one and analyse it first.")
        return self._engine.sae

    def _rows(self, document_ids: Sequence[int]) -> list[int]:
        found = (self._engine.vectors.row_of(int(one)) for one in document_ids)
        return [row for row in found if row is not None]

    def _searchable(self, query: QueryFeatures, allowed: np.ndarray | None) -> np.ndarray | None:
        bad = self._engine.vectors.bad_rows
        if not len(bad):
            return allowed
        rows = np.ones(len(self._engine.vectors.values), bool) if allowed is None else allowed
        usable = rows.copy()
        usable[bad] = False
        return usable


def _compared(
    query: QueryFeatures, code: Mapping[int, float], decoder: np.ndarray
) -> QueryFeatures:
    """The query taken apart into the features that are compared and can be turned.

    Those of its vector are others: it is the mean of documents, away from those not wanted.
    """
    latents = np.array(list(code), np.int64)
    values = np.array(list(code.values())) / query.length
    found = take_apart(query.vector, latents, values, decoder)
    return replace(found, length=query.length)


def _cosine(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """Of two codes {latent: value}, neither of them zero; it is by codes that is compared here."""
    shared = sum(value * other.get(latent, 0.0) for latent, value in one.items())
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    return min(1.0, shared / lengths) if lengths > 0.0 else 1.0


def _notes_of(plan: SteeringPlan) -> tuple[str, ...]:
    """What of a plan a search by features leaves out."""
    limits = plan.cap is not None or plan.optimise or plan.mode == "clamp"
    return (STRENGTHS_ALONE,) if plan.needs_scores or (plan.strengths and limits) else ()
