"""A search in a line of words, for menus and lists of searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from saedesk.project.document_filter import DocumentFilter
from saedesk.search.steering_plan import Target
from saedesk.session.search_state import SearchState
from saedesk.session.slider_names import counted
from saedesk.ui.search_panels.filter_conditions import conditions_of, others_of

LONGEST = 60
"""Characters of a text, or of the conditions of a filter, in a menu."""
_WAYS = {"words": "by words", "both": "by meaning and words"}


LONGEST_TITLE = 40
"""Characters of a document's title in a menu."""
TitleOf = Callable[[int], str]
"""The title of a document, "" where it has none."""


def search_in_words(
    state: SearchState,
    name_of: Callable[[Target], str],
    title_of: TitleOf | None = None,
    *,
    whole: bool = False,
) -> str:
    """“dark halos, by words, 2 features and 1 family turned, filtered by Year 2012 – 2024”.

    Titles and long filters are told shortly, unless the `whole` is wanted. Without `title_of`
    documents are counted.
    """
    told = [_subject(state, name_of, title_of, whole)]
    if state.text and state.match in _WAYS:
        told.append(_WAYS[state.match])
    if state.unlike:
        told.append(f"less like {_documents(state.unlike, title_of, whole)}")
    if state.like and state.like_by == "features":
        told.append("by features")
    if state.settings.turned:
        told.append(f"{counted(state.settings.turned)} turned")
    if not state.wanted.is_empty:
        wanted = _filters(state.wanted)
        told.append(f"filtered by {wanted if whole else cut(wanted)}")
    return ", ".join(told)


def _subject(
    state: SearchState, name_of: Callable[[Target], str], title_of: TitleOf | None, whole: bool
) -> str:
    if state.target is not None:
        return f"Documents of “{cut(name_of(state.target))}”"
    if state.like:
        return f"More like {_documents(state.like, title_of, whole)}"
    return cut(" ".join(state.text.split()))


def _filters(wanted: DocumentFilter) -> str:
    on_fields = (condition.text() for condition in conditions_of(wanted))
    return " and ".join((*on_fields, *others_of(wanted).values()))


def _documents(ids: Sequence[int], title_of: TitleOf | None, whole: bool) -> str:
    """The first by its title, the others counted; all counted where it has none."""
    title = "" if title_of is None else " ".join(title_of(ids[0]).split())
    if not title:
        return "one document" if len(ids) == 1 else f"{len(ids)} documents"
    first, more = f"“{title if whole else cut(title, LONGEST_TITLE)}”", len(ids) - 1
    return f"{first} and {more} other{'' if more == 1 else 's'}" if more else first


def cut(text: str, longest: int = LONGEST) -> str:
    """At most so many characters of a text, and a sign where there are more."""
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"
