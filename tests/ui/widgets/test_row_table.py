"""The table: order, sorting, selection by id, keys, signals, and what a hundred thousand cost."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.row_table import RowTable, make_table
from saedesk.ui.widgets.row_table_cells import RowTableDelegate
from saedesk.ui.widgets.row_table_model import Column, sorting

DENSITY = np.array([0.5, np.nan, 0.1, 0.9, 0.5])
NAMES = ["alpha", "beta", "gamma", "delta", "epsilon"]


@pytest.fixture
def table(qtbot: QtBot) -> RowTable:
    Theme.current()
    made = make_table(
        [
            Column("name", "Name", NAMES.__getitem__, stretch=True),
            Column(
                "density",
                "Density",
                lambda at: f"{DENSITY[at]:.1f}",
                "right",
                80,
                sort_key=DENSITY,
                descending_first=True,
            ),
            Column("score", "Score", str, "right", 60),
        ],
        "Features",
    )
    qtbot.addWidget(made)
    made.row_model.set_order(np.arange(5))
    made.resize(400, 300)
    made.show()
    return made


def test_sorting_is_stable_both_ways_and_keeps_what_is_no_number_last() -> None:
    assert sorting(DENSITY, descending=False).tolist() == [2, 0, 4, 3, 1]
    assert sorting(DENSITY, descending=True).tolist() == [3, 0, 4, 2, 1]
    words = np.array(["b", "a", "b"], dtype=object)
    assert sorting(words, descending=True).tolist() == [0, 2, 1]


def test_a_click_on_a_head_sorts_and_a_second_one_turns_round(table: RowTable) -> None:
    table.horizontalHeader().sectionClicked.emit(1)
    assert table.row_model.order.tolist() == [3, 0, 4, 2, 1]
    table.horizontalHeader().sectionClicked.emit(1)
    assert table.row_model.order.tolist() == [2, 0, 4, 3, 1]


def test_a_later_filter_keeps_the_sorting(table: RowTable) -> None:
    table.row_model.sort_by("density", descending=True)
    table.row_model.set_order(np.array([0, 2, 3]))
    assert table.row_model.order.tolist() == [3, 0, 2]


def test_a_column_without_a_key_asks_its_owner(table: RowTable, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.row_model.sort_requested) as asked:
        table.horizontalHeader().sectionClicked.emit(2)
    assert asked.args == ["score", False]


def test_the_selection_stays_with_its_row_and_nothing_is_told(table: RowTable) -> None:
    told: list[object] = []
    table.current_row_changed.connect(told.append)
    table.select_id(4, tell=True)
    table.row_model.sort_by("density", descending=True)
    assert table.currentIndex().row() == 2
    assert table.selected_ids().tolist() == [4]
    table.row_model.set_order(np.array([0, 1]))
    assert table.selected_ids().tolist() == []
    table.row_model.set_order(np.arange(5))
    assert table.selected_ids().tolist() == [4], "it comes back with its row"
    assert told == [4]


def test_keys_move_open_and_toggle(table: RowTable, qtbot: QtBot) -> None:
    told: list[tuple[str, object]] = []
    table.current_row_changed.connect(lambda row: told.append(("current", row)))
    table.row_activated.connect(lambda row: told.append(("open", row)))
    table.row_toggled.connect(lambda row: told.append(("toggle", row)))
    table.select_id(0)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(table, key)
    assert told == [("current", 1), ("open", 1), ("toggle", 1)]


def test_a_click_tells_the_column(table: RowTable, qtbot: QtBot) -> None:
    place = QPoint(table.columnViewportPosition(1) + 5, table.rowViewportPosition(2) + 5)
    with qtbot.waitSignal(table.cell_clicked) as clicked:
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == [2, "density"]
    assert table.current_id == 2


def test_copy_puts_the_row_on_the_clipboard(table: RowTable) -> None:
    table.select_id(3)
    table.copy_selected()
    assert QGuiApplication.clipboard().text() == "delta\t0.9\t3"


def test_a_stretching_column_takes_the_room_that_is_left(table: RowTable) -> None:
    widths = [table.horizontalHeader().sectionSize(at) for at in range(3)]
    assert widths[1:] == [80, 60]
    assert sum(widths) == table.viewport().width()


def test_other_columns_keep_rows_and_selection(table: RowTable) -> None:
    table.select_id(2)
    table.row_model.set_columns([Column("name", "Name", NAMES.__getitem__, stretch=True)])
    assert table.selected_ids().tolist() == [2]
    assert table.horizontalHeader().sectionSize(0) == table.viewport().width()


def test_a_hundred_thousand_rows_ask_only_for_the_texts_in_view(qtbot: QtBot) -> None:
    n_rows = 100_000
    key = np.random.default_rng(0).random(n_rows)
    asked: list[int] = []

    def text(row_id: int) -> str:
        asked.append(row_id)
        return str(row_id)

    made = make_table([Column("n", "N", text, sort_key=key)], "Documents")
    qtbot.addWidget(made)
    made.resize(300, 320)
    made.show()
    started = time.perf_counter()
    made.row_model.set_order(np.arange(n_rows))
    made.select_id(50_000)
    made.row_model.sort_by("n", descending=True)
    made.viewport().repaint()
    assert len(asked) < 1000
    assert time.perf_counter() - started < 2.0
    assert made.selected_ids().tolist() == [50_000]


def test_scrolling_and_selecting_paint_only_the_rows_that_change(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_table([Column("name", "Name", str, stretch=True)], "Rows")
    qtbot.addWidget(made)
    made.row_model.set_order(np.arange(1000))
    made.resize(400, 600)
    made.show()
    qtbot.waitExposed(made)
    painted: list[int] = []
    paint = RowTableDelegate.paint

    def counted(self, painter, option, index) -> None:  # type: ignore[no-untyped-def]
        painted.append(index.row())
        paint(self, painter, option, index)

    monkeypatch.setattr(RowTableDelegate, "paint", counted)
    made.viewport().update()
    qtbot.waitUntil(lambda: len(painted) >= 18)
    QTest.qWait(50)
    painted.clear()
    made.verticalScrollBar().setValue(10)
    qtbot.waitUntil(lambda: bool(painted))
    assert 0 < len(painted) < 4
    painted.clear()
    made.select_id(5, scroll=False)
    qtbot.waitUntil(lambda: 5 in painted)
    QTest.qWait(50)
    painted.clear()
    made.select_id(7, scroll=False)
    qtbot.waitUntil(lambda: {5, 7} <= set(painted))
    assert set(painted) == {5, 7}


def test_tint_and_hairlines_reach_the_edge_beside_the_scroll_bar(qtbot: QtBot) -> None:
    made = make_table([Column("name", "Name", str, stretch=True)], "Rows")
    qtbot.addWidget(made)
    made.row_model.set_order(np.arange(1000))
    made.resize(400, 600)
    made.show()
    made.select_id(3)
    QTest.qWait(20)
    assert made.verticalScrollBar().isVisible()
    picture = made.grab().toImage()
    top = made.viewport().y() + made.rowViewportPosition(3)
    edge = made.width() - 1
    assert picture.pixelColor(edge, top + 8) == picture.pixelColor(edge // 2, top + 4)
    assert picture.pixelColor(edge, top + 8) != Theme.current().colour("surface")
    assert picture.pixelColor(edge, top - 1) == Theme.current().colour("line")
    assert picture.pixelColor(edge, made.viewport().y() - 1) == Theme.current().colour("line")


def test_a_row_from_elsewhere_comes_to_the_middle(qtbot: QtBot) -> None:
    made = make_table([Column("name", "Name", str, stretch=True)], "Rows")
    qtbot.addWidget(made)
    made.row_model.set_order(np.arange(1000))
    made.resize(400, 600)
    made.show()
    made.select_id(500)
    middle = made.rowViewportPosition(500) + made.rowHeight(500) / 2
    assert abs(middle - made.viewport().height() / 2) <= made.rowHeight(500)
    before = made.verticalScrollBar().value()
    made.select_id(502)
    assert made.verticalScrollBar().value() == before
