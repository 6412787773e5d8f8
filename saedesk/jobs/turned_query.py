"""A query under a plan, and what a search with it found."""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.search.explanation import SearchResult
from saedesk.search.query_features import QueryFeatures, SteeredQuery
from saedesk.search.steering import Steering
from saedesk.search.steering_plan import Effect, SteeringPlan
from saedesk.search.vector_search import Hits


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


@dataclass(frozen=True, eq=False)
class TurnedQuery:
    """A query under a plan."""

    query: QueryFeatures
    asked: SteeringPlan
    steering: Steering
    after: dict[int, float]
    """The steered query taken apart again, {latent: activation}; empty where nothing does it."""
    notes: tuple[str, ...]

    @property
    def steered(self) -> SteeredQuery:
        """The vector that is searched with."""
        return self.steering.steered

    @property
    def plan(self) -> SteeringPlan:
        """Its places and less are those that documents are ranked by."""
        return self.steering.plan

    @property
    def codes_after(self) -> tuple[tuple[int, float], ...]:
        """`after`, strongest first."""
        return tuple(sorted(self.after.items(), key=lambda entry: (-entry[1], entry[0])))
