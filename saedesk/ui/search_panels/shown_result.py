"""What one row of a result list says, made from an answer; no widget and no painting here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.jobs.search_documents import ResultRow, SearchAnswer
from saedesk.project.document_store import DocumentRow
from saedesk.ui.document_words import is_mute, shown_heading

ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


@dataclass(frozen=True)
class ShownResult:
    """One row, ready to be painted; equal rows look the same."""

    document_id: int
    rank: int
    """Place in this list, from 1."""
    title: str
    pieces: tuple[str, ...]
    """First category and year, as far as the document has them."""
    score: float
    note: str = ""
    """"now 14th" or "was 23rd"."""
    direction: str = ""
    """"up", "down", or "" where the steering moved nothing: the token of the note's colour."""
    places: int = 0
    """By how many places the document moved; 0 where it stayed or where nobody counted."""
    parts: tuple[tuple[str, float], ...] = ()
    """Sums of contributions by kind: typed, rest, up, down."""
    is_faded: bool = False
    """Whether the steering took the document out of the list."""
    is_key: bool = False
    """Whether the document has no words and its key stands for the title."""


class DocumentCaption:
    """Chooses the fields that stand under a title: the first category and the first date."""

    def __init__(self, fields: Sequence[FieldDefinition]) -> None:
        self._category = _first(fields, FieldType.CATEGORY)
        self._date = _first(fields, FieldType.DATE)
        years = [f.name for f in fields if f.type is FieldType.NUMBER]
        self._year = next((name for name in years if name.casefold() == "year"), "")

    def of(self, document: DocumentRow) -> tuple[str, ...]:
        """The category and the year of a document, what there is of them."""
        category = document.fields.get(self._category)
        date = document.fields.get(self._date)
        year = document.fields.get(self._year)
        when = str(date)[:4] if date else ""
        if not when and isinstance(year, float | int):
            when = f"{year:.0f}"
        return tuple(text for text in (str(category or ""), when) if text)


def _first(fields: Sequence[FieldDefinition], wanted: FieldType) -> str:
    return next((f.name for f in fields if f.type is wanted), "")


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th, 22nd, 1,203rd."""
    ending = "th"
    if number % 100 not in (11, 12, 13):
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def place_in_words(rank: int) -> str:
    """ "first" to "tenth", then "11th"."""
    return ORDINALS[rank - 1] if rank <= len(ORDINALS) else ordinal(rank)


def plain_results(answer: SearchAnswer, caption: DocumentCaption) -> list[ShownResult]:
    """The results of the query as typed; those that steering took away say where they went."""
    kept = {result.row for result in answer.steered}
    shown = []
    for result, after in zip(answer.plain, answer.ranks_after, strict=True):
        left = result.row not in kept
        note = ""
        if left:
            note = f"now {ordinal(after)}" if after is not None else "now far below"
        shown.append(
            ShownResult(
                result.document.id,
                result.rank,
                shown_heading(result.document),
                caption.of(result.document),
                result.score,
                note,
                "down" if left else "",
                is_faded=left,
                is_key=is_mute(result.document),
            )
        )
    return shown


def steered_results(answer: SearchAnswer, caption: DocumentCaption) -> list[ShownResult]:
    """The results of the steered query with their moves and the parts of their scores."""
    before = {result.row for result in answer.plain}
    return [_steered(result, result.row not in before, caption) for result in answer.steered]


def _steered(result: ResultRow, entered: bool, caption: DocumentCaption) -> ShownResult:
    places = 0 if result.rank_before is None else result.rank_before - result.rank
    direction = "up" if places > 0 or result.rank_before is None else ""
    note = ""
    if entered:
        known = result.rank_before is not None
        note = f"was {ordinal(result.rank_before or 0)}" if known else "was far below"
    return ShownResult(
        result.document.id,
        result.rank,
        shown_heading(result.document),
        caption.of(result.document),
        result.score,
        note,
        "down" if places < 0 else direction,
        abs(places),
        _sums(result),
        is_key=is_mute(result.document),
    )


def _sums(result: ResultRow) -> tuple[tuple[str, float], ...]:
    sums = dict.fromkeys(("typed", "rest", "up", "down"), 0.0)
    for part in result.contributions:
        sums[part.kind] += part.value
    return tuple(sums.items())


def rank_links(answer: SearchAnswer) -> list[tuple[int | None, int | None]]:
    """Pairs of places in the plain and the steered list, from 0; None where there is none."""
    steered = {result.row: place for place, result in enumerate(answer.steered)}
    plain = {result.row for result in answer.plain}
    links: list[tuple[int | None, int | None]] = [
        (place, steered.get(result.row)) for place, result in enumerate(answer.plain)
    ]
    links += [(None, at) for row, at in steered.items() if row not in plain]
    return links
