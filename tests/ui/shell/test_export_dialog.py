"""Export… in the real window: what can be had, what is asked for, what is written."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.sparse
from PySide6.QtCore import Qt

from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.export_panels import export_subjects
from saedesk.ui.export_panels.export_dialog import ALL, ExportDialog
from saedesk.ui.main_window import MainWindow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from saedesk.session.session import Session

LEFT = Qt.MouseButton.LeftButton
DOCUMENTS = 120
FEATURES = 48


def open_dialog(window: MainWindow, table: str = "") -> ExportDialog:
    window.actions_by_name["export"].trigger()
    dialog = next(d for d in window.findChildren(ExportDialog) if d.isVisible())
    if table:
        dialog.subjects.buttons[table].click()
    return dialog


def export(dialog: ExportDialog, window: MainWindow, qtbot: QtBot, path: Path) -> Path:
    """Type the name, press the button, wait for the file to be told."""
    dialog.file.setText(str(path))
    with qtbot.waitSignal(window.session.exchange.written, timeout=20_000) as told:
        qtbot.mouseClick(dialog.start, LEFT)
    assert told.args[0] == path
    return path


def wait_for_answer(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: (
            session.search is not None
            and session.search.answer is not None
            and not session.query.tasks
        ),
        timeout=20_000,
    )


def choose_format(dialog: ExportDialog, title: str) -> None:
    control = dialog.formats[dialog.table]
    control.set_current(title)
    control.changed.emit(title)


def test_features_are_exported_from_the_palette_and_shown_in_their_folder(
    project_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = project_window
    assert window.actions_by_name["export"].shortcut().toString() == "Ctrl+E"
    assert window.actions_by_name["export"] in window._project_menu.actions()
    window.show_workspace("features")
    dialog = open_dialog(window)
    assert dialog.table == "features"
    assert dialog.focusWidget() is dialog.subjects.buttons["features"]
    suggested = Path(dialog.file.text())
    assert suggested.parent == window.session.project.folder.parent
    assert suggested.suffix == ".csv"
    path = export(dialog, window, qtbot, tmp_path / "f.csv")
    with path.open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == FEATURES
    assert window.message.isVisible()
    assert window.message.text == f"f.csv is written, {FEATURES} rows."
    qtbot.waitUntil(lambda: not window.findChildren(ExportDialog))


def test_only_documents_that_are_filtered_in_corpus(
    project_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = project_window
    window.show_workspace("corpus")
    view = window.findChild(CorpusView)
    qtbot.waitUntil(lambda: view.answer is not None, timeout=10_000)
    dialog = open_dialog(window)
    assert dialog.table == "documents"
    assert not dialog.documents.isEnabled()
    dialog.reject()
    view.update(words="galaxy")
    qtbot.waitUntil(lambda: view.answer.asked.words == "galaxy", timeout=10_000)
    ids = view.filtered_ids
    assert 0 < len(ids) < DOCUMENTS
    for table, ending in (("documents", "jsonl"), ("activations", "npz")):
        dialog = open_dialog(window, table)
        filtered = f"Filtered in Corpus ({len(ids)})"
        assert dialog.documents.current == ALL
        dialog.documents.set_current(filtered)
        choose_format(dialog, {"jsonl": "JSON Lines", "npz": ".npz"}[ending])
        export(dialog, window, qtbot, tmp_path / f"{table}.{ending}")
    keys = [row.key for row in window.session.project.documents.rows(ids)]
    lines = (tmp_path / "documents.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["key"] for line in lines] == keys
    assert scipy.sparse.load_npz(tmp_path / "activations.npz").shape == (len(ids), FEATURES)


def test_what_is_steered_and_asked_in_search_is_what_leaves(
    project_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = project_window
    session = window.session
    dialog = open_dialog(window)
    assert not dialog.subjects.buttons["results"].isEnabled()
    assert dialog.subjects.sentences["results"].text() == export_subjects.NO_SEARCH
    dialog.reject()
    session.search.set_text("dark matter halos")
    wait_for_answer(session, qtbot)
    latent = int(session.search.query.latents[0])
    session.search.set_value(latent, session.search.typed_value(latent) - 0.3)
    wait_for_answer(session, qtbot)
    window.show_workspace("search")
    dialog = open_dialog(window)
    assert dialog.table == "results"
    told = dialog.search.text()
    assert "“dark matter halos”" in told
    assert f"“{session.book.text(latent)}” −0.30" in told
    dialog.count.setValue(12)
    choose_format(dialog, "JSON Lines")
    path = export(dialog, window, qtbot, tmp_path / "r.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(rows) == 12
    shown = [row.document.key for row in session.search.answer.steered]
    assert [row["key"] for row in rows][: len(shown)] == shown
    assert rows[0]["steering"][0]["feature"] == latent
    dialog = open_dialog(window, "steered-vectors")
    assert "comes last, plain and steered" in dialog.search.text()
    path = export(dialog, window, qtbot, tmp_path / "v.npy")
    vectors = np.load(path)
    assert vectors.shape[0] == DOCUMENTS + 2
    assert np.allclose(vectors[-2], session.search.query.vector, atol=1e-6)
    assert vectors[-2] @ vectors[-1] == pytest.approx(session.search.answer.cosine, abs=1e-5)


def test_documents_can_be_what_is_searched_with(
    project_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = project_window
    session = window.session
    session.search.set_like((3, 7))
    wait_for_answer(session, qtbot)
    dialog = open_dialog(window, "results")
    assert "more like the chosen documents" in dialog.search.text()
    choose_format(dialog, "JSON Lines")
    path = export(dialog, window, qtbot, tmp_path / "r.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    keys = [row.key for row in session.project.documents.rows((3, 7))]
    assert rows[0]["like"] == keys
    assert not {row["key"] for row in rows} & set(keys)


def test_the_name_follows_the_format_and_says_what_is_wrong(
    project_window: MainWindow, tmp_path: Path
) -> None:
    window = project_window
    dialog = open_dialog(window, "activations")
    assert dialog.file.text().endswith("-activations.parquet")
    choose_format(dialog, "CSV")
    assert dialog.file.text().endswith("-activations.csv")
    dialog.file.setText(str(tmp_path / "mine.csv"))
    choose_format(dialog, ".npz")
    assert dialog.file.text() == str(tmp_path / "mine.npz")
    dialog.subjects.buttons["features"].click()
    assert dialog.file.text() == str(tmp_path / "mine.csv")
    for text, sentence in (
        ("", "Say which file to write."),
        (str(tmp_path / "absent" / "f.csv"), "There is no folder"),
        ("relative.csv", "There is no folder"),
        (str(tmp_path / "f.xlsx"), "has to end in .csv"),
    ):
        dialog.file.setText(text)
        assert sentence in dialog.error.text()
        assert dialog.error.isVisible()
        assert not dialog.start.isEnabled()
    (tmp_path / "there.csv").write_text("old")
    dialog.file.setText(str(tmp_path / "there.csv"))
    assert dialog.start.isEnabled()
    assert dialog._file_row.remark.text() == "The file that is there will be replaced."
    # A name without an ending gets the one of the format.
    dialog.file.setText(str(tmp_path / "there"))
    assert dialog._path == tmp_path / "there.csv"
    dialog.reject()


def test_a_failure_brings_the_dialog_back_with_its_choices(
    project_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = project_window
    folder = tmp_path / "out"
    folder.mkdir()
    dialog = open_dialog(window, "documents")
    dialog.file.setText(str(folder / "d.csv"))
    folder.rmdir()
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: dialog.isVisible() and dialog.error.isVisible(), timeout=10_000)
    assert "There is no folder" in dialog.error.text()
    assert dialog.table == "documents"
    dialog.reject()


def test_an_empty_project_says_what_is_missing(main_window: MainWindow, tmp_path: Path) -> None:
    assert not main_window.actions_by_name["export"].isEnabled()
    assert main_window.session.create_project(tmp_path / "empty.saedesk")
    dialog = open_dialog(main_window)
    assert dialog.table == ""
    assert not any(button.isEnabled() for button in dialog.subjects.buttons.values())
    assert dialog.subjects.sentences["features"].text() == export_subjects.NO_FEATURES
    assert dialog.subjects.sentences["documents"].text() == export_subjects.NO_DOCUMENTS
    assert dialog.subjects.sentences["steered-vectors"].text() == export_subjects.NO_VECTORS
    assert not dialog.start.isEnabled()
    assert "Import documents first" in dialog.error.text()
    dialog.reject()


def test_the_dialog_leaves_with_its_project(project_window: MainWindow, qtbot: QtBot) -> None:
    window = project_window
    open_dialog(window)
    window.session.close_project()
    qtbot.waitUntil(lambda: not window.findChildren(ExportDialog))
