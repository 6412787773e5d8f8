"""Which results are in view: another question opens at its first one, a steered one stays."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollBar
from pytestqt.qtbot import QtBot

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Session
from saedesk.ui.search_panels.query_fields import PAUSE_MS
from saedesk.ui.search_panels.result_list import ResultList
from saedesk.ui.search_panels.result_ways_out import NOT_ASKED_YET
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.workspaces.search_workspace import SearchWorkspace
from tests.ui.search.test_query_bar import idle

QUERY, OTHER = "planets around other stars", "languages of the world"


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> SearchWorkspace:
    """Search in a low window, where not all ten results have room."""
    shown = SearchWorkspace(session)
    qtbot.addWidget(shown)
    shown.resize(1216, 620)
    with qtbot.waitActive(shown):
        shown.show()
        shown.activateWindow()
    return shown


@pytest.fixture
def scrolled(workspace: SearchWorkspace, session: Session, qtbot: QtBot) -> QScrollBar:
    """The bar of the results, scrolled down."""
    session.search.set_text(QUERY)
    idle(qtbot, session)
    bar = workspace.results._scroll.verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum() // 2)
    assert bar.value() > 0
    return bar


def is_in_view(shown: ResultList, workspace: SearchWorkspace, place: int) -> bool:
    height, area = tokens().row_height.result, workspace.results._scroll.viewport()
    top = shown.mapTo(area, QPoint(0, place * height)).y()
    return top >= 0 and top + height <= area.height()


def test_another_question_opens_at_its_first_result_and_a_steered_one_stays(
    workspace: SearchWorkspace, scrolled: QScrollBar, session: Session, qtbot: QtBot
) -> None:
    search, place = session.search, scrolled.value()
    latent = workspace.steering.rows[0].latent
    search.set_value(latent, -0.4)
    idle(qtbot, session)
    assert scrolled.value() == place
    session.undo.undo()
    idle(qtbot, session)
    assert scrolled.value() == place

    def opens_at_the_top() -> bool:
        idle(qtbot, session)
        is_at_top = scrolled.value() == 0
        scrolled.setValue(scrolled.maximum() // 2)
        assert scrolled.value() > 0
        return is_at_top

    for ask in (
        lambda: search.set_text(OTHER),
        lambda: search.set_match("words"),
        lambda: search.set_match("both"),
        session.undo.undo,
        lambda: search.set_target(latent),
        lambda: search.set_filter(DocumentFilter(categories={"category": ("Language", "Music")})),
        lambda: search.set_filter(DocumentFilter()),
    ):
        ask()
        assert opens_at_the_top()


def test_a_search_that_is_asked_again_stays_where_it_was(
    workspace: SearchWorkspace, scrolled: QScrollBar, session: Session, qtbot: QtBot
) -> None:
    place = scrolled.value()
    session.search.ask_again()
    idle(qtbot, session)
    assert scrolled.value() == place


def test_down_from_the_query_shows_the_first_result_and_its_focus(
    workspace: SearchWorkspace, scrolled: QScrollBar, session: Session, qtbot: QtBot
) -> None:
    steered = workspace.results.steered
    scrolled.setValue(scrolled.maximum())
    workspace.bar.take_keyboard()
    QTest.keyClick(workspace.bar.field, Qt.Key.Key_Down)
    QApplication.processEvents()
    assert (steered.hasFocus(), steered.selected_place) == (True, 0)
    assert is_in_view(steered, workspace, 0)
    image = steered.grab().toImage()
    middle = tokens().row_height.result // 2
    ring = image.pixelColor(steered.width() - 1, middle)
    assert ring.name() == Theme.current().colour("focus").name()


def test_the_keyboard_takes_the_list_along(
    workspace: SearchWorkspace, scrolled: QScrollBar, session: Session, qtbot: QtBot
) -> None:
    steered = workspace.results.steered
    scrolled.setValue(0)
    steered.setFocus(Qt.FocusReason.TabFocusReason)
    for place in range(1, 10):
        QTest.keyClick(steered, Qt.Key.Key_Down)
        assert steered.selected_place == place
        assert is_in_view(steered, workspace, place)
    QTest.keyClick(steered, Qt.Key.Key_Home)
    assert scrolled.value() == 0


def test_under_a_text_that_is_being_typed_nobody_is_told_to_type(
    workspace: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    field, sentence = workspace.bar.field, workspace.sentence.sentence
    assert sentence.text().startswith("Type what you are looking for.")
    workspace.bar.take_keyboard()
    QTest.keyClicks(field, "plan")
    assert sentence.text() == NOT_ASKED_YET
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert sentence.text().startswith("Type what you are looking for.")
    QTest.keyClicks(field, QUERY)
    qtbot.waitUntil(lambda: session.search.state.text == QUERY, timeout=20 * PAUSE_MS)
    assert sentence.text() in ("Reading the query.", workspace.bar.filters.busy_sentence())
    idle(qtbot, session)
    assert workspace.results.isVisible()
