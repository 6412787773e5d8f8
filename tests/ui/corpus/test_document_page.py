"""The document page: features, what is near, links, very long and hostile texts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from saedesk.project.project_folder import Project
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.corpus_filter import LENGTH
from saedesk.ui.corpus_panels.document_page import is_web_address
from saedesk.ui.corpus_panels.document_text import LONGEST_SHOWN, WholeText, in_blocks
from saedesk.ui.workspaces.corpus_workspace import CorpusWorkspace
from tests.ui.corpus.corpus_driving import import_file, shown_workspace

Idle = Callable[[], None]


def test_features_are_the_documents_activations_and_open_in_features(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    session.select_document(11)
    sae = session.sae
    assert sae is not None
    latents, values = sae.activations.document(10)
    bars = workspace.page.features.bars
    assert [bar.latent for bar in bars.bars] == latents[:8].tolist()
    assert [bar.activation for bar in bars.bars] == pytest.approx(values[:8].tolist())
    wanted: list[str] = []
    session.workspace_wanted.connect(wanted.append)
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(1).center())
    assert session.feature == int(latents[1])
    assert wanted == ["features"]


def test_closest_documents_are_those_of_an_exact_search_in_float64(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    session.select_document(11)
    idle()
    assert session.vectors is not None
    vectors = np.asarray(session.vectors.values, np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit[10]
    cosines[10] = -1
    best = np.argsort(-cosines)[:5]
    lines = workspace.page.closest.list.lines
    assert [line.document_id for line in lines] == (best + 1).tolist()
    assert [line.number for line in lines] == pytest.approx(cosines[best].tolist(), abs=1e-5)
    found = workspace.page.closest.list
    QTest.mouseClick(found, Qt.MouseButton.LeftButton, pos=found.row_rect(0).center())
    assert session.document == int(best[0]) + 1


def test_facts_say_date_and_number_once_and_in_words(
    workspace: CorpusWorkspace, session: Session
) -> None:
    session.select_document(1)
    facts = workspace.page.facts.text().replace("\u00a0", " ")
    assert "Cosmology" in facts
    assert "1 January 2005" in facts
    assert "citations" in facts
    assert "words" in facts


def test_a_link_opens_after_a_click_and_only_on_the_web(
    workspace: CorpusWorkspace, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    session.select_document(3)
    assert opened == []
    QTest.mouseClick(workspace.page.link_button, Qt.MouseButton.LeftButton)
    assert opened == ["https://example.org/0002"]


@pytest.mark.parametrize(
    ("address", "is_web"),
    [
        ("https://example.org/a", True),
        ("http://example.org", True),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("smb://server/share", False),
        ("https://", False),
        ("example.org", False),
    ],
)
def test_only_web_addresses_are_handed_to_the_browser(address: str, is_web: bool) -> None:
    assert is_web_address(address) is is_web


# -- hostile texts -----------------------------------------------------------------------------


def red_share(image: QImage) -> float:
    """Share of pixels that are the red of the witness picture."""
    small = image.scaled(400, 240)
    red = sum(
        QColor(small.pixel(x, y)).red() > 200
        and QColor(small.pixel(x, y)).green() < 40
        and QColor(small.pixel(x, y)).blue() < 40
        for x in range(small.width())
        for y in range(small.height())
    )
    return red / (small.width() * small.height())


@pytest.fixture
def hostile(empty_session: Session, tmp_path: Path, qtbot: QtBot) -> Session:
    """Markup, a picture and bidi characters as title, text, category, key and column name."""
    witness = tmp_path / "red.png"
    picture = QImage(400, 400, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff0000"))
    assert picture.save(str(witness))
    image = f"<img src='{QUrl.fromLocalFile(str(witness)).toString()}'>"
    bidi = "\u202eevil\u2066\u200f"
    file = tmp_path / "<b>papers.csv"
    rows = ["id,title,text,<img> kind,date"]
    for at in range(30):
        kind = "<h1>loud</h1>" if at % 2 else f"{bidi} kind"
        title = f"{image} {bidi} title {at}"
        text = f"{image}<table background='red'>{'<b>' * 2000} text {at} {bidi}"
        rows.append(f'<i>{at},"{title}","{text}",{kind},2019-05-{1 + at % 28:02d}')
    file.write_text("\n".join(rows), "utf-8")
    assert empty_session.create_project(tmp_path / "hostile.saedesk")
    import_file(qtbot, empty_session, file)
    return empty_session


def test_markup_is_shown_literally_everywhere_and_loads_nothing(
    hostile: Session, qtbot: QtBot
) -> None:
    workspace = shown_workspace(qtbot, hostile)
    hostile.select_document(2)
    started = time.perf_counter()
    image = workspace.grab().toImage()
    assert time.perf_counter() - started < 1
    assert red_share(image) < 0.001
    page = workspace.page
    assert page.title.text().startswith("<img src=")
    assert page.text.toPlainText().startswith("<img src=")
    assert "<h1>loud</h1>" in page.facts.text().replace("\u00a0", " ")
    assert "<i>1" in page.number.text()
    facet = workspace.facets.facets["<img> kind"]
    assert any(row.value == "<h1>loud</h1>" for row in facet.list.rows)
    for widget in (page.title, page.number, workspace.strip.facts):
        assert "<img" not in widget.toolTip()
    table = workspace.table.table
    place = table.visualRect(workspace.table.model.index(1, 0)).center()
    qtbot.mouseMove(table.viewport(), place)
    QToolTip.hideText()


def test_a_text_of_five_megabytes_is_cut_and_can_be_read_whole(
    empty_session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    long = "word " * 1_000_000
    (folder / "long.txt").write_text(long, "utf-8")
    (folder / "short.txt").write_text("short", "utf-8")
    assert empty_session.create_project(tmp_path / "long.saedesk")
    import_file(qtbot, empty_session, folder)
    workspace = shown_workspace(qtbot, empty_session)
    started = time.perf_counter()
    empty_session.select_document(1)
    workspace.grab()
    assert time.perf_counter() - started < 0.5
    assert len(workspace.page.text.toPlainText()) == LONGEST_SHOWN
    assert workspace.page.show_all.isVisible()
    started = time.perf_counter()
    QTest.mouseClick(workspace.page.show_all, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    whole = workspace.findChild(WholeText)
    assert isinstance(whole, WholeText)
    whole.grab()
    assert time.perf_counter() - started < 2
    assert len(whole.body.toPlainText().replace("\n", " ").split()) == 1_000_000
    whole.close()
    empty_session.select_document(2)
    assert workspace.page.show_all.isHidden()


def test_broken_paragraphs_lose_nothing() -> None:
    text = "aa bb cc dd\n" + "x" * 25 + "\n\nend"
    blocks = in_blocks(text, 10)
    assert max(map(len, blocks)) <= 10
    assert "".join(blocks).replace(" ", "") == text.replace("\n", "").replace(" ", "")


def test_without_vectors_the_page_shows_the_text_alone(
    empty_session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "two.csv"
    file.write_text("id,title,text\na,One,First text\nb,Two,Second text\n", "utf-8")
    with Project.create(tmp_path / "two.saedesk"):
        pass
    assert empty_session.open_project(tmp_path / "two.saedesk")
    import_file(qtbot, empty_session, file)
    workspace = shown_workspace(qtbot, empty_session)
    empty_session.select_document(2)
    assert workspace.page.text.toPlainText() == "Second text"
    assert workspace.page.features.isHidden()
    assert workspace.page.closest.isHidden()


@pytest.mark.parametrize(("column", "says_words"), [("length", False), ("pages", True)])
def test_a_length_that_came_with_the_documents_is_not_counted_again(
    empty_session: Session, tmp_path: Path, qtbot: QtBot, column: str, says_words: bool
) -> None:
    file = tmp_path / "sized.csv"
    rows = [f"k{at},{'word ' * (at + 1)},{at + 1}" for at in range(40)]
    file.write_text("\n".join([f"id,text,{column}", *rows]), "utf-8")
    assert empty_session.create_project(tmp_path / "sized.saedesk")
    import_file(qtbot, empty_session, file)
    workspace = shown_workspace(qtbot, empty_session)
    empty_session.select_document(12)
    facts = workspace.page.facts.text().replace("\u00a0", " ")
    assert ("12 words" in facts) is says_words
    assert column in facts
    assert set(workspace.facets.facets) == ({column, LENGTH} if says_words else {column})
