"""Searching with a document from anywhere in the window."""

from __future__ import annotations

from collections.abc import Sequence

from saedesk.session.session import Session

MORE_LIKE_THIS = "More like this"
"""How the command is called in every menu."""
AND_LIKE_THIS = "And like this one"
"""The same, beside the documents that are searched with already."""
LESS_LIKE_THIS = "Less like this"
"""Like what is searched for, and unlike this document."""


def can_search_like(session: Session, document_id: int | None) -> bool:
    """Whether a document has a vector to search with."""
    vectors = session.sae.vectors if session.sae is not None else session.vectors
    if session.search is None or vectors is None or document_id is None:
        return False
    row = vectors.row_of(document_id)
    return row is not None and row not in vectors.bad_rows


def search_like(session: Session, documents: int | Sequence[int], *, add: bool = False) -> None:
    """Search for what is most like documents, and show it; `add` keeps those before.

    A document that was not wanted is wanted from now on.
    """
    search = session.search
    if search is not None:
        before = search.state.like if add else ()
        search.set_like(tuple(dict.fromkeys((*before, *_ids(documents)))))
        session.show("search")


def search_unlike(session: Session, documents: int | Sequence[int]) -> None:
    """Search for what is asked for already, and unlike documents; those before stay unwanted."""
    search = session.search
    if search is not None:
        search.set_unlike(tuple(dict.fromkeys((*search.state.unlike, *_ids(documents)))))
        session.show("search")


def _ids(documents: int | Sequence[int]) -> tuple[int, ...]:
    return (documents,) if isinstance(documents, int) else tuple(documents)
