"""Search with documents instead of a text: found by typing, as chips, also without the encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from saedesk.project.document_store import DocumentRow
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.vector_import_dialog import VectorImportDialog
from saedesk.ui.search_panels.query_bar import DOCUMENTS, TEXT
from saedesk.ui.search_panels.query_documents import QueryDocuments
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SECONDS = 20_000


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


def shown(session: Session, qtbot: QtBot) -> SearchWorkspace:
    made = SearchWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 820)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    idle(qtbot, session)
    return made


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> SearchWorkspace:
    return shown(session, qtbot)


@pytest.fixture
def without_encoder(empty_session: Session, tiny_project: Path, qtbot: QtBot) -> SearchWorkspace:
    """The workspace over vectors that somebody brought without saying what made them."""
    path = tiny_project / "project.json"
    content = json.loads(path.read_text("utf-8"))
    for record in content["artifacts"]:
        if record["kind"] == "vectors":
            record["inputs"] |= {"imported": "00", "model": "", "model_fingerprint": ""}
    path.write_text(json.dumps(content), "utf-8")
    assert empty_session.open_project(tiny_project)
    return shown(empty_session, qtbot)


def key_of(session: Session, document_id: int) -> str:
    assert session.project is not None
    row = session.project.documents.row(document_id)
    assert row is not None
    return row.key


def choose(workspace: SearchWorkspace, session: Session, qtbot: QtBot, document_id: int) -> None:
    """Type the key of a document and press Enter, before or after the card is there."""
    finder = workspace.bar.finder
    finder.setFocus()
    before = session.search.state.like  # type: ignore[union-attr]
    QTest.keyClicks(finder, key_of(session, document_id))
    QTest.keyClick(finder, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: session.search.state.like == (*before, document_id),  # type: ignore[union-attr]
        timeout=SECONDS,
    )
    idle(qtbot, session)


def test_documents_are_found_by_typing_and_searched_with(
    workspace: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    bar, search = workspace.bar, session.search
    assert search is not None
    assert bar.field.isVisible()
    assert bar.bring.isHidden()
    assert not bar.finder.isVisible()
    assert bar.finder.placeholderText() == "Find a document by its words or its key"
    bar.mode.setFocus()
    QTest.keyClick(bar.mode, Qt.Key.Key_Right)
    assert bar.finder.isVisible()
    assert bar.finder.hasFocus()
    assert "Choose a document" in workspace.sentence.sentence.text()
    choose(workspace, session, qtbot, 7)
    assert [chip.property("document") for chip in bar.documents.chips] == [7]
    ids = [row.document_id for row in workspace.results.plain.rows]
    assert len(ids) == 10
    assert 7 not in ids
    assert workspace.results.plain_head.note == "like one document"
    assert bar.finder.text() == ""
    latents = search.query.latents.tolist()  # type: ignore[union-attr]
    assert [row.latent for row in workspace.steering.rows] == latents[:10]
    choose(workspace, session, qtbot, 31)
    assert len(bar.documents.chips) == 2
    assert workspace.results.plain_head.note == "like 2 documents"
    session.undo.undo()
    idle(qtbot, session)
    assert search.state.like == (7,)
    assert [row.document_id for row in workspace.results.plain.rows] == ids


def test_sliders_and_chips_work_as_for_a_text(
    workspace: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search = session.search
    assert search is not None
    search.set_like([7])
    idle(qtbot, session)
    before = [row.document_id for row in workspace.results.steered.rows]
    search.set_value(workspace.steering.rows[0].latent, -0.8)
    idle(qtbot, session)
    after = [row.document_id for row in workspace.results.steered.rows]
    assert after != before
    assert 7 not in after
    chip = workspace.bar.documents.chips[0]
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    idle(qtbot, session)
    assert search.state.like == ()
    assert workspace.bar.documents.isHidden()
    assert workspace.bar.finder.hasFocus()
    assert not workspace.results.isVisible()


def test_a_text_takes_the_place_of_documents_and_the_other_way_round(
    workspace: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    bar, search = workspace.bar, session.search
    assert search is not None
    search.set_like([7])
    idle(qtbot, session)
    assert bar.mode.current == DOCUMENTS
    QTest.keyClick(bar.mode, Qt.Key.Key_Left)
    assert bar.field.hasFocus()
    assert len(workspace.results.plain.rows) == 10
    QTest.keyClicks(bar.field, "exoplanets")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    idle(qtbot, session)
    assert (search.state.text, search.state.like) == ("exoplanets", ())
    assert bar.documents.isHidden()
    assert workspace.results.plain_head.note == "the query as typed"
    session.undo.undo()
    idle(qtbot, session)
    assert search.state.like == (7,)
    assert bar.mode.current == DOCUMENTS
    session.undo.redo()
    idle(qtbot, session)
    assert (bar.mode.current, bar.field.text()) == (TEXT, "exoplanets")


def test_without_the_encoder_documents_are_the_only_way_and_the_reason_is_told(
    without_encoder: SearchWorkspace, empty_session: Session, qtbot: QtBot
) -> None:
    bar, session = without_encoder.bar, empty_session
    without_encoder.focus_first()
    assert not bar.field.isEnabled()
    assert not bar.field.isVisible()
    assert bar.mode.isHidden()
    assert bar.finder.hasFocus()
    assert "nobody has said which encoder" in bar.reason.text()
    QTest.mouseClick(bar.bring, Qt.MouseButton.LeftButton)
    (dialog,) = without_encoder.findChildren(VectorImportDialog)
    assert dialog.isVisible()
    dialog.reject()
    bar.finder.setFocus()
    assert session.search is not None
    session.search.set_text("dark matter")
    assert session.search.state.text == ""
    failed: list[str] = []
    session.search.failed.connect(failed.append)
    choose(without_encoder, session, qtbot, 12)
    assert len(without_encoder.results.plain.rows) == 10
    assert len(without_encoder.steering.rows) > 0
    assert failed == []


def menu_of(workspace: SearchWorkspace, place: int) -> dict[str, object]:
    shown_list = workspace.results.plain
    at = shown_list._place(place).center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, at, shown_list.mapToGlobal(QPoint(at))
    )
    QApplication.sendEvent(shown_list, event)
    (menu,) = [found for found in shown_list.findChildren(QMenu) if found.isVisible()]
    return {action.text(): action for action in menu.actions()} | {"": menu}


def test_more_like_a_result_from_its_menu(
    workspace: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    search = session.search
    assert search is not None
    search.set_like([7])
    idle(qtbot, session)
    second = workspace.results.plain.rows[1].document_id
    actions = menu_of(workspace, 1)
    actions["And like this one"].trigger()  # type: ignore[attr-defined]
    actions[""].close()  # type: ignore[attr-defined]
    idle(qtbot, session)
    assert search.state.like == (7, second)
    third = workspace.results.plain.rows[2].document_id
    actions = menu_of(workspace, 2)
    actions["More like this"].trigger()  # type: ignore[attr-defined]
    actions[""].close()  # type: ignore[attr-defined]
    idle(qtbot, session)
    assert search.state.like == (third,)


def test_words_find_documents_too_and_nothing_found_is_told(
    workspace: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    bar = workspace.bar
    QTest.keyClick(bar.mode, Qt.Key.Key_Right)
    QTest.keyClicks(bar.finder, "bacterial resistance")
    qtbot.waitUntil(bar.finder.suggestions.isVisible, timeout=SECONDS)
    assert 1 <= len(bar.finder.found) <= 6
    second = bar.finder.found[1]
    QTest.keyClick(bar.finder, Qt.Key.Key_Down)
    QTest.keyClick(bar.finder, Qt.Key.Key_Return)
    idle(qtbot, session)
    assert session.search.state.like == (second.id,)  # type: ignore[union-attr]
    QTest.keyClicks(bar.finder, "zzz")
    qtbot.waitUntil(bar.finder.suggestions.isVisible, timeout=SECONDS)
    assert bar.finder.suggestions.sentence == (
        "No document has these words or a key that begins with “zzz”."
    )
    QTest.keyClick(bar.finder, Qt.Key.Key_Escape)
    assert not bar.finder.suggestions.isVisible()


def test_chips_are_as_long_as_there_is_room(qtbot: QtBot) -> None:
    panel = QueryDocuments()
    qtbot.addWidget(panel)
    title = "A heading of a document that is long enough to be cut in a narrow window, not in this"
    documents = [DocumentRow(at, f"k{at}", title, "text", 18, {}) for at in range(3)]
    panel.resize(2400, 60)
    panel.show()
    panel.show_documents(documents[:1], documents[1:])
    assert panel.chips[0].text() == title
    assert panel.unlike_chips[1].text() == title
    panel.resize(700, 60)
    assert panel.chips[0].text().endswith("…")
    assert title in panel.chips[0].accessibleName()
    panel.resize(2400, 60)
    assert panel.chips[0].text() == title
