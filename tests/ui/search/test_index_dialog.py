"""The dialog of the search index, and what an answer of the index says of itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.jobs.build_index import IndexRequest
from saedesk.project.project_folder import Project
from saedesk.session.message import Message
from saedesk.session.session import Session
from saedesk.ui.main_window import MainWindow
from saedesk.ui.search_panels.filter_row import FilterRow
from saedesk.ui.search_panels.index_dialog import NO_VECTORS, IndexDialog

SECONDS = 20_000


def dialog_of(window: MainWindow) -> IndexDialog:
    assert window.actions_by_name["search_index"].isEnabled()
    window.actions_by_name["search_index"].trigger()
    return window.findChildren(IndexDialog)[-1]


def test_an_index_is_built_again_in_another_number_format_and_told(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    session, said = project_window.session, []
    session.message.connect(said.append)
    dialog = dialog_of(project_window)
    assert "These 120 documents need no index" in dialog.state.text()
    assert not dialog.start.isEnabled()
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        session.index.rebuild(IndexRequest(always=True))
    assert "120 documents in int8" in dialog.state.text()
    assert dialog.start.text() == "Build it again"
    qtbot.keyClick(dialog.storage, Qt.Key.Key_Right)
    assert dialog.storage.current == "float16"
    with qtbot.waitSignal(session.index.built, timeout=SECONDS):
        qtbot.keyClick(dialog.start, Qt.Key.Key_Space)
    told = said[-1]
    assert isinstance(told, Message)
    assert told.sentence.startswith("The search index is built: 120 documents in float16, ")
    assert "MB. Recall 1.000 of an exact search" in told.sentence
    again = dialog_of(project_window)
    assert again.storage.current == "float16"
    again.close()
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


def test_it_says_why_no_index_can_be_built(
    empty_session: Session, session: Session, qtbot: QtBot, tmp_path
) -> None:
    folder = session.project.folder
    session.close_project()
    with Project.open(folder):
        assert session.open_project(folder)
        session.index.record  # noqa: B018 - reading needs no right to write
        dialog = IndexDialog(session)
        qtbot.addWidget(dialog)
        assert not dialog.start.isEnabled()
    assert session.create_project(tmp_path / "empty.saedesk")
    dialog = IndexDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.state.text() == NO_VECTORS
    assert not dialog.start.isEnabled()


@pytest.mark.parametrize("with_index", [True, False])
def test_the_note_of_an_answer_tells_the_recall(
    session: Session, qtbot: QtBot, with_index: bool
) -> None:
    row = FilterRow(session)
    qtbot.addWidget(row)
    if with_index:
        with qtbot.waitSignal(session.index.built, timeout=SECONDS):
            session.index.rebuild(IndexRequest(always=True))
    session.search.set_like([3])
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)
    QApplication.processEvents()
    assert ("Recall 1.000 of an exact search" in row.note.text()) is with_index
