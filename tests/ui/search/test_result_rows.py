"""Rows of the result lists: whole rows at every height, moves in words and numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from saedesk.session.settings import Settings
from saedesk.ui.search_panels.answer_view import AnswerView
from saedesk.ui.search_panels.result_area import ResultArea
from saedesk.ui.search_panels.result_row_bar import bar_pieces, bar_reach
from saedesk.ui.search_panels.result_row_layout import MARK_ROLE, SecondLine
from saedesk.ui.search_panels.result_row_painting import (
    RowColumns,
    paint_row,
    row_colours,
    row_tooltip,
)
from saedesk.ui.search_panels.score_explanation import ScoreExplanation
from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import text_width
from saedesk.ui.widgets.waterfall import Contribution, ContributionWaterfall


@pytest.mark.parametrize(("height", "rows"), [(900, 10), (727, 10), (627, 7), (547, 6)])
def test_no_row_is_cut(qtbot: QtBot, settings_folder: Path, height: int, rows: int) -> None:
    results = ResultArea()
    view = AnswerView(results, ScoreExplanation(), Settings(settings_folder))
    qtbot.addWidget(view)
    view.show()
    for high in (1000, height):
        view.resize(900, high)
        qtbot.waitUntil(lambda high=high: view.height() == high)
    row = tokens().row_height.result
    qtbot.waitUntil(lambda: (results.height() - results.plain_head.height()) == rows * row)
    assert results.visibleRegion().boundingRect().height() == results.height()


def test_a_move_is_told_in_the_tooltip(qapp: QWidget) -> None:
    columns = RowColumns.of(600, True)
    at = columns.arrow + 4

    def move(rank: int, direction: str, places: int) -> str:
        shown = ShownResult(1, rank, "A title", (), 0.5, "", direction, places)
        return row_tooltip(shown, columns, at)

    assert move(2, "up", 3356) == "Up 3,356 places, from 3,358th to 2nd"
    assert move(4, "down", 1) == "Down 1 place, from 3rd to 4th"
    assert move(4, "up", 0) == "Up from far below to place 4"
    assert move(4, "", 0) == "A title"


def ink(row: ShownResult, columns: RowColumns, left: int, right: int) -> tuple[int, int]:
    """The first and the last line with ink between two edges of a painted row."""
    height = tokens().row_height.result
    image = QImage(600, height, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    paint_row(painter, QRect(0, 0, 600, height), columns, row_colours(), row, 1.0, False)
    painter.end()
    lines = [
        y for y in range(height) if any(image.pixel(x, y) != 0xFFFFFFFF for x in range(left, right))
    ]
    return lines[0], lines[-1]


@pytest.mark.parametrize("with_moves", [False, True])
def test_a_row_of_one_line_has_it_in_the_middle(qapp: QWidget, with_moves: bool) -> None:
    columns = RowColumns.of(600, with_moves)
    height = tokens().row_height.result

    def middle(row: ShownResult) -> float:
        first, last = ink(row, columns, columns.title, columns.title + 60)
        return (first + last) / 2 - (height - 1) / 2

    assert abs(middle(ShownResult(1, 1, "HEX", (), 0.5, is_key=True))) <= 2
    both = middle(ShownResult(1, 1, "HEX", (), 0.5, "was 12th", "up", is_key=True))
    assert abs(both) <= 3
    first, _ = ink(ShownResult(1, 1, "HEX", ("HEX",), 0.5), columns, columns.title, 200)
    assert first < height / 4, "two lines begin further up"
    if not with_moves:
        first, last = ink(ShownResult(1, 1, "HEX", (), 0.5), columns, columns.score_left, 600)
        assert abs((first + last) / 2 - (height - 1) / 2) <= 2


PARTS = (("typed", 0.1185), ("rest", -0.0115), ("up", 0.02), ("down", -0.0743))


def test_the_full_bar_ends_at_the_score() -> None:
    pieces = bar_pieces(PARTS)
    score = sum(value for _, value in PARTS)
    assert max(piece.end for piece in pieces if piece.line == 0) == pytest.approx(score)
    beyond = [piece for piece in pieces if piece.line == 1]
    assert (beyond[0].start, beyond[-1].end) == pytest.approx((score, 0.1385))
    back = [piece for piece in pieces if piece.line == 2]
    assert [piece.kind for piece in back] == ["rest", "down"]
    assert back[0].end == pytest.approx(0.1385)
    assert back[-1].start == pytest.approx(score)
    # A small score does not have a long bar because much speaks against it.
    assert bar_reach(ShownResult(1, 1, "A", (), score, parts=PARTS)) == pytest.approx(0.1385)
    assert not [piece for piece in bar_pieces((("up", 0.1), ("less", -0.3))) if piece.line == 0]


def test_a_bar_of_a_smaller_score_is_painted_shorter(qapp: QWidget) -> None:
    columns = RowColumns.of(600, True)

    def full(parts: tuple[tuple[str, float], ...]) -> int:
        image = QImage(600, 60, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFF)
        painter = QPainter(image)
        row = ShownResult(1, 1, "", (), sum(value for _, value in parts), parts=parts)
        paint_row(painter, QRect(0, 0, 600, 60), columns, row_colours(), row, 0.2, False)
        painter.end()
        grey = Theme.current().colour("text3").rgb()
        return sum(
            any(image.pixel(x, y) == grey for y in range(40, 60)) for x in range(columns.parts, 600)
        )

    assert full((("typed", 0.12), ("down", -0.09))) < full((("typed", 0.05),)) < full(PARTS)


def test_a_legend_names_each_colour_once(qtbot: QtBot) -> None:
    sums = ContributionWaterfall()
    qtbot.addWidget(sums)
    kinds = ("up", "down", "less", "along", "rest")
    sums.set_contributions([Contribution(kind, 0.1, kind) for kind in kinds], 0.5)
    legend = dict(sums.legend())
    assert len(legend) == 4
    assert legend["down"] == "turned down or less of it"
    assert legend["lineControl"] == "moved along"


def test_a_legend_goes_on_in_a_second_line_beside_the_switch(qtbot: QtBot) -> None:
    sums = ContributionWaterfall()
    qtbot.addWidget(sums)
    kinds = ("up", "less", "down", "typed", "rest")
    sums.set_contributions([Contribution(kind, 0.1, kind) for kind in kinds], 0.5)
    sums.resize(528, sums.sizeHint().height())
    whole = sums.legend_places()
    assert len({place.top() for place, _, _ in whole}) == 1
    sums.keep_free(170)
    places = sums.legend_places()
    assert [name for *_, name in places] == [name for *_, name in whole]
    assert len({place.top() for place, _, _ in places}) == 2
    for (place, _, name), (before, _, _) in zip(places, whole, strict=True):
        assert place.right() < 528 - 170
        assert place.bottom() < sums.height()
        assert place.width() == before.width(), f"{name} is whole"
    assert sums.tooltip_at(sums.height() - 2) == ", ".join(name for _, name in sums.legend())


def test_what_gave_a_place_is_told_whole_beside_a_long_category_in_a_narrow_row(
    qapp: QWidget,
) -> None:
    columns = RowColumns.of(424, True)
    shown = ShownResult(1, 8, "A title", ("physics.space-ph", "2008"), 0.5, "was 19th", "up", 11)
    given = replace(shown, giver="Planets", place_value=0.44, place_mark="place 8 of 10")
    second = SecondLine.of(columns, given)
    note = text_width(shown.note, MARK_ROLE) + tokens().space[3]
    sign = tokens().icon_sizes.small + tokens().grid
    room = second.end - second.note - note - sign
    assert room >= text_width("0.44 Planets", MARK_ROLE)
    assert second.pieces, "the category gives way, it does not go"
    long = SecondLine.of(columns, replace(given, giver="Polycyclic aromatic hydrocarbons"))
    assert long.end - long.note - note - sign >= text_width("0.44 Polycyc…", MARK_ROLE)
    assert long.pieces
