"""Which documents are wanted, and in which order: what the corpus table and the search ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from saedesk.search.quotation_marks import pieces_by_quotes


@dataclass(frozen=True, eq=False)
class DocumentFilter:
    """Conditions that all have to hold; an empty filter passes every document.

    Compared by identity, because it may hold an array.
    """

    words: str = ""
    """Words that must occur in title or text, whatever their endings; "quoted words" as a phrase,
    one that comes last outside of quotation marks as a prefix."""
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By field name: the values let through ("" stands for no value)."""
    ranges: dict[str, tuple[float | str | None, float | str | None]] = field(default_factory=dict)
    """By field name: lowest and highest value let through, None for no bound; dates as ISO text."""
    document_ids: np.ndarray | None = None
    """(n,) int64, sorted: only these documents, e.g. those of a feature; None for no condition."""
    documents_of: str = ""
    """What these documents belong to, for a person, e.g. a family; "" where nobody said."""

    documents_where: str = ""
    """Which of what they belong to, for a person, e.g. “0.211 or more”; "" for all of them."""
    field_words: dict[str, str] = field(default_factory=dict)
    """By name of a field of texts, links or categories: words that must occur in its value, letter
    for letter, also within longer ones."""

    @property
    def is_empty(self) -> bool:
        """Whether every document passes."""
        return (
            not self.words.strip()
            and not self.field_words
            and not self.categories
            and not self.ranges
            and self.document_ids is None
        )


@dataclass(frozen=True)
class DocumentOrder:
    """How a list of documents is sorted."""

    column: str = ""
    """A field name, "title", "key", "text" (its length), or "" for the order of import."""
    descending: bool = False


def match_expression(words: str) -> str:
    """The FTS5 expression for what a person typed; "" when no word is left.

    Every word is quoted, so that operators and punctuation in it are only text; the last word
    matches as a prefix while it is being typed.
    """
    parts = words_and_phrases(words)
    phrases = [f'"{part}"' for part in parts if any(sign.isalnum() for sign in part)]
    if not phrases:
        return ""
    if words[-1:].isalnum():
        phrases[-1] += "*"
    return " ".join(phrases)


def words_and_phrases(words: str) -> list[str]:
    """The words that a person typed, and what stands in quotation marks, in order.

    A mark that is not closed yet begins a phrase.
    """
    parts: list[str] = []
    for index, piece in enumerate(pieces_by_quotes(words)):
        if index % 2:
            parts.append(piece)
        else:
            parts.extend(piece.split())
    return [part for part in parts if part.strip()]
