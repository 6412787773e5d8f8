"""A query under a plan, and what a search with it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.search.explanation import SearchResult
from saedesk.search.query_features import QueryFeatures, SteeredQuery
from saedesk.search.steering import Steering, asked_of, value_of
from saedesk.search.steering_plan import PLACES, Effect, SteeringPlan, Target
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


def effects_of_plan(
    plan: SteeringPlan,
    typed: Mapping[int, float],
    after: Mapping[int, float] | None,
    first: np.ndarray,
    shown: Sequence[tuple[int, Target | None]],
) -> tuple[Effect, ...]:
    """What came of a plan for a query with the codes `typed`; `after` are those read again, or
    None.

    `first` are the rows of its first results as typed, `shown` those found and who gave each its
    place.
    """
    known = set(first[:PLACES].tolist())
    new = [by for row, by in shown[:PLACES] if row not in known]
    effects = []
    for target in plan.targets:
        asked = asked_of(target, plan, typed)
        replaced = None
        if len(plan.targets) == 1:
            replaced = len(new)
        elif plan.places_of(target):
            replaced = sum(by == target for by in new)
        value = None if asked is None or after is None else value_of(target, after)
        effects.append(Effect(target, asked, value, replaced, plan.places_of(target)))
    return tuple(effects)
