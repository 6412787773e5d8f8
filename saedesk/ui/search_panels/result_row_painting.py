"""Paints one row of a result list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QRegion

from saedesk.ui.search_panels.prepared_text import draw_prepared
from saedesk.ui.search_panels.result_row_bar import bar_reach as bar_reach
from saedesk.ui.search_panels.result_row_bar import paint_bar
from saedesk.ui.search_panels.result_row_layout import MARK_ROLE, SecondLine
from saedesk.ui.search_panels.result_row_layout import RowColumns as RowColumns
from saedesk.ui.search_panels.result_row_words import row_tooltip as row_tooltip
from saedesk.ui.search_panels.result_row_words import score_text as score_text
from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import draw_hairline, shade

MOST_PLACES = 999
"""Longest move that is written out; the tooltip has the others."""

TITLE_TOP = 2
"""Where the line of the title begins under the top of its row."""


Colours = dict[str, QColor]
COLOUR_NAMES = ("text1", "text2", "text3", "text4", "up", "down", "accent", "line", "lineControl")


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
    dirty: QRegion | None = None,
) -> None:
    """Paints one result into `place`; `largest` is the longest bar of the list, as a sum.

    Of a row only what lies in `dirty` has to be painted; None is all of it.
    """
    parts = RowParts.of(place, columns, row)

    def wanted(part: QRect) -> bool:
        return dirty is None or dirty.intersects(part)

    if wanted(parts.rank):
        middle = QRect(place.left(), place.top(), columns.rank_right, place.height())
        draw_prepared(
            painter, middle, str(row.rank), "body", colours["text2"], right=True, tabular=True
        )
        if columns.arrow and row.direction and row.has_move:
            _paint_move(painter, place, columns, colours, row)
    if wanted(parts.title):
        _paint_title(painter, place, columns, colours, row)
    second = SecondLine.of(columns, row)
    if wanted(parts.pieces):
        _paint_pieces(painter, place, second, colours)
    if wanted(parts.note):
        _paint_note(painter, place, second, colours, row)
    if wanted(parts.score):
        _paint_score(painter, place, columns, colours, row)
    if columns.parts and wanted(parts.bar):
        width = columns.right - columns.parts - 4
        line = QRect(columns.parts, _bar_top(place), width, tokens().bar.cell)
        paint_bar(painter, line, colours, row, largest)
    if hairline:
        y = place.bottom()
        draw_hairline(painter, columns.title, y, columns.right, y, colours["line"])


@dataclass(frozen=True)
class RowParts:
    """Where the parts of a row are painted; they do not touch one another.

    The title and the line under it, of pieces and a note, do where letters may be higher than those
    of the program's font: then their parts lie over one another.
    """

    rank: QRect
    title: QRect
    pieces: QRect
    note: QRect
    score: QRect
    bar: QRect

    @classmethod
    def of(cls, place: QRect, columns: RowColumns, row: ShownResult) -> RowParts:
        """The parts of a row in `place`."""
        are_apart = _has_two_lines(row) and row.title.isascii()
        note = SecondLine.of(columns, row).note
        return _parts(place.top(), place.width(), place.height(), columns, note, are_apart)


@lru_cache(maxsize=2000)
def _parts(
    top: int, width: int, height: int, columns: RowColumns, note: int, are_apart: bool
) -> RowParts:
    """The parts of a row; `are_apart` where title and second line do not touch."""
    place = QRect(0, top, width, height)
    # The hairline is no part of them.
    end, bar_top = place.bottom(), _bar_top(place)
    score = columns.score_left - tokens().space[3] + 1
    rank = QRect(0, top, columns.title, end - top)
    bar = QRect(columns.parts, bar_top, width - columns.parts, tokens().bar.cell)
    title = QRect(columns.title, top, score - columns.title, end - top)
    second_end = (columns.parts if columns.parts else score) - 1
    second = QRect(columns.title, top, second_end - columns.title, end - top)
    if are_apart:
        under = _second_top(place) + 1
        title.setHeight(under - top)
        second.setTop(under)
    pieces, noted = QRect(second), QRect(second)
    pieces.setRight(note - 1)
    noted.setLeft(note)
    score_end = bar_top if columns.parts else end
    scored = QRect(score, top, width - score, score_end - top)
    return RowParts(rank, title, pieces, noted, scored, bar)


def changed_parts(
    place: QRect, columns: RowColumns, before: ShownResult, now: ShownResult, same_scale: bool
) -> QRegion:
    """What of a row in `place` looks different from before; `same_scale` tells of its bar."""
    if _identity(before) != _identity(now):
        return QRegion(place)
    parts, changed = RowParts.of(place, columns, now), QRegion()
    if columns.arrow and _move(before) != _move(now):
        changed += parts.rank
    if before.is_faded != now.is_faded:
        changed += parts.title
    if SecondLine.of(columns, before) != SecondLine.of(columns, now):
        changed += parts.pieces.united(parts.note)
    elif _note(before) != _note(now):
        changed += parts.note
    if _score(before) != _score(now):
        changed += parts.score
    if columns.parts and (before.parts != now.parts or not same_scale):
        changed += parts.bar
    return changed


def _identity(row: ShownResult) -> tuple[object, ...]:
    return row.document_id, row.rank, row.title, row.is_key, _has_two_lines(row)


def _move(row: ShownResult) -> tuple[object, ...]:
    return row.direction, row.places, row.has_move


def _note(row: ShownResult) -> tuple[object, ...]:
    return row.note, row.direction if row.note else "", row.giver, row.place_value


def _score(row: ShownResult) -> tuple[object, ...]:
    return row.score, row.decimals, row.place_mark


def _has_two_lines(row: ShownResult) -> bool:
    return bool(row.pieces or row.note)


def _first_line(place: QRect, columns: RowColumns) -> QRect:
    return QRect(0, place.top() + TITLE_TOP, columns.right, Theme.current().line_height("body"))


def _whole_line(place: QRect, columns: RowColumns) -> QRect:
    return QRect(0, place.top(), columns.right, place.height())


def _second_top(place: QRect) -> int:
    return place.top() + TITLE_TOP + Theme.current().line_height("body") - 1


def _bar_top(place: QRect) -> int:
    return place.top() + place.height() - tokens().space[4]


def _paint_title(
    painter: QPainter, place: QRect, columns: RowColumns, colours: Colours, row: ShownResult
) -> None:
    title = _first_line(place, columns) if _has_two_lines(row) else _whole_line(place, columns)
    title.setLeft(columns.title)
    title.setRight(columns.score_left - tokens().space[3])
    colour = "text2" if row.is_faded else "text1"
    role = "head of a section" if row.is_key else "title of a result"
    draw_prepared(painter, title, row.title, role, colours[colour])


def _paint_score(
    painter: QPainter, place: QRect, columns: RowColumns, colours: Colours, row: ShownResult
) -> None:
    role, colour = ("head of a section", "text1") if columns.parts else ("body", "text2")
    if row.place_mark:
        role, colour = MARK_ROLE, "up"
    # The score stays above its bar.
    in_middle = not _has_two_lines(row) and not columns.parts
    line = _whole_line(place, columns) if in_middle else _first_line(place, columns)
    draw_prepared(painter, line, score_text(row), role, colours[colour], right=True, tabular=True)


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


def _paint_pieces(painter: QPainter, place: QRect, second: SecondLine, colours: Colours) -> None:
    top, height = _second_top(place), Theme.current().line_height("caption")
    for piece, left, room in second.pieces:
        draw_prepared(painter, QRect(left, top, room, height), piece, "caption", colours["text3"])


def _paint_note(
    painter: QPainter, place: QRect, second: SecondLine, colours: Colours, row: ShownResult
) -> None:
    height = Theme.current().line_height("caption")
    line = QRect(second.note, _second_top(place), max(0, second.end - second.note), height)
    if row.note and row.direction:
        colour = colours[row.direction]
        drawn = draw_prepared(painter, line, row.note, "sorted column head", colour)
        line.setLeft(second.note + int(drawn) + tokens().space[3])
    if row.giver:
        _paint_giver(painter, line, colours, row)


def _paint_giver(painter: QPainter, line: QRect, colours: Colours, row: ShownResult) -> None:
    """The sign of a document that has its place from a feature, how active that is, and which."""
    small = tokens().icon_sizes.small
    if line.width() < small:
        return
    square = QRect(line.left(), line.top(), small, line.height())
    paint_icon(painter, "pin", square, colours["up"], small)
    line.setLeft(line.left() + small + tokens().grid)
    told = row.giver if row.place_value is None else f"{row.place_value:.2f} {row.giver}"
    draw_prepared(painter, line, told, "sorted column head", colours["up"])
