"""Where the keyboard goes in Search when the control that had it goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Session
from saedesk.ui.main_window import MainWindow
from saedesk.ui.search_panels.result_ways_out import NO_FILTERS
from saedesk.ui.widgets.focus_ring import FocusRing
from saedesk.ui.workspaces.search_workspace import SearchWorkspace
from tests.ui.search.test_query_bar import QUERY, idle, shown

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NO, FOCUS_IN = Qt.KeyboardModifier.NoModifier, QEvent.Type.FocusIn
NOTHING_FITS = DocumentFilter(ranges={"year": (2500, None)})


@pytest.fixture
def searched(session: Session, qtbot: QtBot) -> SearchWorkspace:
    workspace = shown(session, qtbot)
    assert session.search is not None
    session.search.set_text(QUERY)
    idle(qtbot, session)
    return workspace


def test_undo_at_a_slider_until_the_query_is_gone_and_redo_bring_all_back(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    project_window.show_workspace("search")
    session, workspace = project_window.session, project_window.current_workspace
    search = session.search
    search.set_text(QUERY)
    idle(qtbot, session)
    row = workspace.steering.rows[2]
    row.control.setFocus()
    QTest.keyClick(row.control, Qt.Key.Key_P)
    QTest.keyClick(row.control, Qt.Key.Key_Right)
    idle(qtbot, session)
    steps = session.undo.index()
    assert search.state.settings.places(row.slid) == 1
    while session.undo.canUndo():
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Z, CTRL)
        idle(qtbot, session)
    assert search.state.text == ""
    assert workspace.bar.field.hasFocus()
    # From the field in which letters alone were to be typed, too.
    workspace.steering.field.setFocus()
    while session.undo.canRedo():
        QTest.keyClick(workspace.steering.field, Qt.Key.Key_Z, CTRL | SHIFT)
        idle(qtbot, session)
    assert session.undo.index() == steps
    assert search.state.settings.places(row.slid) == 1
    QTest.keyClick(workspace.steering.field, Qt.Key.Key_Z, CTRL)
    assert session.undo.index() == steps - 1
    idle(qtbot, session)


def test_what_was_found_by_letters_leaves_none_for_undo(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    field = searched.steering.field
    field.setFocus()
    QTest.keyClicks(field, searched.steering.rows[0].label[:4])
    assert field.isUndoAvailable()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == ""
    assert not field.isUndoAvailable()
    idle(qtbot, session)


def test_the_slider_that_goes_leaves_the_keyboard_to_the_one_in_its_place(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    panel = searched.steering
    last = panel.rows[-1]
    count = len(panel.rows)
    other = next(i for i in range(session.sae.n_latents) if i not in session.search.query.latents)
    session.search.add_feature(other)
    panel.rows[-1].control.setFocus()
    assert len(panel.rows) == count + 1
    session.search.remove_feature(other)
    assert last is panel.rows[-1]
    assert last.control.hasFocus()
    idle(qtbot, session)


def test_sliders_that_do_nothing_any_more_leave_the_keyboard_to_the_query(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    searched.steering.rows[0].control.setFocus()
    session.search.set_match("words")
    idle(qtbot, session)
    assert searched.bar.field.hasFocus()


def test_the_keyboard_follows_the_way_out_of_an_empty_answer(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_filter(NOTHING_FITS)
    idle(qtbot, session)
    out = searched.sentence.button
    assert out.text() == NO_FILTERS
    out.setFocus()
    QTest.keyClick(out, Qt.Key.Key_Space)
    idle(qtbot, session)
    assert searched.results.steered.hasFocus()


def test_results_that_go_leave_the_keyboard_to_the_query(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    searched.results.take_keyboard()
    session.search.set_filter(NOTHING_FITS)
    idle(qtbot, session)
    assert searched.sentence.button.hasFocus(), "the way out"
    session.undo.undo()
    idle(qtbot, session)
    assert searched.results.steered.hasFocus()
    session.search.set_text("")
    assert searched.bar.field.hasFocus()


def test_tab_through_the_results_scrolls_nothing_away(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search, results = session.search, searched.results
    search.set_position(searched.steering.rows[0].slid, -0.5, final=True)
    idle(qtbot, session)
    for _ in range(3):
        search.show_more()
        idle(qtbot, session)
    assert len(results.steered.rows) > 30
    bar = results._scroll.verticalScrollBar()
    assert bar.maximum() > 10 * results.steered.height() // len(results.steered.rows)
    results.take_keyboard(first=True)
    for key, keys in ((Qt.Key.Key_Backtab, SHIFT), (Qt.Key.Key_Tab, NO), (Qt.Key.Key_Tab, NO)):
        QTest.keyClick(QApplication.focusWidget(), key, keys)
        QApplication.processEvents()
        assert bar.value() == 0
    assert not results.isAncestorOf(QApplication.focusWidget())


def test_tab_comes_to_the_button_for_more_results_and_it_stays_there(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    results = searched.results
    searched.resize(1376, 620)
    QApplication.processEvents()
    assert results._scroll.verticalScrollBar().maximum() > 0
    results.take_keyboard(first=True)
    QTest.keyClick(results.steered, Qt.Key.Key_Tab)
    idle(qtbot, session)
    assert results.more.hasFocus()
    assert len(results.steered.rows) == 10
    assert not results.more.visibleRegion().isEmpty()
    QTest.keyClick(results.more, Qt.Key.Key_Space)
    idle(qtbot, session)
    assert len(results.steered.rows) > 10


def test_the_menu_key_opens_the_menu_at_the_row(searched: SearchWorkspace, qtbot: QtBot) -> None:
    shown = searched.results.steered
    searched.results.take_keyboard(first=True)
    QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Down)
    # Where Qt opens the menu of a widget by key.
    place = shown.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()
    assert shown._at(place.y()) == 2
    assert shown.rect().contains(place)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_the_name_of_a_preset_leaves_what_is_chosen(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, key: Qt.Key
) -> None:
    results, presets = searched.results, searched.steering.head.presets
    session.search.set_position(searched.steering.rows[0].slid, -0.5, final=True)
    idle(qtbot, session)
    results.take_keyboard(first=True)
    for _ in range(2):
        QTest.keyClick(results.steered, Qt.Key.Key_Down)
    chosen = results.choice
    more = searched.steering.head.more
    more.setFocus()
    menu = searched.steering.head.make_menu()
    menu.actions()[0].trigger()
    menu.close()
    field = presets.naming.field
    assert field.hasFocus()
    QTest.keyClicks(field, "Less of it")
    QTest.keyClick(field, key)
    assert not presets.naming.isVisible()
    assert (presets.choice if key == Qt.Key.Key_Return else more).hasFocus()
    assert results.choice == chosen
    assert results.steered.selected_place == 2


def test_the_name_of_a_search_leaves_what_is_chosen(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    results, naming = searched.results, searched.bar.naming
    session.search.set_position(searched.steering.rows[0].slid, -0.5, final=True)
    idle(qtbot, session)
    results.take_keyboard(first=True)
    QTest.keyClick(results.steered, Qt.Key.Key_Down)
    chosen = results.choice
    naming.begin_saving()
    QTest.keyClick(naming.field, Qt.Key.Key_Escape)
    assert searched.bar.tools.saved_button.hasFocus()
    assert results.choice == chosen


def test_what_had_the_keyboard_shows_it_again_after_a_menu(
    searched: SearchWorkspace, qtbot: QtBot
) -> None:
    control = searched.steering.rows[0].way
    control.setFocus(Qt.FocusReason.TabFocusReason)
    rings = [ring for ring in searched.findChildren(FocusRing) if ring.isVisible()]
    assert len(rings) == 1
    QTest.keyClick(control, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Escape)
    qtbot.waitUntil(rings[0].isVisible)
    assert control.hasFocus()
    results = searched.results.steered
    searched.results.take_keyboard(first=True)
    assert results._by_keyboard
    QApplication.sendEvent(results, QFocusEvent(FOCUS_IN, Qt.FocusReason.PopupFocusReason))
    assert results._by_keyboard
    QApplication.sendEvent(results, QFocusEvent(FOCUS_IN, Qt.FocusReason.MouseFocusReason))
    QApplication.sendEvent(results, QFocusEvent(FOCUS_IN, Qt.FocusReason.PopupFocusReason))
    assert not results._by_keyboard
