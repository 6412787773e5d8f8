"""A text is pasted in Corpus, read like a document, and stored nowhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.jobs.embed_documents import EmbedRequest
from saedesk.jobs.read_text import LONGEST_TEXT, NO_TEXT, UNKNOWN_ENCODER
from saedesk.session.live_search import LiveSearch
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.pasted_text_page import (
    NO_FEATURES,
    NO_VECTORS,
    PastedTextPage,
)
from saedesk.ui.main_window import MainWindow
from saedesk.ui.workspaces.corpus_workspace import CorpusWorkspace
from tests.ui.corpus.corpus_driving import import_file, shown_workspace, wait_until_idle

Idle = Callable[[], None]
LEFT = Qt.MouseButton.LeftButton
TEXT = (
    "Dark matter halos shape galaxy clusters and weak gravitational lensing. "
    "The recipe needs two eggs and a little salt."
)


@pytest.fixture
def page(workspace: CorpusWorkspace) -> PastedTextPage:
    QTest.mouseClick(workspace.read_button, LEFT)
    return workspace.pasted


def read(page: PastedTextPage, idle: Idle, text: str = TEXT) -> None:
    page.field.setPlainText(text)
    QTest.keyClick(page.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    idle()


def test_a_pasted_text_shows_features_error_and_nearest_documents(
    workspace: CorpusWorkspace, page: PastedTextPage, session: Session, idle: Idle
) -> None:
    assert page.isVisible()
    assert workspace.page.isHidden()
    read(page, idle)
    assert session.search is not None
    query = session.search.engine.take_apart(TEXT)
    bars = page.features.bars.bars
    assert [bar.latent for bar in bars] == query.latents[:8].tolist()
    assert [bar.activation for bar in bars] == pytest.approx(query.values[:8].tolist(), abs=1e-5)
    assert page.reconstruction.isVisible()
    assert page.reconstruction.head.note.text().endswith(" %")
    assert "is usual in this corpus" in page.reconstruction.said.toolTip()
    lines = page.closest.list.lines
    assert len(lines) == 5
    assert session.project is not None
    first = session.project.documents.row(lines[0].document_id)
    assert first is not None
    assert first.fields["category"] == "Cosmology"
    assert page.title.text() == "Pasted text, 19 words"


def test_a_click_on_a_bar_marks_the_sentence_that_drives_the_feature(
    page: PastedTextPage, session: Session, idle: Idle
) -> None:
    read(page, idle)
    strongest = page.features.bars.bars[0].latent
    assert page.marks.series_of(strongest) == 0
    marks = page.text.marks
    assert marks
    assert [(mark.start, mark.end) for mark in marks] == [(0, TEXT.index(" The recipe"))]
    bars = page.features.bars
    end = bars.row_rect(0).right() - 3
    for latent in page.marks.marked:
        at = [bar.latent for bar in bars.bars].index(latent)
        place = bars.row_rect(at).center()
        place.setX(end)
        QTest.mouseClick(bars, LEFT, pos=place)
    assert page.text.marks == ()
    place = bars.row_rect(0).center()
    place.setX(end)
    QTest.mouseClick(bars, LEFT, pos=place)
    assert page.marks.marked == (strongest,)
    assert page.text.marks[0].tip.splitlines()[1].startswith("Activation")
    QTest.mouseClick(bars, LEFT, pos=bars.row_rect(0).center().__class__(30, 10))
    assert session.feature == strongest


def test_markup_is_data_and_what_was_typed_stays(page: PastedTextPage, idle: Idle) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b> <img src='x'>")
    data.setText("<b>bold</b> <img src='x'> galaxy")
    QGuiApplication.clipboard().setMimeData(data)
    page.field.paste()
    assert page.field.toPlainText() == "<b>bold</b> <img src='x'> galaxy"
    QTest.mouseClick(page.read_button, LEFT)
    idle()
    assert page.text.toPlainText() == "<b>bold</b> <img src='x'> galaxy"
    QTest.mouseClick(page.edit_button, LEFT)
    assert page.field.isVisible()
    assert page.field.toPlainText() == "<b>bold</b> <img src='x'> galaxy"


def test_empty_and_too_long_texts_get_one_sentence(page: PastedTextPage, idle: Idle) -> None:
    QTest.mouseClick(page.read_button, LEFT)
    assert page.problem.text() == NO_TEXT
    QTest.keyClicks(page.field, "galaxy")
    assert page.problem.isHidden()
    QGuiApplication.clipboard().setText("word " * (LONGEST_TEXT // 4))
    page.field.paste()
    assert page.field.toPlainText() == "galaxy", "a text of megabytes is not laid out"
    assert "at most 100,000 are read here" in page.problem.text()
    assert page.problem.isVisible()


def test_a_document_takes_the_place_and_the_text_comes_back(
    workspace: CorpusWorkspace, page: PastedTextPage, session: Session, idle: Idle
) -> None:
    read(page, idle)
    found = page.closest.list
    wanted = found.lines[0].document_id
    QTest.mouseClick(found, LEFT, pos=found.row_rect(0).center())
    assert session.document == wanted
    assert workspace.page.isVisible()
    assert page.isHidden()
    QTest.mouseClick(workspace.read_button, LEFT)
    assert page.isVisible()
    assert page.text.toPlainText() == TEXT
    QTest.keyClick(page.text, Qt.Key.Key_Escape)
    assert workspace.page.isVisible()
    assert page.isHidden()


def test_the_page_is_the_drawer_of_a_narrow_window(workspace: CorpusWorkspace) -> None:
    workspace.resize(1216, 640)
    assert not workspace.drawer_visible
    QTest.mouseClick(workspace.read_button, LEFT)
    assert workspace.drawer_visible
    assert workspace.pasted.isVisible()
    QTest.mouseClick(workspace.pasted.close_button, LEFT)
    assert not workspace.drawer_visible


def test_an_unknown_encoder_is_told_of_before_anything_is_typed(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    assert session.search is not None
    engine = session.search.engine
    record = engine.vectors.record
    inputs = {**record.inputs, "model": "", "model_fingerprint": ""}
    changed = dataclasses.replace(record, inputs=inputs)
    engine.vectors = dataclasses.replace(engine.vectors, record=changed)
    engine._fingerprint = ""
    session.search = LiveSearch(engine, session.query, session.undo, session)
    QTest.mouseClick(workspace.read_button, LEFT)
    workspace.pasted.edit()
    assert workspace.pasted.problem.text() == UNKNOWN_ENCODER
    assert not workspace.pasted.read_button.isEnabled()
    read(workspace.pasted, idle)
    assert workspace.pasted.problem.text() == UNKNOWN_ENCODER
    assert workspace.pasted.text.isHidden() or not workspace.pasted.text.isVisible()


def test_without_vectors_or_without_an_sae_the_page_says_what_is_missing(
    session: Session, tmp_path: Path, qtbot: QtBot, idle: Idle
) -> None:
    file = tmp_path / "two.csv"
    file.write_text("id,title,text\na,One,A galaxy rotates\nb,Two,Bread is baked\n", "utf-8")
    assert session.create_project(tmp_path / "two.saedesk")
    import_file(qtbot, session, file)
    workspace = shown_workspace(qtbot, session)
    QTest.mouseClick(workspace.read_button, LEFT)
    page = workspace.pasted
    assert page.problem.text() == NO_VECTORS
    session.embed(EmbedRequest(device="cpu"))
    idle()
    assert page.problem.isHidden(), "vectors came while the page was open"
    read(page, idle, "A spiral galaxy")
    assert page.nothing.text() == NO_FEATURES
    assert page.nothing.isVisible()
    assert page.features.isHidden()
    assert page.reconstruction.isHidden()
    assert [line.heading for line in page.closest.list.lines] == ["One", "Two"]


def test_another_project_forgets_the_text(
    page: PastedTextPage, session: Session, idle: Idle
) -> None:
    read(page, idle)
    session.close_project()
    assert page.field.toPlainText() == ""
    assert page.isHidden()


def test_the_palette_opens_the_page(project_window: MainWindow, qtbot: QtBot) -> None:
    wait_until_idle(qtbot, project_window.session)
    project_window.show_workspace("search")
    palette = project_window.cards.palette
    palette.open()
    QTest.keyClicks(palette.field, "read a text")
    wait_until_idle(qtbot, project_window.session)
    at = [row.key for row in palette.list.rows].index("read_text")
    while palette.list.chosen is not palette.list.rows[at]:
        QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert project_window.shown == "corpus"
    wait_until_idle(qtbot, project_window.session)
    workspace = project_window.current_workspace
    assert workspace.pasted.isVisible()
    assert project_window.focusWidget() is workspace.pasted.field


def test_documents_are_told_how_well_they_are_rebuilt(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    session.select_document(11)
    idle()
    section = workspace.page.reconstruction
    assert section.isVisible()
    share = float(section.head.note.text().removesuffix(" %")) / 100
    assert section.bar._error is not None
    assert share == pytest.approx(section.bar._error.unexplained, abs=0.006)
    assert f"Rebuilt {'better' if section.bar._error.share_worse >= 0.5 else 'worse'} than" in (
        section.said.text()
    )
    assert f"cosine {section.bar._error.cosine:.2f}. The mark" in section.said.text()
    assert "measured on all 120 documents" in section.said.toolTip()
    assert section.bar.accessibleDescription().startswith(section.head.note.text())
