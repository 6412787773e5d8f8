"""What Search says beside its results: notes that move nothing, texts to read on, faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from saedesk.jobs.query_sentences import MatchingSentences
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.live_search import UNEXPECTED
from saedesk.session.search_history import search_book
from saedesk.session.session import Session
from saedesk.session.settings import Settings
from saedesk.ui.search_panels.query_notes import QueryNotes
from saedesk.ui.search_panels.result_excerpt import Excerpt, ExcerptMark
from saedesk.ui.search_panels.result_menu import fill_result_menu
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.workspaces.search_workspace import SearchWorkspace
from tests.ui.search.test_query_bar import QUERY, idle, shown


@pytest.fixture
def searched(session: Session, qtbot: QtBot) -> SearchWorkspace:
    workspace = shown(session, qtbot)
    session.search.set_text(QUERY)
    idle(qtbot, session)
    return workspace


# -- notes -------------------------------------------------------------------------------------


def test_notes_and_what_was_copied_move_nothing(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    told: list[object] = []
    session.message.connect(told.append)
    notes = searched.bar.notes

    def place() -> QPoint:
        QApplication.processEvents()
        return searched.results.mapTo(searched, QPoint(0, 0))

    before = place()
    session.search.set_text(f'"{QUERY}" stars')
    idle(qtbot, session)
    assert "quotation marks" in notes.text()
    assert place() == before
    searched.leaving.copy_results()
    assert notes.text() == "10 results are copied as a table."
    searched.leaving.copy_script("command")
    assert "command line is copied" in notes.text()
    assert place() == before
    assert told == [], "no banner either"
    notes._timer.timeout.emit()
    assert "quotation marks" in notes.text(), "what was there before stands there again"


def test_sentences_without_room_are_counted(qtbot: QtBot) -> None:
    notes = QueryNotes()
    qtbot.addWidget(notes)
    notes.show_notes(["The first sentence.", "The second one.", "A third."])
    notes.resize(2000, 20)
    assert notes.line == notes.text() == "The first sentence. The second one. A third."
    notes.resize(220, 20)
    assert notes.line == "The first sentence.  +2 more"
    notes.resize(120, 20)
    assert notes.line.startswith("The f")
    assert notes.line.endswith("…  +2 more")
    assert notes.toolTip().count("<br>") == 2


def test_what_every_result_has_is_said_of_results_only(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    phrase = " ".join(searched.results.plain.rows[0].title.split()[:2])
    session.search.set_match("words")
    session.search.set_text(f'"{phrase}"')
    idle(qtbot, session)
    assert f"Every result has “{phrase}”" in searched.bar.notes.text()
    session.search.set_text('"zzz unheard phrase"')
    idle(qtbot, session)
    assert searched.sentence.isVisible()
    assert searched.bar.notes.text() == ""
    assert "no results" in searched.steering.meter.text()


def test_a_minus_is_no_operator_and_says_so(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_text("planets -neural")
    idle(qtbot, session)
    assert "The minus in “-neural” takes nothing away" in searched.bar.notes.text()
    session.search.set_text("state-of-the-art x - y -4")
    idle(qtbot, session)
    assert searched.bar.notes.text() == ""


# -- a fault -----------------------------------------------------------------------------------


def test_a_fault_is_told_once_and_can_be_tried_again(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, told = session.search.engine, []
    session.message.connect(told.append)

    def broken(*_: object) -> None:
        raise RuntimeError("matrix went away")

    monkeypatch.setattr(engine, "ask", broken)
    session.search.set_match("words")
    idle(qtbot, session)
    (message,) = told
    assert message.sentence == "RuntimeError: matrix went away"
    assert searched.sentence.sentence.text() == UNEXPECTED
    assert searched.sentence.button.text() == "Try again"
    monkeypatch.undo()
    state = session.search.state
    QTest.mouseClick(searched.sentence.button, Qt.MouseButton.LeftButton)
    idle(qtbot, session)
    assert searched.results.isVisible()
    assert session.search.state == state


# -- why ---------------------------------------------------------------------------------------


def test_that_no_sentence_stands_out_is_said(searched: SearchWorkspace) -> None:
    explanation = searched.explanation
    QApplication.processEvents()
    document = explanation._result.document
    explanation.show_sentences(MatchingSentences(document.id, ()))
    assert explanation.scores.text().endswith("No sentence stands out.")
    explanation.show_no_sentences("The encoder is not here.")
    assert explanation.scores.text().endswith("No sentence is marked.")
    assert "not here" in explanation.scores.toolTip()


def test_a_text_that_is_cut_is_read_on_by_wheel_and_keys(qtbot: QtBot) -> None:
    excerpt = Excerpt()
    qtbot.addWidget(excerpt)
    text = " ".join(f"word{at}" for at in range(600))
    excerpt.set_text(text)
    excerpt.resize(300 + excerpt.room_of_bar, excerpt.fit(300, 100))
    excerpt.show()
    assert excerpt._bar.isVisible()
    QTest.keyClick(excerpt, Qt.Key.Key_PageDown)
    page = excerpt.text
    assert text.endswith(page)
    assert page != text
    place = QPointF(20, 20)
    turned = QWheelEvent(
        place, excerpt.mapToGlobal(place), QPoint(0, 0), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(excerpt, turned)
    assert page.endswith(excerpt.text)
    assert excerpt.text != page
    QTest.keyClick(excerpt, Qt.Key.Key_Home)
    assert excerpt.text == text
    start = text.index("word300")
    excerpt.set_text(text)
    excerpt.set_marks([ExcerptMark(start, start + 20)])
    excerpt.fit(300, 100)
    value = excerpt._bar.value()
    assert 0 < value < excerpt._bar.maximum(), "the bar stands where the excerpt begins"
    QTest.keyClick(excerpt, Qt.Key.Key_Up)
    assert excerpt.text.index("word300") > 0
    excerpt.set_text("short")
    excerpt.fit(300, 100)
    assert not excerpt._bar.isVisible()


def test_the_lines_between_the_parts_are_moved_and_kept(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, settings_folder: Path
) -> None:
    below, split = searched._below, searched._answer_view.splitter
    usual = searched.explanation.height()
    split.moveSplitter(split.sizes()[0] - 90, 1)
    below.moveSplitter(500, 1)
    assert searched.explanation.height() == usual + 90
    assert searched.steering.width() == 500
    searched.resize(1500, 900)
    QApplication.processEvents()
    assert searched.explanation.height() == usual + 90
    assert searched.steering.width() == 500
    kept = ("search why height", "search steering width")
    qtbot.waitUntil(
        lambda: [Settings(settings_folder).get(one) for one in kept] == [usual + 90, 500]
    )
    again = shown(session, qtbot)
    session.search.set_text("planets")
    idle(qtbot, session)
    assert (again.explanation.height(), again.steering.width()) == (usual + 90, 500)


def test_a_text_that_is_longer_than_the_model_reads_is_told(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_text("planets around stars " * 400)
    idle(qtbot, session)
    assert "of 1,200 words are read for their meaning" in searched.bar.notes.text()
    session.search.set_text("")
    assert searched.bar.notes.text() == "", "what was said of an answer goes with it"
    session.undo.undo()
    idle(qtbot, session)
    session.search.set_match("words")
    idle(qtbot, session)
    assert searched.bar.notes.text() == ""


def test_places_leave_with_the_names_of_their_features(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    row = searched.steering.rows[1]
    session.search.set_places(row.slid, 2, final=True)
    idle(qtbot, session)
    QApplication.clipboard().clear()
    searched.leaving.copy_results()
    head, *lines = [line.split("\t") for line in QApplication.clipboard().text().split("\n")]
    given = [line[head.index("place_of")] for line in lines]
    assert set(given) == {"", row.label}
    searched.leaving.save_results(tmp_path / "results.csv")
    assert f"{row.label} ({row.latent}) 2 places" in (tmp_path / "results.csv").read_text("utf-8")
    searched.leaving.save_results(tmp_path / "results.jsonl")
    first = json.loads((tmp_path / "results.jsonl").read_text("utf-8").splitlines()[0])
    (steered,) = first["steering"]
    assert (steered["feature"], steered["places"]) == (row.latent, 2)
    assert (steered["label"], steered["strength"]) == (row.label, None)


def test_the_menu_of_the_last_searches_opens_at_its_button(searched: SearchWorkspace) -> None:
    button = searched.bar.tools.history_button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    left, width = menu.x(), menu.width()
    menu.close()
    at = button.mapToGlobal(button.rect().bottomLeft()).x()
    assert left == min(at, button.screen().availableGeometry().right() + 1 - width)


def test_the_last_searches_name_their_filters(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    book = search_book(session)
    many = tuple(f"Category number {number}" for number in range(40))
    for wanted in (
        DocumentFilter(ranges={"year": (1990, None)}),
        DocumentFilter(ranges={"year": (1991, None)}, categories={"category": many}, words="far"),
    ):
        session.search.set_filter(wanted)
        idle(qtbot, session)
        book.remember(session.search.state.kept_request)
        book.settle()
    QTest.mouseClick(searched.bar.tools.history_button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    newest, before = menu.actions()[:2]
    assert before.text() == f"{QUERY}, filtered by Year from 1990"
    assert newest.text().startswith(f"{QUERY}, filtered by Category number 0, ")
    assert newest.text().endswith("…")
    assert "and Year from 1991 and Has “far”" in newest.toolTip()
    menu.close()


def test_the_last_searches_name_their_documents(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    titles = {row.id: row.title for row in session.project.documents.rows((5, 6, 40))}
    for like in ((5,), (6, 40)):
        session.search.set_like(like)
        idle(qtbot, session)
        search_book(session).settle()
    menu = searched.bar.menus.open_history(searched.bar.tools.history_button)
    newest, before = menu.actions()[:2]
    for action, told in ((before, titles[5]), (newest, titles[6])):
        assert action.text().startswith(f"More like “{told[:40].rstrip()}")
        assert f"“{escaped(told)[4:-5]}”" in action.toolTip()
    assert newest.text().endswith(" and 1 other")
    menu.close()


def test_the_last_search_is_one_click_away(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search_book(session).settle()
    session.search.set_text("")
    button = searched.sentence.button
    assert button.text() == f"Search again: {QUERY}"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    idle(qtbot, session)
    assert session.search.state.text == searched.bar.field.text() == QUERY
    session.search.set_text("volcanoes " * 6)
    session.search.set_filter(DocumentFilter(words="planets " * 8))
    idle(qtbot, session)
    search_book(session).settle()
    session.search.set_text("")
    assert button.width() < searched.sentence.width(), "a long search fits"
    session.search.set_text(QUERY)
    idle(qtbot, session)
    search_book(session).clear_history()
    session.search.set_text("")
    assert not button.isVisible()


def test_the_menu_of_a_result_says_what_becomes_of_the_query(searched: SearchWorkspace) -> None:
    menu = QMenu(searched)
    fill_result_menu(menu, searched.results.steered, False, True)
    tips = {action.text(): action.toolTip() for action in menu.actions()}
    assert "instead of what is searched for" in tips["More like this"]
    assert "beside those" in tips["And like this one"]
    assert "Keep what is searched for" in tips["Less like this"]
    assert menu.toolTipsVisible()
