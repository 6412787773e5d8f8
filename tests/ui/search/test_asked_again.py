"""A search that stands is asked again by itself when there is another index or other vectors."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from saedesk.jobs.build_index import IndexRequest
from saedesk.session.search_state import Comparison
from saedesk.session.session import Session
from saedesk.session.steering_settings import SteeringSettings
from saedesk.ui.theme import tokens
from saedesk.ui.workspaces.search_workspace import SearchWorkspace
from tests.ui.search.test_query_bar import SECONDS, idle
from tests.ui.search.test_query_bar import searched as searched


def choose(searched: SearchWorkspace, session: Session, qtbot: QtBot, place: int) -> None:
    """Twenty results, steered, scrolled to the end, one of them chosen."""
    session.search.show_more()
    idle(qtbot, session)
    session.search.set_value(searched.steering.rows[0].latent, -0.4)
    idle(qtbot, session)
    at = QPoint(120, place * tokens().row_height.result + 20)
    qtbot.mouseClick(searched.results.steered, Qt.MouseButton.LeftButton, pos=at)
    searched.resize(1376, 560)
    searched.results._scroll.verticalScrollBar().setValue(90)
    idle(qtbot, session)


def look(searched: SearchWorkspace, session: Session) -> tuple[object, ...]:
    """What a person sees of the search."""
    results = searched.results
    return (
        session.search.state,
        [row.document_id for row in results.steered.rows],
        results.chosen.document.id,
        results.steered.selected_place,
        results._scroll.verticalScrollBar().value(),
        [(row.latent, row.slider.value()) for row in searched.steering.rows],
    )


def test_another_index_is_asked_quietly(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    choose(searched, session, qtbot, 4)
    before, steps = look(searched, session), session.undo.count()
    assert before[3] == 4
    assert before[4] == 90
    assert session.search.answer.exact
    page = searched._answers.currentWidget()
    said: list[str] = []
    searched._answers.currentChanged.connect(lambda _: said.append("another page"))
    session.search.busy_changed.connect(lambda busy: said.append("busy") if busy else None)
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        session.index.rebuild(IndexRequest(always=True))
    idle(qtbot, session)
    assert not session.search.answer.exact
    assert session.search.answer.recall == 1.0
    assert look(searched, session) == before
    assert session.undo.count() == steps
    assert searched._answers.currentWidget() is page
    assert said == []


def test_both_settings_that_are_compared_are_asked_of_another_index(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_value(searched.steering.rows[0].latent, -0.4)
    state = session.search.state
    session.search.restore(replace(state, comparison=Comparison(SteeringSettings())))
    idle(qtbot, session)
    assert session.search.compared.exact
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        session.index.rebuild(IndexRequest(always=True))
    idle(qtbot, session)
    assert not session.search.answer.exact
    assert not session.search.compared.exact


def test_without_a_question_another_index_asks_nothing(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    session.search.set_text("")
    idle(qtbot, session)
    answers: list[object] = []
    session.search.answered.connect(answers.append)
    session.search.failed.connect(answers.append)
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        session.index.rebuild(IndexRequest(always=True))
    idle(qtbot, session)
    assert answers == []


def test_other_vectors_are_asked_the_same_with_the_same_document_chosen(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    choose(searched, session, qtbot, 4)
    before, search = look(searched, session), session.search
    for _ in range(2):
        session.take_new_vectors()
    assert searched.sentence.sentence.text() == searched.bar.filters.busy_sentence()
    idle(qtbot, session)
    assert session.search is not search
    assert len(before[1]) == 20
    assert look(searched, session) == before
    # What was chosen for one question is not for another.
    session.search.set_text("dark matter halos")
    session.take_new_vectors()
    idle(qtbot, session)
    assert searched.results.steered.selected_place == 0
