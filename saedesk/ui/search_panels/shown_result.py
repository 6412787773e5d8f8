"""What one row of a result list says, made from an answer; no widget and no painting here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.jobs.search_documents import ResultRow, SearchAnswer
from saedesk.project.document_store import DocumentRow
from saedesk.search.steering_plan import Target
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
    """Sums of contributions by kind, in the order of KINDS."""
    is_faded: bool = False
    """Whether the steering took the document out of the list."""
    is_key: bool = False
    """Whether the document has no words and its key stands for the title."""
    giver: str = ""
    """What gave the document its place, e.g. the label of a feature; "" where it has its own."""
    decimals: int = 3
    """Of the score."""
    place_mark: str = ""
    """“place 2 of 3” where the document was given its place; `score` and `parts` are then those it
    would have by itself."""
    place_value: float | None = None
    """How active what gave it the place is in it."""
    has_move: bool = True
    """Whether an arrow tells where it came from; not where its place before is known to nobody."""
    gave_way: int = 0
    """To how many given places it gave way."""


NameOf = Callable[[Target], str]
"""What a feature or a family is called."""
KINDS = ("typed", "meaning", "words", "rest", "along", "up", "place", "down", "less")
"""Kinds of contributions in the order in which bars show them."""


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


def decimals_for(answer: SearchAnswer) -> int:
    """How many decimals tell the scores of an answer apart: three of a cosine, more of ranks."""
    largest = max((abs(row.score) for row in (*answer.plain, *answer.steered)), default=1.0)
    if largest < 0.1:
        return 4
    return 3 if largest < 10.0 else 2


def side_by_side(answer: SearchAnswer, other: SearchAnswer) -> SearchAnswer:
    """Two settings of one query as if one had been made of the other: `other` at the left.

    Ranks are known as far as the lists go.
    """
    before = {row.row: row.rank for row in other.steered}
    after = {row.row: row.rank for row in answer.steered}
    return replace(
        answer,
        plain=other.steered,
        steered=tuple(replace(row, rank_before=before.get(row.row)) for row in answer.steered),
        ranks_after=tuple(after.get(row.row) for row in other.steered),
    )


def plain_results(
    answer: SearchAnswer,
    caption: DocumentCaption,
    gone: str = "",
    name_of: NameOf | None = None,
) -> list[ShownResult]:
    """The results of the query as typed; those that steering took away say where they went.

    `gone` is said where nobody knows. Of another setting, given places are told by their sign.
    """
    kept = {result.row for result in answer.steered}
    decimals = decimals_for(answer)
    shown = []
    for result, after in zip(answer.plain, answer.ranks_after, strict=True):
        left = result.row not in kept
        note = ""
        if left:
            note = f"now {ordinal(after)}" if after is not None else gone or "now far below"
        shown.append(
            ShownResult(
                result.document.id,
                result.rank,
                shown_heading(result.document),
                caption.of(result.document),
                own_score(result),
                note,
                "down" if left else "",
                is_faded=left,
                is_key=is_mute(result.document),
                giver=_giver(result, name_of),
                decimals=decimals,
                place_value=result.place_activation,
            )
        )
    return shown


def steered_results(
    answer: SearchAnswer,
    caption: DocumentCaption,
    name_of: NameOf | None = None,
    came: str = "",
) -> list[ShownResult]:
    """The results of the steered query with their moves and the parts of their scores.

    `came` is said where nobody knows where a document was before.
    """
    before = {result.row for result in answer.plain}
    decimals = decimals_for(answer)
    shown = []
    for result in answer.steered:
        row = _steered(result, _came(result, before, came), caption, name_of, decimals)
        if came and result.rank_before is None:
            row = replace(row, has_move=False)
        shown.append(_with_place(row, result, answer))
    return shown


def place_mark(result: ResultRow, answer: SearchAnswer) -> str:
    """“place 2 of 3” of a document that was given its place; "" of others."""
    if result.place_of is None:
        return ""
    given = [row.row for row in answer.steered if row.place_of == result.place_of]
    return f"place {given.index(result.row) + 1} of {len(given)}"


def gave_way(result: ResultRow, answer: SearchAnswer) -> int:
    """To how many given places a document gave way: those above it that were not before."""
    if result.place_of is not None or result.rank_before is None:
        return 0
    return sum(
        row.place_of is not None
        and (row.rank_before is None or row.rank_before > result.rank_before)
        for row in answer.steered[: result.rank - 1]
    )


def own_score(result: ResultRow) -> float:
    """The score that a document would have without the place it was given."""
    return result.score - sum(part.value for part in result.contributions if part.kind == "place")


def _with_place(row: ShownResult, result: ResultRow, answer: SearchAnswer) -> ShownResult:
    """What the row says of given places; the mixed score of one would tell nothing of the order."""
    if result.place_of is None:
        count = gave_way(result, answer)
        return replace(row, gave_way=count) if count else row
    return replace(
        row,
        score=own_score(result),
        parts=tuple((kind, 0.0 if kind == "place" else value) for kind, value in row.parts),
        place_mark=place_mark(result, answer),
        place_value=result.place_activation,
    )


def _steered(
    result: ResultRow,
    note: str,
    caption: DocumentCaption,
    name_of: NameOf | None,
    decimals: int,
) -> ShownResult:
    places = 0 if result.rank_before is None else result.rank_before - result.rank
    direction = "up" if places > 0 or result.rank_before is None else ""
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
        giver=_giver(result, name_of),
        decimals=decimals,
    )


def _sums(result: ResultRow) -> tuple[tuple[str, float], ...]:
    sums: dict[str, float] = dict.fromkeys(KINDS, 0.0)
    for part in result.contributions:
        sums[part.kind] += part.value
    return tuple(sums.items())


def _came(result: ResultRow, before: set[int], unknown: str) -> str:
    if result.row in before:
        return ""
    if result.rank_before is None:
        return unknown or "was far below"
    return f"was {ordinal(result.rank_before)}"


def _giver(result: ResultRow, name_of: NameOf | None) -> str:
    if result.place_of is None:
        return ""
    return "a feature" if name_of is None else name_of(result.place_of)


def rank_links(answer: SearchAnswer) -> list[tuple[int | None, int | None]]:
    """Pairs of places in the plain and the steered list, from 0; None where there is none."""
    steered = {result.row: place for place, result in enumerate(answer.steered)}
    plain = {result.row for result in answer.plain}
    links: list[tuple[int | None, int | None]] = [
        (place, steered.get(result.row)) for place, result in enumerate(answer.plain)
    ]
    links += [(None, at) for row, at in steered.items() if row not in plain]
    return links
