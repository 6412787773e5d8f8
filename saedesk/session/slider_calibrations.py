"""Where the sliders of a query replace results, found out while nothing else is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.search.calibration import Calibration
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import SteeringPlan, Target
from saedesk.session.task_lane import Failed, Succeeded, Task, TaskLane
from saedesk.task_control import TaskControl

SLOW = 0.1
"""Seconds of work for one slider from which on only that which somebody is at is calibrated."""
SLOW_ONES = 2
"""So many in a row are slow before that; the first one pays for what it loads."""


@dataclass(frozen=True, eq=False)
class _Subject:
    """What calibrations hold for: the query and what is asked with it, whatever was turned."""

    query: QueryFeatures
    request: SearchRequest

    def is_that_of(self, query: QueryFeatures, request: SearchRequest) -> bool:
        at_rest = SteeringPlan()
        return self.query is query and self.request.with_plan(at_rest) == request.with_plan(at_rest)


class SliderCalibrations(QObject):
    """Asks the engine in the query lane, one piece of work at a time, and gives way at once.

    First whether there is anything to have less of, for all sliders; then where results are
    replaced, one slider after the other; then what the first places and the first less need.
    """

    calibrated = Signal(object)
    """Target of which more is known now."""
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
        self._known: dict[Target, Calibration] = {}
        self._calibrated: set[Target] = set()
        self._prepared: set[Target | None] = set()
        self._wanted: tuple[Target, ...] = ()
        self._first: Target | None = None
        self._slow_ones = 0
        self._task: Task | None = None

    def of(self, target: Target) -> Calibration | None:
        """What is known of a slider in the present query; None where that is nothing yet.

        Its marks may be missing still.
        """
        return self._known.get(target)

    def set_subject(self, query: QueryFeatures | None, request: SearchRequest) -> None:
        """What is searched now; what was known of another query or filter is forgotten."""
        there = self._subject
        if there is not None and query is not None and there.is_that_of(query, request):
            return
        self._subject = None if query is None else _Subject(query, request)
        self._known.clear()
        self._calibrated.clear()

    def want(self, targets: Sequence[Target]) -> None:
        """The sliders there are, in the order in which they are calibrated."""
        self._wanted = tuple(targets)
        self.go_on()

    def want_first(self, target: Target) -> None:
        """Somebody is at this slider."""
        self._first = target
        self.go_on()

    def go_on(self) -> None:
        """Do the next piece of work, if nothing is asked at the moment."""
        if self._task is not None or not self._is_free():
            return
        work = self._next()
        if work is not None:
            self._task = Task("Calibrating a slider", work)
            self._task.ended.connect(self._on_ended)
            self._lane.submit(self._task)

    def give_way(self) -> None:
        """Something is asked: what is being done stops, and begins again later."""
        if self._task is not None:
            self._task.cancel()

    def _next(self) -> _Work | None:
        subject, wanted = self._subject, self._wanted
        if self._first is not None:
            wanted = (self._first, *(one for one in wanted if one != self._first))
        if subject is not None:
            unknown = tuple(target for target in wanted if target not in self._known)
            if unknown:
                return _Look(self._engine, subject, unknown)
            marked = [one for one in wanted if self._is_to_mark(one)]
            if marked:
                return _Mark(self._engine, subject, marked[0])
        unready = [one for one in (None, self._first) if one not in self._prepared]
        return _Prepare(self._engine, unready[0]) if unready else None

    def _is_to_mark(self, target: Target) -> bool:
        wait = target != self._first and self._slow_ones >= SLOW_ONES
        return target not in self._calibrated and not wait

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Succeeded):
            self._take(outcome.result)
            self.go_on()
        elif isinstance(outcome, Failed) and not outcome.is_known:
            self._wanted, self._first = (), None
            self.broke.emit(outcome.sentence, outcome.details)

    def _take(self, done: _Done) -> None:
        if isinstance(done.work, _Mark):
            self._slow_ones = self._slow_ones + 1 if done.seconds > SLOW else 0
        if isinstance(done.work, _Prepare):
            self._prepared.add(done.work.target)
        elif done.work.subject is self._subject:
            self._known.update(done.found)
            if isinstance(done.work, _Mark):
                self._calibrated.add(done.work.target)
            for target in done.found:
                self.calibrated.emit(target)


@dataclass(frozen=True, eq=False)
class _Done:
    """What a piece of work found out of some sliders, and how long it took."""

    work: _Work
    found: dict[Target, Calibration]
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class _Look:
    """Whether there is anything to have less of, for some sliders; run in the query lane."""

    engine: SearchEngine
    subject: _Subject
    targets: tuple[Target, ...]

    def __call__(self, control: TaskControl) -> _Done:
        control.checkpoint()
        subject = self.subject
        found = self.engine.sliders.unmarked(subject.query, self.targets, subject.request)
        return _Done(self, found)


@dataclass(frozen=True, eq=False)
class _Mark:
    """Where one slider replaces results; run in the query lane."""

    engine: SearchEngine
    subject: _Subject
    target: Target

    def __call__(self, control: TaskControl) -> _Done:
        control.checkpoint()
        subject, started = self.subject, time.thread_time()
        sliders = self.engine.sliders
        found = sliders.calibration(subject.query, self.target, subject.request, control)
        return _Done(self, {self.target: found}, time.thread_time() - started)


@dataclass(frozen=True, eq=False)
class _Prepare:
    """What the first places and the first less need, of one slider or of all (None)."""

    engine: SearchEngine
    target: Target | None

    def __call__(self, control: TaskControl) -> _Done:
        control.checkpoint()
        if self.target is None:
            self.engine.sliders.prepare(control)
        else:
            self.engine.sliders.prepare_target(self.target, control)
        return _Done(self, {})


_Work: TypeAlias = _Look | _Mark | _Prepare
