"""Where a search finds nothing: the one button that is most likely to bring results."""

from __future__ import annotations

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.live_search import LiveSearch
from saedesk.session.search_state import SearchState
from saedesk.ui.search_panels.query_kind import DOCUMENTS, FEATURE

NO_FILTERS = "Take the filters away"
BY_MEANING = "Search by meaning"
AT_REST = "Put all sliders back"
NOT_UNLIKE = "Let all documents count"
BY_VECTORS = "Compare by vectors"
AGAIN = "Try again"
"""After a fault of the program, which nothing that was set has to do with."""

NOT_ASKED_YET = "The search begins as soon as you pause or press Enter."
"""Under a text that is being typed."""


def nothing_asked(kind: str, steerable: bool) -> str:
    """What stands where the results will be, by what one searches with."""
    if kind == FEATURE:
        return (
            "Find a feature or a family. The ten documents in which it is most active appear here."
        )
    if kind == DOCUMENTS:
        beside = ", their features at the left." if steerable else "."
        return f"Choose a document, or several. The ten that are most like them appear here{beside}"
    beside = ", the features of the query at the left." if steerable else "."
    return f"Type what you are looking for. The ten closest documents appear here{beside}"


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
