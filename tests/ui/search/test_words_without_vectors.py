"""Documents that have no vectors yet are found by their words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.jobs import import_documents
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_without_vectors import NO_VECTORS
from saedesk.project.project_folder import Project
from saedesk.session.search_history import search_book
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.search_panels.filter_cards import CategoryCard
from saedesk.ui.search_panels.query_saved_dialog import (
    NOTHING_TO_SEARCH,
    SavedSearchesDialog,
    open_saved_searches,
)
from saedesk.ui.workspaces.search_workspace import SearchWorkspace
from tests.ui.made_up_abstracts import write_abstracts
from tests.ui.search.test_query_bar import idle, shown


def request(file: Path) -> import_documents.ImportRequest:
    seen = preview_input(file)
    return import_documents.ImportRequest(
        InputRequest((file,), seen.uses, seen.encoding, seen.delimiter)
    )


@pytest.fixture
def bare(empty_session: Session, tmp_path: Path) -> Session:
    folder = tmp_path / "bare.saedesk"
    with Project.create(folder) as project:
        import_documents.run(
            project, request(write_abstracts(tmp_path / "a.csv", 40)), Unattended()
        )
    assert empty_session.open_project(folder)
    return empty_session


@pytest.fixture
def workspace(bare: Session, qtbot: QtBot) -> SearchWorkspace:
    made = shown(bare, qtbot)
    assert made.missing.isVisible()
    assert made.missing.button.text() == "Embed the documents"
    QTest.mouseClick(made.by_words, Qt.MouseButton.LeftButton)
    idle(qtbot, bare)
    return made


def test_where_nothing_can_be_searched_the_keyboard_stays_where_a_way_begins(
    bare: Session, qtbot: QtBot
) -> None:
    made = shown(bare, qtbot)
    made.focus_first()
    assert made.focusWidget() is made.missing.button
    QTest.keyClick(made.missing.button, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert made.focusWidget() is made.missing.button
    QTest.mouseClick(made.by_words, Qt.MouseButton.LeftButton)
    idle(qtbot, bare)
    made.results.setFocus()
    QTest.keyClick(made, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert made.focusWidget() is made.bar.field


def test_words_are_found_without_vectors(
    workspace: SearchWorkspace, bare: Session, qtbot: QtBot
) -> None:
    assert workspace.bar.ways.match.current == "Words"
    assert workspace.bar.reason.text() == NO_VECTORS
    field = workspace.bar.field
    assert field.isEnabled()
    QTest.keyClicks(field, "planet")
    QTest.keyClick(field, Qt.Key.Key_Return)
    idle(qtbot, bare)
    found = bare.project.documents.rows([row.document_id for row in workspace.results.plain.rows])
    assert found
    assert all("planet" in f"{one.title} {one.text}".lower() for one in found)
    qtbot.waitUntil(workspace.explanation.text.isVisible)
    filters = workspace.bar.filters
    filters.edit("category", filters.add_button)
    idle(qtbot, bare)
    assert isinstance(filters.card, CategoryCard)
    assert sum(box[0] != "" for box in filters.card.boxes) > 1
    filters.card.close()


def test_meaning_and_likeness_say_what_they_need(
    workspace: SearchWorkspace, bare: Session, qtbot: QtBot
) -> None:
    search = bare.search
    search.set_match("both")
    search.set_text("planet")
    idle(qtbot, bare)
    assert workspace.results.plain.rows
    assert "by words alone" in workspace.bar.notes.text()
    search.set_like([int(search.engine.vectors.document_ids[0])])
    idle(qtbot, bare)
    assert workspace.sentence.sentence.text() == NO_VECTORS


def test_imported_documents_have_words_too(
    workspace: SearchWorkspace, bare: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    before = len(bare.search.engine.vectors.document_ids)
    file = tmp_path / "more.csv"
    file.write_text("title,text\nQuasars,Quasars are far away and bright indeed.\n", "utf-8")
    bare.search.set_text("indeed")
    idle(qtbot, bare)
    assert bare.undo.canUndo()
    assert workspace.sentence.isVisible()
    result = import_documents.run(bare.project, request(file), Unattended())
    bare._on_imported(result)
    assert len(bare.search.engine.vectors.document_ids) == before + 1
    # Steps of a search that is gone cannot be taken back.
    assert not bare.undo.canUndo()
    bare.undo.undo()
    # What is looked for is asked again, of the new ones too.
    idle(qtbot, bare)
    assert workspace.bar.field.text() == "indeed"
    assert [row.title for row in workspace.results.plain.rows] == ["Quasars"]


def test_a_saved_search_says_where_there_is_nothing_to_search_in(
    bare: Session, qtbot: QtBot
) -> None:
    search_book(bare).save_search("Planets", SearchRequest("planet", match="words"))
    window = QWidget()
    qtbot.addWidget(window)
    dialog = open_saved_searches(bare, window)
    QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert dialog.naming.error.text() == NOTHING_TO_SEARCH
    bare.search_words()
    QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    idle(qtbot, bare)
    assert window.findChildren(SavedSearchesDialog) == []
    assert bare.search.answer.text == "planet"
