from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell.command_palette import CommandPalette
from saedesk.ui.shell.palette_rows import PaletteRow


@pytest.fixture
def palette(qtbot: QtBot, project_window: MainWindow) -> CommandPalette:
    qtbot.keyClick(project_window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    made = project_window.cards.palette
    assert made.isVisible()
    assert made.field.hasFocus()
    return made


def rows_of(palette: CommandPalette, kind: str) -> list[PaletteRow]:
    return [row for row in palette.list.rows if row.kind == kind]


def test_empty_it_lists_the_commands_that_can_be_used(palette: CommandPalette) -> None:
    names = [row.key for row in rows_of(palette, "command")]
    assert "close_project" in names
    assert "undo" not in names
    assert "cancel_task" not in names
    assert palette.list.chosen is not None


def test_a_feature_is_found_by_its_label_and_opened_with_enter(
    qtbot: QtBot, palette: CommandPalette, project_window: MainWindow
) -> None:
    book = project_window.session.book
    assert book is not None
    book.set_label(7, "Zebra stripes in galaxies")
    book.set_star(7, True)
    qtbot.keyClicks(palette.field, "zebra")
    found = rows_of(palette, "feature")
    assert [(row.key, row.text, row.starred) for row in found] == [
        (7, "Zebra stripes in galaxies", True)
    ]
    assert found[0].value.endswith(" %")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert project_window.session.feature == 7
    assert project_window.shown == "features"


def test_documents_arrive_a_moment_later_titles_first(
    qtbot: QtBot, palette: CommandPalette, project_window: MainWindow
) -> None:
    qtbot.keyClicks(palette.field, "protein folding")
    qtbot.waitUntil(lambda: len(rows_of(palette, "document")) > 2)
    found = rows_of(palette, "document")
    assert "protein folding" in found[0].text.lower()
    assert found[0].value.isdigit()
    qtbot.keyClicks(palette.field, " nothing like this")
    assert rows_of(palette, "document") == []
    qtbot.waitUntil(lambda: not project_window.session.query.tasks)
    palette.field.setText("protein folding")
    qtbot.waitUntil(lambda: bool(rows_of(palette, "document")))
    at = palette.list.rows.index(rows_of(palette, "document")[0])
    place = palette.list.visualRect(palette.list.model().index(at, 0)).center()
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert project_window.session.document == found[0].key
    assert project_window.shown == "corpus"


def test_what_is_chosen_stays_chosen_when_documents_arrive(
    qtbot: QtBot, palette: CommandPalette
) -> None:
    qtbot.keyClicks(palette.field, "protein")
    while palette.list.chosen is None or palette.list.chosen.kind != "command":
        qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    chosen = palette.list.chosen
    qtbot.waitUntil(lambda: bool(rows_of(palette, "document")))
    assert palette.list.chosen == chosen


def test_arrows_go_round_and_never_onto_a_head(qtbot: QtBot, palette: CommandPalette) -> None:
    first = palette.list.chosen
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.chosen == palette.list.rows[-1]
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.chosen == first


def test_a_greater_sign_leaves_only_commands_and_enter_runs_one(
    qtbot: QtBot, palette: CommandPalette, project_window: MainWindow
) -> None:
    qtbot.keyClicks(palette.field, ">go to search")
    assert [row.key for row in palette.list.rows if row.kind != "head"] == ["show_search"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert project_window.shown == "search"


def test_ctrl_enter_searches_for_the_typed_text(
    qtbot: QtBot, palette: CommandPalette, project_window: MainWindow
) -> None:
    qtbot.keyClicks(palette.field, "planets")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert project_window.shown == "search"
    assert project_window.session.search is not None
    assert project_window.session.search.state.text == "planets"


def test_escape_and_a_click_beside_it_close_and_give_the_keyboard_back(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    field = project_window.header.field
    field.setFocus()
    for close in ("escape", "click"):
        project_window.commands.find()
        palette = project_window.cards.palette
        assert QApplication.focusWidget() is palette.field
        if close == "escape":
            qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
        else:
            qtbot.mouseClick(palette, Qt.MouseButton.LeftButton, pos=QPoint(5, 300))
        assert not palette.isVisible()
        assert QApplication.focusWidget() is field


def test_it_works_without_a_project(qtbot: QtBot, main_window: MainWindow) -> None:
    main_window.commands.find()
    palette = main_window.cards.palette
    qtbot.keyClicks(palette.field, "demo")
    assert [row.key for row in rows_of(palette, "command")] == ["open_demo"]
    qtbot.keyClicks(palette.field, "xyz")
    assert [row.text for row in palette.list.rows] == ["Nothing was found"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
