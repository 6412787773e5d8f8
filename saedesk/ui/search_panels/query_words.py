"""A search in a line of words, for menus and lists of searches."""

from __future__ import annotations

from collections.abc import Callable

from saedesk.project.document_filter import DocumentFilter
from saedesk.search.steering_plan import Target
from saedesk.session.search_state import SearchState
from saedesk.session.slider_names import counted
from saedesk.ui.search_panels.filter_conditions import conditions_of, others_of

LONGEST = 60
"""Characters of a text, or of the conditions of a filter, in a menu."""
_WAYS = {"words": "by words", "both": "by meaning and words"}


def search_in_words(
    state: SearchState, name_of: Callable[[Target], str], *, whole: bool = False
) -> str:
    """“dark halos, by words, 2 features and 1 family turned, filtered by Year 2012 – 2024”.

    Long filters are told shortly, unless the `whole` is wanted.
    """
    told = [_subject(state, name_of)]
    if state.text and state.match in _WAYS:
        told.append(_WAYS[state.match])
    if state.unlike:
        told.append(f"less like {_documents(len(state.unlike))}")
    if state.like and state.like_by == "features":
        told.append("by features")
    if state.settings.turned:
        told.append(f"{counted(state.settings.turned)} turned")
    if not state.wanted.is_empty:
        wanted = _filters(state.wanted)
        told.append(f"filtered by {wanted if whole else _cut(wanted)}")
    return ", ".join(told)


def _subject(state: SearchState, name_of: Callable[[Target], str]) -> str:
    if state.target is not None:
        return f"Documents of “{_cut(name_of(state.target))}”"
    if state.like:
        return f"More like {_documents(len(state.like))}"
    return _cut(" ".join(state.text.split()))


def _filters(wanted: DocumentFilter) -> str:
    on_fields = (condition.text() for condition in conditions_of(wanted))
    return " and ".join((*on_fields, *others_of(wanted).values()))


def _documents(count: int) -> str:
    return "one document" if count == 1 else f"{count} documents"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"
