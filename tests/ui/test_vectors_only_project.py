"""A project made only from a file of vectors, from the drop to a steered search, in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from saedesk.jobs.training_request import TrainRequest
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.vector_import_dialog import VectorImportDialog
from saedesk.ui.features_panels.document_cards import DocumentCards
from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell import project_doors

ROWS, WIDTH = 200, 24
SECONDS = 30_000


def idle(qtbot: QtBot, session: Session) -> None:
    def nothing_runs() -> bool:
        return not session.query.tasks and not session.compute.tasks

    qtbot.waitUntil(nothing_runs, timeout=SECONDS)
    QApplication.processEvents()
    qtbot.waitUntil(nothing_runs, timeout=SECONDS)


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.CopyAction
    window.dropEvent(QDropEvent(QPointF(300, 300), action, data, left, none))


def like_by_menu(cards: DocumentCards) -> int:
    """Choose “More like this” in the menu of the first card; returns its document."""
    place = cards.place_of(0).center()
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(cards, QContextMenuEvent(reason, place, cards.mapToGlobal(place)))
    (menu,) = [found for found in cards.findChildren(QMenu) if found.isVisible()]
    next(action for action in menu.actions() if action.text() == "More like this").trigger()
    menu.close()
    return cards.cards[0].document_id


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    """Vectors around twelve directions, with a key and two fields but no text."""
    draw = np.random.default_rng(5)
    centres = draw.normal(size=(12, WIDTH))
    values = centres[np.arange(ROWS) % 12] + 0.3 * draw.normal(size=(ROWS, WIDTH))
    table = pa.table(
        {
            "key": [f"item-{at:03d}" for at in range(ROWS)],
            "shelf": [f"shelf {at % 4}" for at in range(ROWS)],
            "weight": [float(at % 7) for at in range(ROWS)],
            "embedding": pa.array(values.astype(np.float32).tolist(), pa.list_(pa.float32())),
        }
    )
    file = tmp_path / "items.parquet"
    pq.write_table(table, file)
    return file


def test_a_file_of_vectors_becomes_a_project_that_can_be_explored(
    main_window: MainWindow,
    vectors: Path,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window, session = main_window, main_window.session
    monkeypatch.setattr(project_doors, "projects_folder", lambda: tmp_path / "home")
    monkeypatch.setattr(project_doors, "ask", lambda *asked: asked[-1][0])
    drop(window, vectors)
    qtbot.waitUntil(lambda: bool(window.findChildren(VectorImportDialog)), timeout=SECONDS)
    idle(qtbot, session)
    (dialog,) = window.findChildren(VectorImportDialog)
    assert dialog.match.counts.text() == "200 new documents, one for each row."
    QTest.keyClick(dialog.start, Qt.Key.Key_Return)
    idle(qtbot, session)
    assert session.project is not None
    assert session.project.folder == tmp_path / "home" / "items.saedesk"
    corpus = window.current_workspace
    assert [column.title for column in corpus.table.model.columns] == ["Key", "Shelf", "Weight"]
    assert set(corpus.facets.facets) == {"shelf", "weight"}

    config = TopKConfig(n_latents=16, k=2, epochs=10, batch_size=50, held_out_share=0.1)
    session.train(TrainRequest(config, device="cpu"))
    idle(qtbot, session)
    window.show_workspace("features")
    idle(qtbot, session)
    cards = window.current_workspace.page.documents.cards.cards
    assert cards
    assert all(card.is_key and card.title.startswith("item-") and not card.text for card in cards)
    assert any("Weight" in fact for fact in cards[0].facts)
    assert not any("word" in fact for fact in cards[0].facts)

    chosen_by_menu = like_by_menu(window.current_workspace.page.documents.cards)
    idle(qtbot, session)
    assert window.shown == "search"
    assert session.search is not None
    assert session.search.state.like == (chosen_by_menu,)
    session.search.set_like([])
    idle(qtbot, session)

    search = window.current_workspace
    assert window.focusWidget() is search.bar.finder
    assert search.bar.finder.placeholderText() == "Find a document by its key"
    QTest.keyClicks(search.bar.finder, "item-007")
    suggestions = search.bar.finder.suggestions
    qtbot.waitUntil(suggestions.isVisible, timeout=SECONDS)
    assert [line.role for line in suggestions.found] == ["head of a section"]
    QTest.keyClick(search.bar.finder, Qt.Key.Key_Return)
    live = session.search
    qtbot.waitUntil(lambda: live.state.like == (8,), timeout=SECONDS)
    idle(qtbot, session)
    found = [row.title for row in search.results.plain.rows]
    assert all(row.is_key for row in search.results.plain.rows)
    same_centre = [name for name in found if int(name[-3:]) % 12 == 7]
    assert len(same_centre) == 10
    assert search.steering.rows
    assert "Shelf" in search.explanation.text.accessibleName()
    session.close_project()
    assert window.shown is None


def test_the_import_door_takes_vectors_too(
    main_window: MainWindow, vectors: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, Path | None]] = []
    doors = main_window.doors
    monkeypatch.setattr(doors, "import_vectors_from", lambda path: opened.append(("vectors", path)))
    monkeypatch.setattr(doors, "import_paths", lambda paths: opened.append(("table", paths[0])))
    plain = tmp_path / "vectors.npy"
    np.save(plain, np.ones((3, 4), np.float32))
    table = tmp_path / "papers.csv"
    table.write_text("id,text\n1,one\n", "utf-8")
    for chosen in (plain, vectors, table):
        monkeypatch.setattr(project_doors, "choose_files", lambda *_, chosen=chosen: [chosen])
        main_window.first_start.import_button.click()
    assert opened == [("vectors", plain), ("vectors", vectors), ("table", table)]
    monkeypatch.setattr(project_doors, "choose_file", lambda *_: plain)
    main_window.actions_by_name["import_vectors"].trigger()
    assert opened[-1] == ("vectors", plain)
