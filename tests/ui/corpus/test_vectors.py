"""Vectors in Corpus: the notice where they are missing or old, and the dialog that makes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.jobs.import_vectors import ImportVectorsRequest
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.vectors_dialog import OTHER_MODEL, VectorsDialog
from saedesk.ui.workspaces.corpus_workspace import CorpusWorkspace
from tests.ui.corpus.corpus_driving import import_file, shown_workspace, wait_until_idle
from tests.ui.made_up_abstracts import write_abstracts

Idle = Callable[[], None]


def opened_dialog(workspace: CorpusWorkspace) -> VectorsDialog:
    dialog = workspace.window().findChild(VectorsDialog)
    assert isinstance(dialog, VectorsDialog)
    return dialog


def test_documents_without_vectors_get_them_with_two_clicks(
    empty_session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    assert empty_session.create_project(tmp_path / "new.saedesk")
    import_file(qtbot, empty_session, write_abstracts(tmp_path / "few.csv", 8))
    workspace = shown_workspace(qtbot, empty_session)
    assert workspace.notice.isVisible()
    assert "no vectors yet" in workspace.notice.sentence.text()
    QTest.mouseClick(workspace.notice.button, Qt.MouseButton.LeftButton)
    dialog = opened_dialog(workspace)
    assert dialog.forecast.text() == "8 texts will be embedded."
    dialog.device.setCurrentText("CPU")
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert "being made" in workspace.notice.sentence.text()
    wait_until_idle(qtbot, empty_session)
    assert workspace.notice.isHidden()
    assert "Vectors: all-MiniLM-L6-v2, 384 numbers each" in workspace.strip.accessibleName()


def test_new_documents_make_the_vectors_old(
    workspace: CorpusWorkspace, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    assert workspace.notice.isHidden()
    file = tmp_path / "more.csv"
    file.write_text("id,title,abstract\nx1,New,A new text\nx2,Newer,Another text\n", "utf-8")
    import_file(qtbot, session, file)
    assert workspace.notice.sentence.text().startswith("2 documents have no vector yet")
    workspace.strip.vectors_button.click()
    dialog = opened_dialog(workspace)
    assert dialog.forecast.text() == "2 new texts; 120 have vectors already."
    dialog.close()


def test_another_model_needs_a_name_and_only_then_asks_about_the_hub(
    workspace: CorpusWorkspace, session: Session, qtbot: QtBot
) -> None:
    workspace.strip.vectors_button.click()
    dialog = opened_dialog(workspace)
    assert dialog.download.isHidden()
    dialog.model.setCurrentText(OTHER_MODEL)
    assert dialog.download.isVisible()
    assert not dialog.download.isChecked()
    assert not dialog.start.isEnabled()
    dialog.name.setText("nobody/no-such-model")
    assert dialog.forecast.text() == "120 texts will be embedded."
    said: list[str] = []
    session.message.connect(lambda message: said.append(message.sentence))
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, session)
    assert "nobody/no-such-model" in said[0]


def test_what_would_lose_its_own_vector_is_said_and_not_the_first_choice(
    workspace: CorpusWorkspace, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    assert session.vectors is not None
    ids = np.asarray(session.vectors.document_ids)
    file = tmp_path / "own.npy"
    np.save(file, np.random.default_rng(0).normal(size=(len(ids), 8)).astype(np.float32))
    session.exchange.import_vectors(ImportVectorsRequest(file, match="order"))
    wait_until_idle(qtbot, session)
    for with_text, left in ((ids, 0), (ids[1:], 1), (ids[:100], 20)):
        dialog = VectorsDialog(session, with_text, workspace.window())
        told = dialog.forecast.text()
        assert f"{len(with_text)} texts will be embedded; what is in use now" in told
        assert ("no text and lose" in told) == (left > 0)
        assert not left or f"{left} document" in told
        assert dialog.focusWidget() is (dialog.bring if left else dialog.start)
        dialog.close()
