"""What the rows of a result list say in words: scores, places, and the tooltips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saedesk.ui.search_panels.shown_result import ShownResult, ordinal
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.steering_slider import signed

if TYPE_CHECKING:
    from saedesk.ui.search_panels.result_row_painting import RowColumns

PART_NAMES = {
    "typed": "features as in the query",
    "up": "what was turned up",
    "down": "what was turned down",
    "rest": "not explained by features",
    "along": "features that moved along",
    "meaning": "for the rank by meaning",
    "words": "for the words",
    "place": "for the place it was given",
    "less": "for what there is to be less of",
}


def _move_in_words(row: ShownResult) -> str:
    if not row.has_move:
        return row.note[:1].upper() + row.note[1:]
    if not row.places:
        return f"Up from far below to place {row.rank}"
    way = f"; it gave way to {counted_places(row.gave_way)}" if row.gave_way else ""
    before = row.rank + (row.places if row.direction == "up" else -row.places)
    places = counted_places(row.places)
    return (
        f"{row.direction.capitalize()} {places}, from {ordinal(before)} to {ordinal(row.rank)}{way}"
    )


def counted_places(count: int) -> str:
    """“2 places”, “1 place”."""
    return f"{count:,} place{'' if count == 1 else 's'}"


def row_tooltip(row: ShownResult, columns: RowColumns, x: int) -> str:
    """What the tooltip of a row says at `x`: its move, the whole title, the parts of the score."""
    if columns.arrow and x < columns.title and row.direction:
        return _move_in_words(row)
    if not columns.parts or x < columns.parts - tokens().space[2]:
        return row.title + (f"\n{_place_in_words(row)}" if row.giver else "")
    smallest = 0.5 * 10.0**-row.decimals
    parts = [
        f"{signed(value, row.decimals)} {PART_NAMES[kind]}"
        for kind, value in row.parts
        if abs(value) > smallest
    ]
    kinds = {kind for kind, value in row.parts if value}
    what = "Score" if kinds & {"words", "meaning"} else "Cosine with the steered query"
    what = "Score with what there is less of" if "less" in kinds else what
    what = "By itself its score is" if row.place_mark else f"{what}:"
    number = _number(row.score, row.decimals)
    given = [_place_in_words(row)] if row.place_mark else []
    return "\n".join([*given, f"{what} {number}, the sum of", *parts])


def _place_in_words(row: ShownResult) -> str:
    told = f"It was given a place by “{row.giver}”."
    if row.place_value is None:
        return told
    mark = f"{row.place_mark.capitalize()}; it" if row.place_mark else "It"
    return f"{told} {mark} is active in this document with {row.place_value:.3f}."


def score_text(row: ShownResult) -> str:
    """The score of a row with its decimals and a real minus sign, or its place mark."""
    return row.place_mark or _number(row.score, row.decimals)


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "\u2212")
