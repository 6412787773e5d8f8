"""One question of the live search, as the query lane answers it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from saedesk.jobs.search_documents import SearchAnswer, SearchEngine
from saedesk.jobs.search_request import RESULTS, SearchRequest
from saedesk.search.query_features import QueryFeatures
from saedesk.session.search_state import SearchState
from saedesk.session.steering_settings import codes_of
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl


@dataclass(frozen=True, eq=False)
class Asked:
    """What the lane is asked."""

    state: SearchState
    query: QueryFeatures | None
    count: int
    """How many results are wanted."""
    compare: SearchRequest | None
    """The other of two settings, where its answer is wanted and not known."""


@dataclass(frozen=True, eq=False)
class Found:
    """What it found."""

    asked: Asked
    state: SearchState
    """As asked, with what was held put into force."""
    answer: SearchAnswer
    compared: SearchAnswer | None


COUNTS = (RESULTS, 20, 50, 100)
"""Results that can be asked for, one after the other."""


def next_count(answer: SearchAnswer, count: int) -> int | None:
    """How many results can be asked for after `count`; None where there are no more."""
    if min(len(answer.plain), answer.passed - 1) < count:
        return None
    return next((more for more in COUNTS if more > count), None)


class SearchWork:
    """One question to the engine, run in the query lane."""

    def __init__(self, engine: SearchEngine, asked: Asked) -> None:
        self._engine = engine
        self._asked = asked

    def __call__(self, control: TaskControl) -> Found:
        asked, state, query = self._asked, self._asked.state, self._asked.query
        if query is None:
            limit_torch_threads()
        if query is None and state.settings.held:
            query = self._engine.query_of(state.request())
            state = state.settled(codes_of(query))
        control.checkpoint()
        answer = self._engine.ask(replace(state.request(), count=asked.count), query, control)
        if query is None:
            state = state.settled(codes_of(answer.query))
        compared = None
        if asked.compare is not None:
            compared = self._engine.ask(asked.compare, answer.query, control)
        return Found(asked, state, answer, compared)
