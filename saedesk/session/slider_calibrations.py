"""Where the sliders of a query replace results, found out while nothing else is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.search.calibration import Calibration
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import Target
from saedesk.session.task_lane import Failed, Succeeded, Task, TaskLane
from saedesk.task_control import TaskControl

SLOW = 0.1
"""Seconds of work for one slider from which on only the slider that somebody is at is calibrated:
the answer to a move waits so long at most."""
SLOW_ONES = 2
"""So many in a row are slow before that; the first one pays for what it loads."""


@dataclass(frozen=True, eq=False)
class _Subject:
    """What calibrations hold for: the query and the filter, whatever was turned."""

    query: QueryFeatures
    request: SearchRequest

    def is_that_of(self, query: QueryFeatures, request: SearchRequest) -> bool:
        mine = self.request
        return self.query is query and (mine.wanted, mine.like) == (request.wanted, request.like)


class SliderCalibrations(QObject):
    """Asks the engine in the query lane, one slider at a time."""

    calibrated = Signal(object)
    """Target of which there is a calibration now."""
    broke = Signal(str, str)
    """A failure that is a bug: what happened, and its details for the log."""

    def __init__(
        self,
        engine: SearchEngine,
        lane: TaskLane,
        is_free: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """`is_free` tells whether the lane has nothing to do for the search."""
        super().__init__(parent)
        self._engine, self._lane, self._is_free = engine, lane, is_free
        self._subject: _Subject | None = None
        self._known: dict[Target, Calibration | None] = {}
        self._wanted: tuple[Target, ...] = ()
        self._first: Target | None = None
        self._slow_ones = 0
        self._task: Task | None = None

    def of(self, target: Target) -> Calibration | None:
        """What is known of a slider in the present query; None where that is nothing yet."""
        return self._known.get(target)

    def set_subject(self, query: QueryFeatures | None, request: SearchRequest) -> None:
        """What is searched now; what was known of another query or filter is forgotten."""
        if query is None:
            self._subject = None
            self._known.clear()
        elif self._subject is None or not self._subject.is_that_of(query, request):
            self._subject = _Subject(query, request)
            self._known.clear()

    def want(self, targets: Sequence[Target]) -> None:
        """The sliders there are, in the order in which they are calibrated."""
        self._wanted = tuple(targets)
        self.go_on()

    def want_first(self, target: Target) -> None:
        """Somebody is at this slider."""
        self._first = target
        self.go_on()

    def go_on(self) -> None:
        """Calibrate the next slider, if nothing is asked at the moment."""
        subject, target = self._subject, self._next()
        if self._task is not None or subject is None or target is None or not self._is_free():
            return
        self._task = Task("Calibrating a slider", _Work(self._engine, subject, target))
        self._task.ended.connect(self._on_ended)
        self._lane.submit(self._task)

    def _next(self) -> Target | None:
        if self._first is not None and self._first not in self._known:
            return self._first
        if self._slow_ones >= SLOW_ONES:
            return None
        return next((target for target in self._wanted if target not in self._known), None)

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Succeeded):
            subject, target, found, seconds = outcome.result
            self._slow_ones = self._slow_ones + 1 if seconds > SLOW else 0
            if subject is self._subject:
                self._known[target] = found
                self.calibrated.emit(target)
        elif isinstance(outcome, Failed) and not outcome.is_known:
            self._wanted, self._first = (), None
            self.broke.emit(outcome.sentence, outcome.details)
        if isinstance(outcome, Succeeded):
            self.go_on()


class _Work:
    """One slider, run in the query lane."""

    def __init__(self, engine: SearchEngine, subject: _Subject, target: Target) -> None:
        self._engine, self._subject, self._target = engine, subject, target

    def __call__(self, control: TaskControl) -> tuple[_Subject, Target, Calibration | None, float]:
        control.checkpoint()
        subject, started = self._subject, time.thread_time()
        request = subject.request
        found = self._engine.calibration(subject.query, self._target, request.wanted, request.like)
        return subject, self._target, found, time.thread_time() - started
