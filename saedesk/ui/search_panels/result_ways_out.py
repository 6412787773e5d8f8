"""Where a search finds nothing: the one button that is most likely to bring results."""

from __future__ import annotations

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.live_search import LiveSearch
from saedesk.session.search_state import SearchState

NO_FILTERS = "Take the filters away"
BY_MEANING = "Search by meaning"
AT_REST = "Put all sliders back"
NOT_UNLIKE = "Let all documents count"
BY_VECTORS = "Compare by vectors"
AGAIN = "Try again"
"""After a fault of the program, which nothing that was set has to do with."""


def way_out(state: SearchState) -> str:
    """What the button says; "" where nothing that was set stands in the way."""
    if not state.wanted.is_empty:
        return NO_FILTERS
    if state.match != "meaning" and state.text:
        return BY_MEANING
    if not state.at_rest:
        return AT_REST
    if state.unlike:
        return NOT_UNLIKE
    if state.like_by == "features" and state.like:
        return BY_VECTORS
    return ""


def take_way_out(search: LiveSearch, way: str) -> None:
    """What the button does; undoable as everything in a search is."""
    if way == NO_FILTERS:
        search.set_filter(DocumentFilter())
    elif way == BY_MEANING:
        search.set_match("meaning")
    elif way == AT_REST:
        search.reset()
    elif way == NOT_UNLIKE:
        search.set_unlike(())
    elif way == BY_VECTORS:
        search.set_like_by("vectors")
    elif way == AGAIN:
        search.ask_again()
