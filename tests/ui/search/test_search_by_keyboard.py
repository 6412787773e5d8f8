"""The keyboard in Search: undo in the query, ways to the results, round the areas, in the cards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.search_history import search_book
from saedesk.session.session import Session
from saedesk.ui.main_window import MainWindow
from saedesk.ui.search_panels.filter_cards import CategoryCard
from saedesk.ui.search_panels.query_fields import PAUSE_MS
from saedesk.ui.workspaces.search_workspace import SearchWorkspace
from tests.ui.search.test_query_bar import QUERY, SECONDS, idle, shown

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def searched(session: Session, qtbot: QtBot) -> SearchWorkspace:
    workspace = shown(session, qtbot)
    typed(workspace, QUERY)
    idle(qtbot, session)
    return workspace


def typed(workspace: SearchWorkspace, text: str) -> None:
    field = workspace.bar.field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


# -- undo --------------------------------------------------------------------------------------


def test_undo_in_the_query_takes_the_steps_of_the_search_one_by_one(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    field, search = searched.bar.field, session.search
    row = searched.steering.rows[0]
    search.set_position(row.slid, -0.2, final=True)
    idle(qtbot, session)
    turned = search.state
    typed(searched, "languages of the world")
    idle(qtbot, session)
    QTest.keyClick(field, Qt.Key.Key_Z, CTRL)
    assert (search.state, field.text()) == (turned, QUERY)
    QTest.keyClick(field, Qt.Key.Key_Z, CTRL)
    assert search.state.at_rest
    assert (search.state.text, field.text()) == (QUERY, QUERY)
    QTest.keyClick(field, Qt.Key.Key_Z, CTRL)
    assert (search.state.text, field.text()) == ("", "")
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Z, CTRL | SHIFT)
    assert search.state.text == field.text() == "languages of the world"
    idle(qtbot, session)


def test_what_is_typed_and_not_asked_yet_is_a_step_that_redo_brings_back(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    field, search = searched.bar.field, session.search
    field.selectAll()
    QTest.keyClicks(field, "volcanoes")
    assert search.state.text == QUERY, f"nothing is asked before {PAUSE_MS} ms"
    QTest.keyClick(field, Qt.Key.Key_Z, CTRL)
    assert search.state.text == field.text() == QUERY
    session.undo.redo()
    assert search.state.text == field.text() == "volcanoes"
    idle(qtbot, session)


def test_the_menu_of_the_query_offers_no_undo_of_its_own(
    searched: SearchWorkspace, qtbot: QtBot
) -> None:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QContextMenuEvent

    field = searched.bar.field
    place = QPoint(5, 5)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, field.mapToGlobal(place))
    QApplication.sendEvent(field, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    names = [action.objectName() for action in menu.actions()]
    menu.close()
    assert "edit-copy" in names
    assert not {"edit-undo", "edit-redo"} & set(names)


# -- ways --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Return])
def test_down_and_enter_go_from_the_query_to_the_first_result(
    searched: SearchWorkspace, key: Qt.Key
) -> None:
    results = searched.results
    results.steered.setFocus()
    QTest.keyClick(results.steered, Qt.Key.Key_End)
    searched.bar.take_keyboard()
    QTest.keyClick(searched.bar.field, key)
    assert results.steered.hasFocus()
    assert results.steered.selected_place == 0


def test_f6_walks_round_query_sliders_results_and_why(searched: SearchWorkspace) -> None:
    bar, sliders = searched.bar.field, searched.steering.rows[0].control
    round_trip = [bar, sliders, searched.results.steered, searched.explanation.text]
    bar.setFocus()
    for at in (1, 2, 3, 0):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
        assert round_trip[at].hasFocus()
    for at in (3, 2, 1, 0):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6, SHIFT)
        assert round_trip[at].hasFocus()


def test_f6_passes_over_what_is_not_there(session: Session, qtbot: QtBot) -> None:
    workspace = shown(session, qtbot)
    workspace.bar.take_keyboard()
    QTest.keyClick(workspace.bar.field, Qt.Key.Key_F6)
    assert workspace.steering.field.hasFocus(), "without sliders, the field that adds one"
    QTest.keyClick(workspace.steering.field, Qt.Key.Key_F6)
    assert workspace.bar.field.hasFocus()


# -- filter cards ------------------------------------------------------------------------------


@pytest.fixture
def card(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> CategoryCard:
    monkeypatch.setattr("saedesk.ui.search_panels.filter_cards.FILTERED_FROM", 3)
    filters = searched.bar.filters
    filters.edit("category", filters.add_button)
    idle(qtbot, session)
    assert isinstance(filters.card, CategoryCard)
    assert filters.card._find.hasFocus()
    return filters.card


def test_values_are_found_walked_and_ticked_by_keyboard(
    card: CategoryCard, session: Session, qtbot: QtBot
) -> None:
    field = card._find
    QTest.keyClicks(field, "a")
    found = [(value, box) for value, box, line in card.boxes if line.isVisible()]
    assert 1 < len(found) < len(card.boxes)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert found[0][1].hasFocus()
    QTest.keyClick(found[0][1], Qt.Key.Key_Down)
    assert found[1][1].hasFocus()
    QTest.keyClick(found[1][1], Qt.Key.Key_Up)
    QTest.keyClick(found[0][1], Qt.Key.Key_Up)
    assert field.hasFocus()
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(found[0][1], Qt.Key.Key_Space)
    QTest.keyClick(found[0][1], Qt.Key.Key_Return)
    assert dict(session.search.state.wanted.categories) == {"category": (found[0][0],)}
    idle(qtbot, session)


def test_enter_in_the_field_goes_to_what_it_found_and_leaves_no_empty_step(
    card: CategoryCard, session: Session
) -> None:
    steps = session.undo.count()
    QTest.keyClicks(card._find, "lang")
    QTest.keyClick(card._find, Qt.Key.Key_Return)
    assert card.isVisible()
    (box,) = [box for _, box, line in card.boxes if line.isVisible()]
    assert box.hasFocus()
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert session.undo.count() == steps
    assert session.search.state.wanted.is_empty


# -- where the keyboard stays ------------------------------------------------------------------


def test_the_keyboard_stays_in_the_line_of_filters_when_a_chip_is_removed(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    wanted = DocumentFilter(categories={"category": ("Language",)}, ranges={"year": (1990, None)})
    session.search.set_filter(wanted)
    filters = searched.bar.filters
    QApplication.processEvents()
    filters.chips[0].setFocus()
    QTest.keyClick(filters.chips[0], Qt.Key.Key_Delete)
    assert filters.chips[0].hasFocus()
    QTest.keyClick(filters.chips[0], Qt.Key.Key_Delete)
    assert filters.add_button.hasFocus()
    idle(qtbot, session)


def test_the_keyboard_goes_from_compare_to_the_two_settings_and_back(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    head = searched.steering.head
    head.compare.setFocus()
    QTest.keyClick(head.compare, Qt.Key.Key_Space)
    assert head.settings.hasFocus()
    head.end.setFocus()
    QTest.keyClick(head.end, Qt.Key.Key_Space)
    assert head.compare.hasFocus()
    idle(qtbot, session)


def test_a_way_that_is_chosen_has_the_keyboard_at_once(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    row = searched.steering.rows[0]
    row.way.setFocus()
    menu = row.make_menu(everything=False)
    next(one for one in menu.actions() if one.text().startswith("Places")).trigger()
    menu.close()
    assert row.view.way == "places"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert row.view.places == 1
    idle(qtbot, session)


# -- the palette -------------------------------------------------------------------------------


def commands(window: MainWindow, typed: str) -> dict[str, str]:
    palette = window.cards.palette
    window.actions_by_name["find"].trigger()
    palette.field.setText(f">{typed}")
    found = {row.text: str(row.key) for row in palette.list.rows if row.kind == "command"}
    palette.close_card()
    return found


def test_the_palette_knows_what_can_be_done_with_a_search(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    window, session = project_window, project_window.session
    assert "Steer the search" in commands(window, "steer")
    assert "Search for…" in commands(window, "search")
    assert "Search index…" in commands(window, "index")
    assert "Clear the search" not in commands(window, "search"), "nothing is asked yet"
    session.search.set_text(QUERY)
    idle(qtbot, session)
    slid = None
    for words, name in (("compare", "compare_settings"), ("script", "copy_search_command")):
        assert name in commands(window, words).values()
    assert "reset_sliders" not in commands(window, "sliders").values(), "nothing is turned"
    actions = window.actions_by_name
    actions["steer_search"].trigger()
    workspace = window.current_workspace
    assert isinstance(workspace, SearchWorkspace)
    idle(qtbot, session)
    actions["steer_search"].trigger()
    row = workspace.steering.rows[0]
    assert row.control.hasFocus()
    slid = row.slid
    session.search.set_position(slid, -0.2, final=True)
    assert "reset_sliders" in commands(window, "sliders").values()
    actions["reset_sliders"].trigger()
    assert session.search.state.at_rest
    actions["compare_settings"].trigger()
    assert session.search.state.comparison is not None
    QGuiApplication.clipboard().clear()
    actions["copy_search_command"].trigger()
    assert QGuiApplication.clipboard().text().startswith("saedesk search")
    actions["ask_search"].trigger()
    assert workspace.bar.field.hasFocus()
    actions["clear_search"].trigger()
    assert not session.search.state.asks_something
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


def test_a_search_is_saved_from_the_palette_in_a_line_that_goes_again(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    session = project_window.session
    session.search.set_text(QUERY)
    idle(qtbot, session)
    project_window.actions_by_name["find"].trigger()
    project_window.cards.palette.close_card()
    project_window.actions_by_name["save_search"].trigger()
    bar = project_window.current_workspace.bar
    assert bar.naming.field.hasFocus()
    assert bar.naming.field.text() == QUERY
    bar.naming.field.setText(" Planets ")
    QTest.keyClick(bar.naming.field, Qt.Key.Key_Return)
    assert [one.name for one in search_book(session).searches] == ["Planets"]
    assert not bar.naming.isVisible()
    assert bar.notes.text() == "The search is saved as “Planets”."
    project_window.actions_by_name["save_search"].trigger()
    bar.naming.field.setText("Planets")
    QTest.keyClick(bar.naming.field, Qt.Key.Key_Return)
    assert bar.naming.isVisible()
    assert "Planets" in bar.naming.error.text(), "a name that is taken is told"
    QTest.keyClick(bar.naming.field, Qt.Key.Key_Escape)
    assert not bar.naming.isVisible()
