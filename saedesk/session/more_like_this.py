"""Searching with a document from anywhere in the window."""

from __future__ import annotations

from saedesk.session.session import Session

MORE_LIKE_THIS = "More like this"
"""How the command is called in every menu."""
AND_LIKE_THIS = "And like this one"
"""The same, beside the documents that are searched with already."""


def can_search_like(session: Session, document_id: int | None) -> bool:
    """Whether a document has a vector to search with."""
    vectors = session.sae.vectors if session.sae is not None else session.vectors
    if session.search is None or vectors is None or document_id is None:
        return False
    row = vectors.row_of(document_id)
    return row is not None and row not in vectors.bad_rows


def search_like(session: Session, document_id: int, *, add: bool = False) -> None:
    """Search for what is most like a document, and show it; `add` keeps the documents before."""
    if session.search is not None:
        before = session.search.state.like if add else ()
        session.search.set_like((*before, document_id))
        session.show("search")
