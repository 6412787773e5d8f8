"""Paints one row of a result list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from saedesk.ui.search_panels.prepared_text import draw_prepared
from saedesk.ui.search_panels.shown_result import ShownResult, ordinal
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import draw_hairline, shade, text_width
from saedesk.ui.widgets.steering_slider import signed
from saedesk.ui.widgets.waterfall import COLOURS

MOST_PLACES = 999
"""Longest move that is written out; the tooltip has the others."""

TITLE_TOP = 2
"""Where the line of the title begins under the top of its row."""

_width = lru_cache(maxsize=4000)(text_width)

PART_NAMES = {
    "typed": "features as in the query",
    "up": "features turned up",
    "down": "features turned down",
    "rest": "not explained by features",
    "along": "features that moved along",
    "meaning": "for the rank by meaning",
    "words": "for the words",
    "place": "for the place it was given",
    "less": "for what there is to be less of",
}


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
    def of(cls, width: int, with_moves: bool) -> RowColumns:
        """The columns of a row of a width; the bar is shorter where there is little room."""
        space = tokens().space
        score = text_width("0.0000", "head of a section", tabular=True)
        if not with_moves:
            right = width - space[1]
            return cls(space[8] - 2, 0, space[8] + space[2], right - score, right, 0)
        right = width - space[2]
        long = space[8] * 4 if width >= space[8] * 14 else space[8] * 2
        arrow = space[8] + 1
        return cls(space[6] + 2, arrow, space[8] * 2 + space[5], right - score, right, right - long)


Colours = dict[str, QColor]
COLOUR_NAMES = ("text1", "text2", "text3", "text4", "up", "down", "accent", "line")


def row_colours() -> Colours:
    """The colours of a row, looked up once for a whole list."""
    return {name: shade(name) for name in COLOUR_NAMES}


def paint_row(
    painter: QPainter,
    place: QRect,
    columns: RowColumns,
    colours: Colours,
    row: ShownResult,
    largest: float,
    hairline: bool,
) -> None:
    """Paints one result into `place`; `largest` is the longest bar of the list, as a sum."""
    middle = QRect(place.left(), place.top(), columns.rank_right, place.height())
    draw_prepared(
        painter, middle, str(row.rank), "body", colours["text2"], right=True, tabular=True
    )
    if columns.arrow and row.direction:
        _paint_move(painter, place, columns, colours, row)
    first = QRect(0, place.top() + TITLE_TOP, columns.right, Theme.current().line_height("body"))
    whole = QRect(0, place.top(), columns.right, place.height())
    has_one_line = not (row.pieces or row.note)
    title = QRect(whole if has_one_line else first)
    title.setLeft(columns.title)
    title.setRight(columns.score_left - tokens().space[3])
    colour = "text2" if row.is_faded else "text1"
    role = "head of a section" if row.is_key else "title of a result"
    draw_prepared(painter, title, row.title, role, colours[colour])
    role, colour = ("head of a section", "text1") if columns.parts else ("body", "text2")
    score = score_text(row)
    # The score stays above its bar.
    line = whole if has_one_line and not columns.parts else first
    draw_prepared(painter, line, score, role, colours[colour], right=True, tabular=True)
    _paint_second_line(painter, place, columns, colours, row)
    if columns.parts:
        _paint_parts(painter, place, columns, colours, row, largest)
    if hairline:
        y = place.bottom()
        draw_hairline(painter, columns.title, y, columns.right, y, colours["line"])


def _paint_move(
    painter: QPainter, place: QRect, columns: RowColumns, colours: Colours, row: ShownResult
) -> None:
    size = tokens().icon
    square = QRect(columns.arrow - 1, place.top(), size, place.height())
    paint_icon(painter, f"arrow-{row.direction}", square, colours[row.direction], size)
    if row.places:
        left = columns.arrow + size + 1
        line = QRect(left, place.top(), columns.title - left, place.height())
        text = str(row.places) if row.places <= MOST_PLACES else f"{MOST_PLACES}+"
        role = "head of a section" if row.places <= MOST_PLACES else "sorted column head"
        draw_prepared(painter, line, text, role, colours[row.direction], tabular=True)


def _paint_second_line(
    painter: QPainter, place: QRect, columns: RowColumns, colours: Colours, row: ShownResult
) -> None:
    gap = tokens().space[3]
    height = Theme.current().line_height("caption")
    end = columns.parts - gap if columns.parts else columns.score_left - gap
    note = _width(row.note, "sorted column head") + gap if row.note else 0
    note += tokens().space[8] * 2 if row.giver else 0
    left = columns.title
    top = place.top() + TITLE_TOP + Theme.current().line_height("body") - 1
    for at, piece in enumerate(row.pieces):
        rest = sum(_width(text, "caption") + gap for text in row.pieces[at + 1 :])
        room = end - left - note - rest
        if room < tokens().space[5]:
            continue
        line = QRect(left, top, room, height)
        left += int(draw_prepared(painter, line, piece, "caption", colours["text3"])) + gap
    line = QRect(left, top, max(0, end - left), height)
    if row.note and row.direction:
        line.setLeft(
            left
            + int(
                draw_prepared(painter, line, row.note, "sorted column head", colours[row.direction])
            )
            + gap
        )
    if row.giver:
        _paint_giver(painter, line, colours, row.giver)


def _paint_giver(painter: QPainter, line: QRect, colours: Colours, giver: str) -> None:
    """The sign of a document that has its place from a feature, and whose place it is."""
    small = tokens().icon_sizes.small
    if line.width() < small:
        return
    square = QRect(line.left(), line.top(), small, line.height())
    paint_icon(painter, "pin", square, colours["up"], small)
    line.setLeft(line.left() + small + tokens().grid)
    draw_prepared(painter, line, giver, "sorted column head", colours["up"])


def _paint_parts(
    painter: QPainter,
    place: QRect,
    columns: RowColumns,
    colours: Colours,
    row: ShownResult,
    largest: float,
) -> None:
    thick = tokens().bar.cell
    top = place.top() + place.height() - tokens().space[4]
    left = float(columns.parts)
    scale = (columns.right - columns.parts - 4) / max(largest, 1e-9)
    for kind, value in row.parts:
        width = abs(value) * scale
        if width >= 0.5:
            bar = QRectF(left, top, width, thick)
            painter.fillRect(bar, colours[COLOURS[kind]])
            left += width + tokens().line


def _move_in_words(row: ShownResult) -> str:
    if not row.places:
        return f"Up from far below to place {row.rank}"
    before = row.rank + (row.places if row.direction == "up" else -row.places)
    places = f"{row.places:,} place{'s' if row.places > 1 else ''}"
    return f"{row.direction.capitalize()} {places}, from {ordinal(before)} to {ordinal(row.rank)}"


def row_tooltip(row: ShownResult, columns: RowColumns, x: int) -> str:
    """What the tooltip of a row says at `x`: its move, the whole title, the parts of the score."""
    if columns.arrow and x < columns.title and row.direction:
        return _move_in_words(row)
    if not columns.parts or x < columns.parts - tokens().space[2]:
        given = f"\nIt was given a place by “{row.giver}”." if row.giver else ""
        return row.title + given
    smallest = 0.5 * 10.0**-row.decimals
    parts = [
        f"{signed(value, row.decimals)} {PART_NAMES[kind]}"
        for kind, value in row.parts
        if abs(value) > smallest
    ]
    kinds = {kind for kind, value in row.parts if value}
    what = "Score" if kinds & {"words", "meaning"} else "Cosine with the steered query"
    what = "Score with its place" if kinds & {"place", "less"} else what
    return "\n".join([f"{what}: {score_text(row)}, the sum of", *parts])


def score_text(row: ShownResult) -> str:
    """The score of a row with its decimals and a real minus sign."""
    return f"{row.score:.{row.decimals}f}".replace("-", "\u2212")
