"""The search as the window sees it: a query, sliders, and answers that keep up with the hand.

Work runs on the query lane. While one request is being answered, only the newest of the waiting
ones is kept; an answer to an older request is never shown after a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from saedesk.errors import ModelProblem
from saedesk.jobs.search_documents import SearchAnswer, SearchEngine
from saedesk.jobs.search_request import LikeBy, Match, SearchRequest
from saedesk.project.document_filter import DocumentFilter
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steering_plan import Effect, Target
from saedesk.session.search_question import Asked, Found, SearchWork
from saedesk.session.search_state import SearchCommand, SearchState
from saedesk.session.slider_calibrations import SliderCalibrations
from saedesk.session.slider_moves import SliderMoves
from saedesk.session.steering_settings import Slid, codes_of
from saedesk.session.task_lane import Failed, Succeeded, Task, TaskLane
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl

SHOWN_FEATURES = 10
"""Sliders shown at first: the strongest features of the query."""


class LiveSearch(SliderMoves):
    """Holds the search's state, asks the engine, tells the panels."""

    state_changed = Signal(object)
    """SearchState: the query, a slider, how one is turned, or the filter changed."""
    query_changed = Signal(object)
    """QueryFeatures of a new query, or None when it was cleared."""
    answered = Signal(object)
    """SearchAnswer."""
    compared_changed = Signal(object)
    """SearchAnswer of the settings that are not in force, or None; before `answered`."""
    failed = Signal(str)
    """A sentence: why there is no answer."""
    broke = Signal(str, str)
    """A failure that is a bug: what happened, and its details for the log."""
    busy_changed = Signal(bool)
    """Whether the query is being embedded (not told for slider moves)."""
    text_problem_changed = Signal()
    """It turned out that typed text cannot be searched for."""

    def __init__(
        self, engine: SearchEngine, lane: TaskLane, undo: QUndoStack, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lane = lane
        self._undo = undo
        self._answer: SearchAnswer | None = None
        self._compared: SearchAnswer | None = None
        self._compared_to: tuple[QueryFeatures | None, SearchRequest] | None = None
        self._task: Task | None = None
        self._waiting = False
        self._is_dragging = False
        self._text_problem = engine.text_problem
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
    def compared(self) -> SearchAnswer | None:
        """The answer under the settings that are not in force, while both are shown."""
        return self._compared

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

    # -- what a person asks --------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """Ask something new; sliders go back to rest, added features stay at zero. Undoable.

        What is typed without a pause for anything else is one step.
        """
        text = text.strip()
        needs_encoder = bool(text) and self._state.match == "meaning"
        if text != self._state.text and not (needs_encoder and self._text_problem):
            after = self._state.asking(text=text, unlike=())
            self._ask_anew(after, f"Search for “{text}”", "text")

    def set_like(self, document_ids: Sequence[int]) -> None:
        """Ask for what is most like these documents, instead of a text; undoable.

        Sliders go back to rest, added features stay at zero; without documents nothing is asked.
        """
        after = self._state.asking(like=_unique(document_ids))
        self._ask_anew(after, "Search with documents")

    def set_unlike(self, document_ids: Sequence[int]) -> None:
        """Ask for the same, but unlike these documents; undoable."""
        after = self._state.asking(unlike=_unique(document_ids))
        self._ask_anew(after, "Search unlike documents")

    def set_like_by(self, like_by: LikeBy) -> None:
        """Compare documents by their vectors or by their features; undoable."""
        self._ask_anew(self._state.asking(like_by=like_by), "Compare documents in another way")

    def set_match(self, match: Match) -> None:
        """Search by the meaning of the text, by its words, or by both; undoable."""
        after = replace(self._state, match=match)
        self._push(after, "Search by meaning or words", "", True)

    def set_target(self, target: Target | None) -> None:
        """Ask for documents of a feature or a family alone, instead of a text; undoable."""
        self._ask_anew(self._state.asking(target=target), "Search with a feature")

    def set_state(self, state: SearchState, title: str) -> None:
        """Put a whole search in force, as one that was saved or asked before; undoable."""
        self._push(state, title, "", True)

    def set_filter(self, wanted: DocumentFilter) -> None:
        """Search only among the documents that pass; undoable."""
        self._push(replace(self._state, wanted=wanted), "Filter the search", "", True)

    def _ask_anew(self, after: SearchState, title: str, key: str = "") -> None:
        if after.question != self._state.question:
            known = None if self._query is None else self.position
            settings = self._state.settings.for_new_query(known)
            after = replace(after, settings=settings, comparison=None)
            self._push(after, title, key, not key)

    def prepare(self) -> None:
        """Load the embedding model ahead of the first query."""
        task = Task("Loading the embedding model", self._prepare)
        task.ended.connect(self._on_prepared)
        self._lane.submit(task)

    # -- undo --------------------------------------------------------------------------------

    def _push(self, state: SearchState, text: str, merge_key: str, final: bool) -> None:
        self._is_dragging = not final and state.asks_the_same(self._state)
        if state != self._state:
            self._undo.push(SearchCommand(self, self._state, state, text, merge_key))
        if final and merge_key:
            SearchCommand.end_of_drag(self._undo)
        if final:
            self.calibrations.go_on()

    def restore(self, state: SearchState) -> None:
        """Put another state in force; for the commands on the undo stack."""
        is_new = not state.asks_the_same(self._state)
        self._state = state
        if is_new:
            self._query = None
        if state.comparison is None or not state.comparison.side_by_side:
            self._show_compared(None, None)
        self.state_changed.emit(state)
        if state.asks_something:
            self._ask()
        elif is_new:
            self._answer = None
            self.calibrations.set_subject(None, state.request())
            self.query_changed.emit(None)

    # -- the query lane ----------------------------------------------------------------------

    def _is_free(self) -> bool:
        return self._task is None and not self._is_dragging

    def _ask(self) -> None:
        if self._task is not None:
            self._waiting = True
            return
        asked = Asked(self._state, self._query, self._to_compare())
        self.busy_changed.emit(asked.query is None)
        self._task = Task("Searching", SearchWork(self._engine, asked))
        self._task.ended.connect(self._on_ended)
        self._lane.submit(self._task)

    def _to_compare(self) -> SearchRequest | None:
        """The request of the settings that are not in force, where its answer is not there."""
        there = self._state.comparison
        if there is None or not there.side_by_side:
            return None
        request = self._state.request(there.other)
        return None if self._compared_to == (self._query, request) else request

    def _prepare(self, control: TaskControl) -> str:
        control.checkpoint()
        limit_torch_threads()
        try:
            self._engine.prepare()
        except ModelProblem as problem:
            return problem.sentence
        return ""

    @Slot(object)
    def _on_prepared(self, outcome: object) -> None:
        problem = outcome.result if isinstance(outcome, Succeeded) else ""
        if problem and problem != self._text_problem:
            self._text_problem = problem
            if self._state.match == "meaning":
                # What was typed before anybody knew is no question any more.
                self.set_text("")
            self.text_problem_changed.emit()

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Succeeded):
            self._take(outcome.result)
        elif isinstance(outcome, Failed):
            if not self._waiting and self._state.asks_something:
                self.failed.emit(outcome.sentence)
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


def _unique(document_ids: Sequence[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(i) for i in document_ids))
