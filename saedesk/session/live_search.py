"""The search as the window sees it: a query, sliders, and answers that keep up with the hand.

Work runs on the query lane. While one request is being answered, only the newest of the waiting
ones is kept; an answer to an older request is never shown after a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from saedesk.errors import ModelProblem
from saedesk.jobs.search_documents import RESULTS, SearchAnswer, SearchEngine
from saedesk.project.document_filter import DocumentFilter
from saedesk.search.family_steering import FamilySlider
from saedesk.search.query_features import QueryFeatures
from saedesk.session.search_state import SearchCommand, SearchState
from saedesk.session.task_lane import Failed, Succeeded, Task, TaskLane
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl

SHOWN_FEATURES = 10
"""Sliders shown at first: the strongest features of the query."""


@dataclass(frozen=True)
class _Asked:
    state: SearchState
    query: QueryFeatures | None


class LiveSearch(QObject):
    """Holds the search's state, asks the engine, tells the panels."""

    state_changed = Signal(object)
    """SearchState: the text, a slider, an added feature or the filter changed."""
    query_changed = Signal(object)
    """QueryFeatures of a new query, or None when it was cleared."""
    answered = Signal(object)
    """SearchAnswer."""
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
        self._state = SearchState()
        self._query: QueryFeatures | None = None
        self._answer: SearchAnswer | None = None
        self._task: Task | None = None
        self._waiting = False
        self._text_problem = engine.text_problem

    # -- what there is -----------------------------------------------------------------------

    @property
    def engine(self) -> SearchEngine:
        """What answers; to be used in the query lane only."""
        return self._engine

    @property
    def state(self) -> SearchState:
        """What a person has set."""
        return self._state

    @property
    def query(self) -> QueryFeatures | None:
        """The query taken apart, once it is."""
        return self._query

    @property
    def answer(self) -> SearchAnswer | None:
        """The newest answer."""
        return self._answer

    @property
    def text_problem(self) -> str:
        """A sentence why typed text cannot be searched for; "" while nothing speaks against it."""
        return self._text_problem

    def typed_value(self, latent: int) -> float:
        """The activation of a feature in the query as typed; 0 when it is not active."""
        if self._query is None:
            return 0.0
        found = (self._query.latents == latent).nonzero()[0]
        return float(self._query.values[found[0]]) if len(found) else 0.0

    def value(self, latent: int) -> float:
        """Where the slider of a feature stands: the typed value plus the strength."""
        return self.typed_value(latent) + self._state.plan.strength(latent)

    # -- what a person does ------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """Ask something new; sliders go back to rest, added features stay at zero. Undoable.

        What is typed without a pause for anything else is one step.
        """
        text = text.strip()
        if text != self._state.text and not (text and self._text_problem):
            state = self._state.put_to_rest(text=text, like=())
            self._push(state, f"Search for “{text}”", "text", False)

    def set_like(self, document_ids: Sequence[int]) -> None:
        """Ask for what is most like these documents, instead of a text; undoable.

        Sliders go back to rest, added features stay at zero; without documents nothing is asked.
        """
        like = tuple(dict.fromkeys(int(i) for i in document_ids))
        if like != self._state.like:
            state = self._state.put_to_rest(text="", like=like)
            self._push(state, "Search with documents", "", True)

    def set_value(self, latent: int, value: float, *, final: bool = True) -> None:
        """Move a slider; `final` is False while it is being dragged (one undo step for a drag)."""
        plan = self._state.plan.with_strength(latent, value - self.typed_value(latent))
        self._push(replace(self._state, plan=plan), "Steer", f"value {latent}", final)

    def reset(self, latent: int | None = None) -> None:
        """Put one slider, or all, back to where the query as typed has them; undoable."""
        if latent is None:
            state = self._state.put_to_rest()
        else:
            state = replace(self._state, plan=self._state.plan.with_strength(latent, 0.0))
        self._push(state, "Reset sliders", "", True)

    def add_feature(self, latent: int) -> None:
        """Put a slider for a feature beside those of the query; undoable."""
        if latent not in self._state.added:
            added = (*self._state.added, latent)
            self._push(replace(self._state, added=added), "Add a feature", "", True)

    def remove_feature(self, latent: int) -> None:
        """Take an added feature away, and its strength with it; undoable."""
        state = replace(
            self._state,
            added=tuple(i for i in self._state.added if i != latent),
            plan=self._state.plan.with_strength(latent, 0.0),
        )
        self._push(state, "Remove a feature", "", True)

    def family_typed_value(self, slider: FamilySlider) -> float:
        """A family's value in the query as typed; 0 where none of its features is active."""
        if self._query is None:
            return 0.0
        latents, values = self._query.latents.tolist(), self._query.values.tolist()
        return slider.value_in(dict(zip(latents, values, strict=True)))

    def put_family(self, slider: FamilySlider) -> None:
        """Put a slider for a family beside the others, or change which part it turns; undoable."""
        is_new = self._state.family(slider.root) is None
        title = "Add a family" if is_new else "Change the part of a family"
        self._push(self._state.with_family(slider), title, "", True)

    def set_family_value(self, root: int, value: float, *, final: bool = True) -> None:
        """Move the slider of a family; `final` as in `set_value`."""
        slider = self._state.family(root)
        if slider is not None:
            moved = slider.with_strength(value - self.family_typed_value(slider))
            self._push(self._state.with_family(moved), "Steer", f"family {root}", final)

    def reset_family(self, root: int) -> None:
        """Put the slider of a family back to where the query as typed has it; undoable."""
        slider = self._state.family(root)
        if slider is not None:
            self._push(
                self._state.with_family(slider.with_strength(0.0)), "Reset sliders", "", True
            )

    def remove_family(self, root: int) -> None:
        """Take the slider of a family away, and its strength with it; undoable."""
        self._push(self._state.without_family(root), "Remove a family", "", True)

    def set_filter(self, wanted: DocumentFilter) -> None:
        """Search only among the documents that pass; undoable."""
        self._push(replace(self._state, wanted=wanted), "Filter the search", "", True)

    def prepare(self) -> None:
        """Load the embedding model ahead of the first query."""
        task = Task("Loading the embedding model", self._prepare)
        task.ended.connect(self._on_prepared)
        self._lane.submit(task)

    # -- undo --------------------------------------------------------------------------------

    def _push(self, state: SearchState, text: str, merge_key: str, final: bool) -> None:
        if state != self._state:
            self._undo.push(SearchCommand(self, self._state, state, text, merge_key))
        if final and merge_key:
            SearchCommand.end_of_drag(self._undo)

    def restore(self, state: SearchState) -> None:
        """Put another state in force; for the commands on the undo stack."""
        is_new = not state.asks_the_same(self._state)
        self._state = state
        if is_new:
            self._query = None
        self.state_changed.emit(state)
        if state.asks_something:
            self._ask()
        elif is_new:
            self._answer = None
            self.query_changed.emit(None)

    # -- the query lane ----------------------------------------------------------------------

    def _ask(self) -> None:
        if self._task is not None:
            self._waiting = True
            return
        asked = _Asked(self._state, self._query)
        self.busy_changed.emit(asked.query is None)
        self._task = Task("Searching", _Work(self._engine, asked))
        self._task.ended.connect(self._on_ended)
        self._lane.submit(self._task)

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
            # What was typed before anybody knew is no question any more.
            self.set_text("")
            self.text_problem_changed.emit()

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Succeeded):
            self._take(*outcome.result)
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

    def _take(self, asked: _Asked, query: QueryFeatures, answer: SearchAnswer) -> None:
        if not asked.state.asks_the_same(self._state):
            return  # A newer query is on its way.
        if self._query is None:
            self._query = query
            self.query_changed.emit(query)
        self._answer = answer
        self.answered.emit(answer)


class _Work:
    """One question to the engine, run in the query lane."""

    def __init__(self, engine: SearchEngine, asked: _Asked) -> None:
        self._engine = engine
        self._asked = asked

    def __call__(self, control: TaskControl) -> tuple[_Asked, QueryFeatures, SearchAnswer]:
        state, query = self._asked.state, self._asked.query
        if query is None:
            limit_torch_threads()
            query = (
                self._engine.documents_query(state.like)
                if state.like
                else self._engine.take_apart(state.text)
            )
        control.checkpoint()
        answer = self._engine.answer(
            state.text, query, state.steering, RESULTS, state.wanted, state.like
        )
        return self._asked, query, answer
