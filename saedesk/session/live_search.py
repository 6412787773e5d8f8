"""The search as the window sees it: a query, sliders, and answers that keep up with the hand.

Work runs on the query lane. While one request is being answered, only the newest of the waiting
ones is kept; an answer to an older request is never shown after a newer one.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from saedesk.errors import ModelProblem
from saedesk.jobs.search_documents import SearchAnswer, SearchEngine
from saedesk.jobs.search_request import RESULTS, SearchRequest
from saedesk.jobs.search_without_vectors import are_missing
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import Effect
from saedesk.session.query_moves import QueryMoves
from saedesk.session.search_question import Asked, Found, SearchWork, next_count
from saedesk.session.search_state import SETTLED_MS, SearchCommand, SearchState
from saedesk.session.slider_calibrations import SliderCalibrations
from saedesk.session.steering_settings import Slid, codes_of
from saedesk.session.task_lane import Failed, Succeeded, Task, TaskLane
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl

UNEXPECTED = "The search stopped at a fault of the program. The message at the top has the details."
"""Instead of what the fault says, which the message says already."""
QUICK_SECONDS = 0.012
"""So long the window may wait for an answer before it paints: less than one picture of 16.7 ms."""
SHOWN_FEATURES = 10
"""Sliders shown at first: the strongest features of the query."""


class LiveSearch(QueryMoves):
    """Holds the search's state, asks the engine, tells the panels."""

    state_changed = Signal(object)
    """SearchState: the query, a slider, how one is turned, or the filter changed."""
    query_changed = Signal(object)
    """QueryFeatures of a new query, or None when it was cleared."""
    answered = Signal(object)
    """SearchAnswer."""
    compared_changed = Signal(object)
    """SearchAnswer of the settings that are not in force, or None; before `answered`."""
    let_go = Signal()
    """Nothing is being moved any more."""
    failed = Signal(str)
    """A sentence: why there is no answer."""
    broke = Signal(str, str)
    """A failure that is a bug: what happened, and its details for the log."""
    busy_changed = Signal(bool)
    """Whether the query is being embedded (not told for slider moves)."""
    text_problem_changed = Signal()
    """It turned out that typed text cannot be searched for."""
    index_damaged = Signal(str)
    """A sentence: why the index cannot be used. Everything is compared instead."""

    def __init__(
        self, engine: SearchEngine, lane: TaskLane, undo: QUndoStack, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        if are_missing(engine.vectors):
            self._state = replace(self._state, match="words")
        self._lane = lane
        self._undo = undo
        self._answer: SearchAnswer | None = None
        self._compared: SearchAnswer | None = None
        self._compared_to: tuple[QueryFeatures | None, SearchRequest] | None = None
        self._task: Task | None = None
        self._asked: Asked | None = None
        """What the task was asked."""
        self._waiting = False
        self._count = RESULTS
        self._is_dragging = False
        self._answered_at = 0.0
        self._took = math.inf
        """Seconds of the last answer."""
        self._text_problem = engine.text_problem
        self._damage = ""
        self.calibrations = SliderCalibrations(engine, lane, self._is_free, self)
        self.calibrations.broke.connect(self.broke)

    # -- what there is -----------------------------------------------------------------------

    @property
    def engine(self) -> SearchEngine:
        """What answers; to be used in the query lane only."""
        return self._engine

    @property
    def answer(self) -> SearchAnswer | None:
        """The newest answer."""
        return self._answer

    @property
    def is_dragging(self) -> bool:
        """Whether something is being moved, so that answers follow one another."""
        return self._is_dragging

    @property
    def compared(self) -> SearchAnswer | None:
        """The answer under the settings that are not in force, while both are shown."""
        return self._compared

    @property
    def count(self) -> int:
        """How many results are asked for."""
        return self._count

    @property
    def more_results(self) -> int | None:
        """How many results can be asked for next; None where there are no more."""
        return None if self._answer is None else next_count(self._answer, self._count)

    def show_more(self) -> None:
        """Ask for more results of the same; a new query begins with ten again."""
        more = self.more_results
        if more is not None and self._state.asks_something:
            self._count = more
            self._ask()

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What came of what was asked, in the newest answer."""
        return () if self._answer is None else self._answer.effects

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences a person should read about the newest answer."""
        return () if self._answer is None else self._answer.notes

    @property
    def text_problem(self) -> str:
        """A sentence why typed text cannot be searched for; "" while nothing speaks against it."""
        return self._text_problem

    def value_after(self, slid: Slid) -> float | None:
        """The value of a slider when the steered query is taken apart again.

        None while nothing is steered or nobody can take it apart.
        """
        answer = self._answer
        if answer is None or answer.plan.at_rest or not answer.codes_after:
            return None
        return self._state.settings.value_in(slid, dict(answer.codes_after))

    def replaced_by(self, slid: Slid) -> int | None:
        """How many of ten results a slider replaced; None where it cannot be told."""
        target = self._state.settings.target(slid)
        found = (effect.replaced for effect in self.effects if effect.target == target)
        return next(found, None)

    # -- the engine --------------------------------------------------------------------------

    def prepare(self) -> None:
        """Load the embedding model ahead of the first query."""
        task = Task("Loading the embedding model", self._prepare)
        task.ended.connect(self._on_prepared)
        self._lane.submit(task)

    def renew_index(self) -> None:
        """Use the index that was built or built again meanwhile, and ask with it once more."""
        task = Task("Opening the search index", self._renew_index)
        task.ended.connect(self._on_renewed)
        self._lane.submit(task)

    def ask_again(self) -> None:
        """Ask what is asked once more, after a fault or of another index; no step."""
        if self._state.asks_something:
            self._ask()

    # -- undo --------------------------------------------------------------------------------

    def _push(self, state: SearchState, text: str, merge_key: str, final: bool) -> None:
        self._is_dragging = not final and state.asks_the_same(self._state)
        if state != self._state:
            if self._undo.canRedo():
                self._end_of_step()  # What was taken back meanwhile was a step as well.
            self._undo.push(SearchCommand(self, self._state, state, text, merge_key))
        if final and merge_key:
            SearchCommand.end_of_drag(self._undo)
        if final:
            self.let_go.emit()
            self.calibrations.go_on()

    def end_drag(self, *, goes_on: bool = False) -> None:
        """What was being moved stays where it is: whoever moved it has let go.

        Where the hand `goes_on`, as from key to key, what follows at once is the same step.
        """
        self._is_dragging = False
        SearchCommand.end_of_drag(self._undo, goes_on=goes_on)
        self.let_go.emit()
        self.calibrations.go_on()

    def restore(self, state: SearchState, count: int = RESULTS) -> None:
        """Put another state in force; for the commands on the undo stack.

        `count` results are asked for where it asks something else.
        """
        is_new = not state.asks_the_same(self._state)
        if not is_new and self._query is not None:
            # What is turned has a slider, also in a search that was asked before.
            state = state.settled(codes_of(self._query))
        self._state = state
        if is_new:
            self._query, self._count = None, count
        if state.comparison is None or not state.comparison.side_by_side:
            self._show_compared(None, None)
        self.state_changed.emit(state)
        if state.asks_something:
            self._ask()
        elif is_new:
            self._answer = None
            self.calibrations.set_subject(None, state.request())
            self.query_changed.emit(None)

    def _has_stood(self) -> bool:
        answer = self._answer
        if answer is None or self._query is None or answer.text != self._state.text:
            return False
        return time.monotonic() - self._answered_at >= SETTLED_MS / 1000

    def _end_of_step(self) -> None:
        SearchCommand.end_of_drag(self._undo)

    # -- the query lane ----------------------------------------------------------------------

    def _is_free(self) -> bool:
        return self._task is None and not self._is_dragging

    def _ask(self) -> None:
        if self._task is not None:
            self._waiting = True
            if self._asked is not None and not self._state.asks_the_same(self._asked.state):
                self._task.cancel()  # Nobody would see its answer.
            return
        asked = self._asked = Asked(self._state, self._query, self._count, self._to_compare())
        self.busy_changed.emit(asked.query is None)
        self._task = Task("Searching", SearchWork(self._engine, asked))
        self._task.ended.connect(self._on_ended)
        self.calibrations.give_way()
        self._lane.submit(self._task)
        self._wait_if_quick(self._task)

    def _wait_if_quick(self, task: Task) -> None:
        """While something is dragged, let an answer that takes less than a frame come first.

        The window would paint the slider meanwhile, then slider and results once more, and each
        thread would wait for the other at every line of Python.
        """
        is_next = len(self._lane.tasks) == 1
        if self._is_dragging and is_next and self._took < QUICK_SECONDS:
            task.wait_for(QUICK_SECONDS)

    def _to_compare(self) -> SearchRequest | None:
        """The request of the settings that are not in force, where its answer is not there."""
        there = self._state.comparison
        if there is None or not there.side_by_side:
            return None
        request = replace(self._state.request(there.other), count=self._count)
        return None if self._compared_to == (self._query, request) else request

    def _prepare(self, control: TaskControl) -> str:
        control.checkpoint()
        limit_torch_threads()
        try:
            self._engine.prepare()
        except ModelProblem as problem:
            return problem.sentence
        return ""

    def _renew_index(self, control: TaskControl) -> None:
        control.checkpoint()
        self._engine.renew_index()

    @Slot(object)
    def _on_renewed(self, _: object) -> None:
        self._damage = ""
        self._tell_damage()
        self._compared_to = None
        self.ask_again()

    def _tell_damage(self) -> None:
        damage, told = self._engine.index_damage, self._damage
        self._damage = damage
        if damage and damage != told:
            self.index_damaged.emit(damage)

    @Slot(object)
    def _on_prepared(self, outcome: object) -> None:
        problem = outcome.result if isinstance(outcome, Succeeded) else ""
        if problem and problem != self._text_problem:
            self._text_problem = problem
            if self._state.match == "meaning":
                # What was typed before anybody knew is no question any more.
                self.set_text("")
            self.text_problem_changed.emit()
        self.calibrations.go_on()

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        if self._task is not None:
            self._took = self._task.seconds
        self._task = None
        self._tell_damage()
        if isinstance(outcome, Succeeded):
            self._take(outcome.result)
        elif isinstance(outcome, Failed):
            if not self._waiting and self._state.asks_something:
                self.failed.emit(outcome.sentence if outcome.is_known else UNEXPECTED)
            if not outcome.is_known:
                self.broke.emit(outcome.sentence, outcome.details)
        if self._waiting:
            self._waiting = False
            if self._state.asks_something:
                self._ask()
                return
        self.busy_changed.emit(False)
        self.calibrations.go_on()

    def _take(self, found: Found) -> None:
        asked, answer = found.asked, found.answer
        if not asked.state.asks_the_same(self._state):
            return  # A newer query is on its way.
        is_new = self._query is None
        if is_new:
            self._query = answer.query
            self._answered_at = time.monotonic()
            self._settle(found)
        there = self._state.comparison
        if there is None or not there.side_by_side:
            self._show_compared(None, None)
        elif asked.compare is not None:
            self._show_compared((self._query, asked.compare), found.compared)
        self._answer = answer
        self.calibrations.set_subject(self._query, found.state.request())
        if is_new:
            self.query_changed.emit(self._query)
            if self._state != asked.state:
                self.state_changed.emit(self._state)
        self.answered.emit(answer)

    def _settle(self, found: Found) -> None:
        """What locked sliders held is put into force; no step of its own."""
        state = self._state if self._state is not found.asked.state else found.state
        self._state = state.settled(codes_of(found.answer.query))

    def _show_compared(
        self, to: tuple[QueryFeatures | None, SearchRequest] | None, answer: SearchAnswer | None
    ) -> None:
        self._compared_to = to
        if answer is not self._compared:
            self._compared = answer
            self.compared_changed.emit(answer)
