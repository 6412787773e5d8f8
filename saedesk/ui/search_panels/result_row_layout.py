"""Where the columns and the second line of a result row lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from saedesk.ui.search_panels.prepared_text import prepared_width
from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import text_width

MARK_ROLE = "sorted column head"
"""Of “place 2 of 3”, which stands where others have their score."""

_width = lru_cache(maxsize=4000)(text_width)


@dataclass(frozen=True)
class RowColumns:
    """Where the columns of a row lie, in device-independent pixels."""

    rank_right: int
    arrow: int
    """Left edge of the arrow; 0 in a list without moves."""
    title: int
    score_left: int
    right: int
    """Where scores end."""
    parts: int
    """Left edge of the bar under the score; 0 in a list without moves."""

    @classmethod
    def of(cls, width: int, with_moves: bool, at_rest: bool = False) -> RowColumns:
        """The columns of a row of a width; the bar is shorter where there is little room.

        Where all is `at_rest` there are no arrows, and no room for them.
        """
        space = tokens().space
        score = text_width("0.0000", "head of a section", tabular=True)
        if with_moves:
            score = max(score, text_width("place 10 of 10", MARK_ROLE, tabular=True))
        if not with_moves:
            right = width - space[1]
            return cls(space[8] - 2, 0, space[8] + space[2], right - score, right, 0)
        right = width - space[2]
        long = space[8] * 4 if width >= space[8] * 14 else space[8] * 2
        if at_rest:
            return cls(space[8] - 2, 0, space[8] + space[2], right - score, right, right - long)
        arrow = space[8] + 1
        return cls(space[6] + 2, arrow, space[8] * 2 + space[5], right - score, right, right - long)


@dataclass(frozen=True)
class SecondLine:
    """Where what stands under a title begins, in device-independent pixels."""

    pieces: tuple[tuple[str, int, int], ...]
    """Text, left edge and room of each piece that has any."""
    note: int
    end: int

    @classmethod
    def of(cls, columns: RowColumns, row: ShownResult) -> SecondLine:
        """The line of a row; a note and what gave a place have their room first."""
        return _second_line(columns, row.pieces, row.note, _given(row))


def _given(row: ShownResult) -> int:
    """The room for what gave a place: as wide as it is, up to a third of a narrow row.

    Every number has the width of zero, so that nothing moves while a slider does.
    """
    if not row.giver:
        return 0
    number = "" if row.place_value is None else "0.00 "
    sign = tokens().icon_sizes.small + tokens().grid
    return min(sign + ceil(_width(number + row.giver, MARK_ROLE)) + 2, tokens().space[8] * 4)


@lru_cache(maxsize=4000)
def _second_line(columns: RowColumns, pieces: tuple[str, ...], note: str, given: int) -> SecondLine:
    gap, found = tokens().space[3], []
    kept = _width(note, "sorted column head") + gap if note else 0
    kept += given + gap if given else 0
    left, end = columns.title, (columns.parts if columns.parts else columns.score_left) - gap
    for at, piece in enumerate(pieces):
        rest = sum(_width(text, "caption") + gap for text in pieces[at + 1 :])
        room = end - left - kept - rest
        if room < tokens().space[5]:
            continue
        width = prepared_width(piece, "caption", room)
        found.append((piece, left, min(room, ceil(width) + 1)))
        left += int(width) + gap
    return SecondLine(tuple(found), left, end)
