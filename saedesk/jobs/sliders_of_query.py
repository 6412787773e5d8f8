"""What the sliders of a query can do in it, and what their first moves need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from saedesk.jobs.search_rankings import Engine
from saedesk.jobs.search_request import RESULTS, SearchRequest, check_target
from saedesk.jobs.steering_of_project import PlainResults
from saedesk.search.calibration import Calibration
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import Target
from saedesk.task_control import TaskControl, Unattended


class AskedEngine(Engine, Protocol):
    """What is needed of the engine that answers."""

    def allowed_rows(self, request: SearchRequest) -> np.ndarray | None:
        """The rows that a request may find, (n,) bool; None for all."""
        ...

    def rows_otherwise(
        self, request: SearchRequest, query: QueryFeatures, allowed: np.ndarray | None
    ) -> np.ndarray | None:
        """The first ten rows of a request as typed; None where it is ranked by meaning alone."""
        ...


class SlidersOfQuery:
    """Calibrates sliders, and gets ready what places and less need; in the engine's thread."""

    def __init__(self, engine: AskedEngine) -> None:
        self._engine = engine

    def calibration(
        self,
        query: QueryFeatures,
        target: Target,
        request: SearchRequest | None = None,
        control: TaskControl | None = None,
    ) -> Calibration:
        """Where a slider replaces results of `request`, and in how many of them its target is.

        Where words count, or documents are compared by features, the strengths are not looked
        for. Raises BadInput for a feature that is not there.
        """
        check_target(target, len(self._engine.decoder))
        first, plain = self._first(query, request or SearchRequest())
        steering = self._engine.steering
        if plain is None:
            return steering.unmarked(query, target, first)
        search, control = self._engine.search(), control or Unattended()
        return steering.calibration(query, target, plain, search, control)

    def unmarked(
        self, query: QueryFeatures, targets: Sequence[Target], request: SearchRequest
    ) -> dict[Target, Calibration]:
        """What is known of sliders at once: whether there is anything to have less of."""
        first, _ = self._first(query, request)
        steering = self._engine.steering
        return {target: steering.unmarked(query, target, first) for target in targets}

    def prepare(self, control: TaskControl) -> None:
        """Read what the first places and the first less need, in pieces.

        After a cancel the next call goes on where this one stopped.
        """
        self._engine.search()
        control.checkpoint()
        self._engine.steering.prepare(control)

    def prepare_target(self, target: Target, control: TaskControl) -> None:
        """Read what places and less of one target need; may be cancelled between pieces."""
        self._engine.steering.prepare_target(target, control)

    def _first(
        self, query: QueryFeatures, request: SearchRequest
    ) -> tuple[np.ndarray, PlainResults | None]:
        """The first rows of a request as typed, and its plain results by meaning."""
        allowed = self._engine.allowed_rows(request)
        rows = self._engine.rows_otherwise(request, query, allowed)
        if rows is not None:
            return rows, None
        plain = self._engine.plain_results(query, max(request.count, RESULTS), allowed)
        return plain.hits.rows, plain
