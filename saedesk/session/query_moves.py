"""What a person searches for, each change a step that can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from saedesk.jobs.search_request import LikeBy, Match
from saedesk.project.document_filter import DocumentFilter
from saedesk.search.steering_plan import Target
from saedesk.session.search_state import SearchState
from saedesk.session.slider_moves import SliderMoves


class QueryMoves(SliderMoves):
    """Changes of the question; who holds the state says how a step is made."""

    @property
    def text_problem(self) -> str:
        """A sentence why typed text cannot be searched for; "" while nothing speaks against it."""
        raise NotImplementedError

    def _has_stood(self) -> bool:
        """Whether the answer to the text in force was there for long enough to be meant."""
        raise NotImplementedError

    def _end_of_step(self) -> None:
        """What follows is no part of the last step."""
        raise NotImplementedError

    def set_text(self, text: str, *, final: bool = False) -> None:
        """Ask something new; the query’s own sliders go back to rest, added ones stay. Undoable.

        What is typed is one step until its answer has stood for a while, or until a `final` one.
        """
        text = text.strip()
        needs_encoder = bool(text) and self._state.match == "meaning"
        if text != self._state.text and not (needs_encoder and self.text_problem):
            if self._has_stood():
                self._end_of_step()
            title = f"Search for “{text}”" if text else "Clear the search"
            self._ask_anew(self._state.asking(text=text, unlike=()), title, "text")
        if final:
            self._end_of_step()

    def set_like(self, document_ids: Sequence[int]) -> None:
        """Ask for what is most like these documents, instead of a text; undoable.

        Its own sliders go back to rest, added ones stay; without documents nothing is asked.
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


def _unique(document_ids: Sequence[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(i) for i in document_ids))
