"""Rows of the result lists: whole rows at every height, moves in words and numbers."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from saedesk.ui.search_panels.answer_view import AnswerView
from saedesk.ui.search_panels.result_area import ResultArea
from saedesk.ui.search_panels.result_row_painting import RowColumns, row_tooltip
from saedesk.ui.search_panels.score_explanation import ScoreExplanation
from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.theme import tokens


@pytest.mark.parametrize(("height", "rows"), [(900, 10), (727, 10), (627, 7), (547, 6)])
def test_no_row_is_cut(qtbot: QtBot, height: int, rows: int) -> None:
    results = ResultArea()
    view = AnswerView(results, ScoreExplanation())
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
