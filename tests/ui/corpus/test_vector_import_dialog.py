"""Vectors from a file: what the dialog shows before anything is stored, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.corpus_panels.encoder_check import FITS
from saedesk.ui.corpus_panels.vector_import_dialog import (
    VectorImportDialog,
    open_vector_import_dialog,
)
from saedesk.ui.corpus_panels.vectors_dialog import VectorsDialog
from saedesk.ui.shell import project_doors
from saedesk.ui.theme import tokens
from tests.ui.corpus.corpus_driving import import_file, shown_workspace, wait_until_idle
from tests.ui.made_up_abstracts import write_abstracts

DOCUMENTS = 30
Open = Callable[[Session, Path], VectorImportDialog]


@pytest.fixture
def corpus(empty_session: Session, tmp_path: Path, qtbot: QtBot) -> Session:
    """Thirty abstracts without vectors."""
    assert empty_session.create_project(tmp_path / "new.saedesk")
    import_file(qtbot, empty_session, write_abstracts(tmp_path / "abstracts.csv", DOCUMENTS))
    return empty_session


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


@pytest.fixture
def look_at(window: QWidget, qtbot: QtBot) -> Open:
    def opened(session: Session, path: Path) -> VectorImportDialog:
        open_vector_import_dialog(session, path, window)
        wait_until_idle(qtbot, session)
        (found,) = window.findChildren(VectorImportDialog)
        return found

    return opened


def keys_of(session: Session) -> list[str]:
    assert session.project is not None
    return [row.key for row in session.project.documents.iterate()]


def random_vectors(rows: int, width: int = 16) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(rows, width)).astype(np.float32)


def use(dialog: VectorImportDialog) -> None:
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)


def cells(dialog: VectorImportDialog) -> list[list[str]]:
    model = dialog.match.table.row_model
    return [[column.text(row) for column in model.columns] for row in range(len(model.order))]


def test_rows_are_matched_by_key_and_faults_are_told_before_anything_is_stored(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    keys = keys_of(corpus)[::-1]
    values = random_vectors(DOCUMENTS + 1)
    values[2], values[5], values[6, 3] = 0, np.nan, np.inf
    values[9:12] = values[8]
    file = tmp_path / "reviews.npz"
    np.savez(file, embeddings=values, ids=np.array([*keys[:-2], "nobody", "no one", "none"]))
    dialog = look_at(corpus, file)
    assert (dialog.match.way.currentText(), dialog.match.key_column) == ("By key", "ids")
    assert dialog.name.text() == "reviews.npz"
    assert dialog.about.text() == "31 rows × 16 numbers, float32"
    assert dialog.match.counts.text() == (
        "28 rows have a document, 3 of them are left out; 5 documents get no vector; 3 rows have "
        "no document and are left out."
    )
    assert [row[:2] for row in cells(dialog)] == [
        [str(at + 1), key] for at, key in enumerate(keys[:5])
    ]
    project = corpus.project
    assert project is not None
    titles = {row.key: row.heading for row in project.documents.iterate()}
    assert [row[2] for row in cells(dialog)] == [titles[key] for key in keys[:5]]
    assert dialog.faults.unusable_text.text() == (
        "3 rows cannot be used: 1 all zeros (row 3), 1 with NaN (row 6), 1 with infinite numbers "
        "(row 7)."
    )
    assert (
        dialog.faults.duplicates_text.text() == "3 rows equal an earlier one: rows 10, 11 and 12."
    )
    assert "cannot be searched for" in dialog.encoder.help.text()
    assert not project.artifacts("vectors")

    dialog.faults.unusable_choice.setCurrentText("Keep out of training")
    dialog.faults.duplicates_choice.setCurrentText("Leave them out")
    assert dialog.match.counts.text() == (
        "28 rows have a document, 3 of them are left out; 5 documents get no vector; 3 rows have "
        "no document and are left out; 3 vectors are kept out of training."
    )
    use(dialog)
    wait_until_idle(qtbot, corpus)
    vectors = corpus.vectors
    assert vectors is not None
    assert vectors.values.shape == (25, 16)
    assert len(vectors.bad_rows) == 3
    by_key = {row.key: row.id for row in project.documents.iterate()}
    at = vectors.row_of(by_key[keys[0]])
    assert np.array_equal(vectors.values[at], values[0])


def test_another_column_of_keys_is_looked_at_at_once(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    keys = keys_of(corpus)
    file = tmp_path / "two.npz"
    others = np.array([f"row {at}" for at in range(DOCUMENTS)])
    values = random_vectors(DOCUMENTS)
    np.savez(file, embeddings=values, ids=others, names=np.array(keys[::-1]))
    dialog = look_at(corpus, file)
    dialog.match.way.setCurrentText("By key")
    dialog.match.key.setCurrentText("ids")
    wait_until_idle(qtbot, corpus)
    assert not dialog.start.isEnabled()
    dialog.match.key.setCurrentText("names")
    assert not dialog.start.isEnabled()
    wait_until_idle(qtbot, corpus)
    assert dialog.match.counts.text() == "All 30 documents get their vector."
    assert dialog.request.key_column == "names"
    use(dialog)
    wait_until_idle(qtbot, corpus)
    assert corpus.vectors is not None
    assert np.array_equal(corpus.vectors.values, values[::-1])


def test_where_they_came_from_stands_over_the_corpus(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    np.save(tmp_path / "some.npy", random_vectors(DOCUMENTS))
    use(look_at(corpus, tmp_path / "some.npy"))
    wait_until_idle(qtbot, corpus)
    workspace = shown_workspace(qtbot, corpus)
    said = workspace.strip.accessibleName()
    assert "Vectors from some.npy, encoder unknown, 16 numbers each" in said
    assert workspace.notice.isHidden()
    import_file(qtbot, corpus, _more(tmp_path))
    assert workspace.notice.sentence.text() == (
        "1 document has no vector in some.npy; search does not find them."
    )


def _more(folder: Path) -> Path:
    file = folder / "more.csv"
    file.write_text("id,title,text\nnew,A title,A text with some words\n", "utf-8")
    return file


def test_what_does_not_fit_is_a_sentence_and_another_choice_may_fit(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "two.npz"
    np.savez(file, short=random_vectors(7), whole=random_vectors(DOCUMENTS, 8))
    dialog = look_at(corpus, file)
    dialog.table.setCurrentText("short")
    wait_until_idle(qtbot, corpus)
    assert "7 vectors" in dialog.error.text()
    assert not dialog.start.isEnabled()
    assert dialog.match.table.isHidden()
    dialog.table.setCurrentText("whole")
    wait_until_idle(qtbot, corpus)
    assert dialog.error.isHidden()
    assert dialog.about.text() == "30 rows × 8 numbers, float32"
    assert dialog.match.counts.text() == "All 30 documents get their vector."
    assert dialog.start.isEnabled()
    assert dialog.start.hasFocus() or dialog.focusWidget() is dialog.start


def test_what_holds_no_vectors_leaves_the_choice_of_a_file(
    corpus: Session, look_at: Open, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.npy"
    broken.write_bytes(b"\x93NUMPY\x01\x00garbage")
    dialog = look_at(corpus, broken)
    assert "broken.npy" in dialog.error.text()
    assert dialog.choose.isVisible()
    assert not dialog.start.isVisible()
    dialog.reject()
    assert corpus.vectors is None


def test_a_failure_brings_the_choices_back(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    np.save(tmp_path / "some.npy", random_vectors(DOCUMENTS))
    dialog = look_at(corpus, tmp_path / "some.npy")
    dialog.encoder.name.setText("acme/unknown")
    assert "embedded with it" in dialog.encoder.help.text()
    use(dialog)
    assert dialog.isHidden()
    wait_until_idle(qtbot, corpus)
    assert dialog.isVisible()
    assert "acme/unknown" in dialog.error.text()
    assert corpus.vectors is None
    qtbot.waitUntil(lambda: not dialog.start.isEnabled(), timeout=5_000)
    assert dialog.error.text(), "what went wrong stays until something is changed"
    dialog.encoder.name.setText("")
    assert dialog.error.isHidden()
    use(dialog)
    wait_until_idle(qtbot, corpus)
    assert corpus.vectors is not None


def test_the_dialog_of_models_leads_to_vectors_one_has(
    corpus: Session, window: QWidget, qtbot: QtBot
) -> None:
    models = VectorsDialog(corpus, np.arange(3), window)
    models.open()
    QTest.mouseClick(models.bring, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(VectorImportDialog)
    assert dialog.isVisible()
    assert not models.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


# -- the dialog itself ---------------------------------------------------------------------------


def test_the_counts_follow_what_happens_to_rows_with_faults(
    corpus: Session, look_at: Open, tmp_path: Path
) -> None:
    values = random_vectors(DOCUMENTS)
    values[[4, 20]], values[9] = 0, values[8]
    np.save(tmp_path / "some.npy", values)
    dialog = look_at(corpus, tmp_path / "some.npy")
    counts, faults = dialog.match.counts, dialog.faults
    assert counts.text() == "28 of 30 documents get their vector; 2 get none."
    faults.duplicates_choice.setCurrentText("Leave them out")
    assert counts.text() == "27 of 30 documents get their vector; 3 get none."
    faults.duplicates_choice.setCurrentText("Use them")
    faults.unusable_choice.setCurrentText("Keep out of training")
    assert counts.text() == (
        "All 30 documents get their vector; 2 vectors are kept out of training."
    )
    clipboard = QGuiApplication.clipboard()
    QTest.mouseClick(faults.copy_unusable, Qt.MouseButton.LeftButton)
    assert clipboard.text().split() == ["5", "21"]
    QTest.mouseClick(faults.copy_duplicates, Qt.MouseButton.LeftButton)
    assert clipboard.text() == "10"


def test_documents_that_come_in_meanwhile_are_matched(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    np.save(tmp_path / "some.npy", random_vectors(DOCUMENTS + 1))
    dialog = look_at(corpus, tmp_path / "some.npy")
    assert not dialog.start.isEnabled()
    import_file(qtbot, corpus, _more(tmp_path))
    assert dialog.match.counts.text() == "All 31 documents get their vector."
    assert dialog.start.isEnabled()


def test_a_row_without_a_document_has_no_fault(
    corpus: Session, look_at: Open, tmp_path: Path
) -> None:
    values = random_vectors(DOCUMENTS + 1)
    values[-1] = 0
    keys = np.array([*keys_of(corpus), "nobody"])
    np.savez(tmp_path / "keyed.npz", embeddings=values, ids=keys)
    dialog = look_at(corpus, tmp_path / "keyed.npz")
    assert dialog.match.counts.text() == (
        "30 rows have a document; 1 row has no document and is left out."
    )
    assert dialog.faults.isHidden()


def test_keys_that_nobody_has_are_told_as_keys(
    corpus: Session, look_at: Open, tmp_path: Path
) -> None:
    ids = np.array([f"other-{at}" for at in range(12)])
    np.savez(tmp_path / "keyed.npz", embeddings=random_vectors(12), ids=ids)
    dialog = look_at(corpus, tmp_path / "keyed.npz")
    assert dialog.match.way.currentText() == "By key"
    assert dialog.match.key.currentText() == "ids"
    assert "other-0" in dialog.error.text()
    assert dialog.another.isVisible()
    assert dialog.new_project.isVisible()


def test_vectors_that_do_not_fit_can_become_a_project_of_their_own(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_doors, "projects_folder", lambda: tmp_path / "home")
    monkeypatch.setattr(project_doors, "ask", lambda *asked: asked[-1][0])
    np.save(tmp_path / "seven.npy", random_vectors(7))
    dialog = look_at(corpus, tmp_path / "seven.npy")
    assert "7 vectors and the project 30 documents" in dialog.error.text()
    assert "by key" not in dialog.error.text()
    window = dialog.parentWidget()
    QTest.mouseClick(dialog.new_project, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, corpus)
    assert corpus.project is not None
    assert corpus.project.folder == tmp_path / "home" / "seven.saedesk"
    (new,) = [found for found in window.findChildren(VectorImportDialog) if found.isVisible()]
    assert new.match.counts.text() == "7 new documents, one for each row."
    assert new.new_project.isHidden()


def test_the_dialog_stays_on_the_screen_as_it_grows(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot, window: QWidget
) -> None:
    screen = window.screen().availableGeometry()
    window.move(screen.left(), screen.bottom() - 300)
    values = random_vectors(DOCUMENTS)
    values[4], values[9] = 0, values[8]
    np.save(tmp_path / "some.npy", values)
    dialog = look_at(corpus, tmp_path / "some.npy")
    qtbot.waitUntil(lambda: dialog.frameGeometry().bottom() <= screen.bottom())
    button = dialog.start.mapToGlobal(dialog.start.rect().bottomLeft())
    assert screen.contains(button)
    assert dialog.height() >= dialog.layout().totalMinimumHeightForWidth(dialog.width())


def test_a_low_screen_takes_rows_from_the_pairs_only(
    corpus: Session, look_at: Open, tmp_path: Path
) -> None:
    np.save(tmp_path / "some.npy", random_vectors(DOCUMENTS))
    view = look_at(corpus, tmp_path / "some.npy").match
    whole = view.table.height()
    view.give_up_height(50)
    assert (view.table.height(), view.given_up) == (whole - 50, 50)
    view.give_up_height(5000)
    assert view.table.height() > tokens().row_height.table_dense, "one pair can be seen"
    view.give_up_height(-20)
    assert view.table.height() == whole


# -- the encoder ---------------------------------------------------------------------------------


def named(dialog: VectorImportDialog, session: Session, qtbot: QtBot, name: str) -> str:
    """What the field says of a name a moment after it was typed."""
    field = dialog.encoder
    before = field.help.text()
    field.name.setText(name)
    if name:
        qtbot.waitUntil(lambda: not field._pause.isActive(), timeout=5_000)
    wait_until_idle(qtbot, session)
    assert field.help.text() != before
    return field.problem


def test_an_encoder_that_is_not_there_or_does_not_fit_is_told_while_typing(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    np.save(tmp_path / "some.npy", random_vectors(DOCUMENTS))
    dialog = look_at(corpus, tmp_path / "some.npy")
    assert "No encoder “all-MiniML” is on this computer" in named(
        dialog, corpus, qtbot, "all-MiniML"
    )
    assert not dialog.start.isEnabled()
    assert dialog.encoder.name.error
    assert "384 numbers; these have 16" in named(dialog, corpus, qtbot, "all-MiniLM-L6-v2")
    assert not dialog.start.isEnabled()
    assert named(dialog, corpus, qtbot, "") == ""
    assert dialog.start.isEnabled()
    assert "cannot be searched for" in dialog.encoder.help.text()


def test_encoders_on_this_computer_are_offered(
    corpus: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    np.save(tmp_path / "some.npy", random_vectors(DOCUMENTS, 384))
    dialog = look_at(corpus, tmp_path / "some.npy")
    name = dialog.encoder.name
    QTest.mouseClick(name, Qt.MouseButton.LeftButton)
    assert name.suggestions.isVisible()
    assert "all-MiniLM-L6-v2" in name.found
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert not name.suggestions.isVisible()
    assert dialog.isVisible()
    QTest.keyClicks(name, "minilm-l6")
    at = name.found.index("all-MiniLM-L6-v2")
    assert name.suggestions.found[at].note == "384 numbers"
    place = name.suggestions.row_rect(at).center()
    QTest.mouseClick(name.suggestions, Qt.MouseButton.LeftButton, pos=place)
    assert dialog.encoder.model == "all-MiniLM-L6-v2"
    qtbot.waitUntil(lambda: dialog.encoder.help.text() == FITS, timeout=20_000)
    assert dialog.start.isEnabled()


# -- vectors without texts -----------------------------------------------------------------------


@pytest.fixture
def mute(
    empty_session: Session, look_at: Open, tmp_path: Path, qtbot: QtBot
) -> tuple[Session, np.ndarray]:
    """A project made only of vectors, and these vectors."""
    assert empty_session.create_project(tmp_path / "mute.saedesk")
    values = random_vectors(40)
    np.save(tmp_path / "vectors.npy", values)
    dialog = look_at(empty_session, tmp_path / "vectors.npy")
    assert dialog.match.way.currentText() == "As new documents"
    assert dialog.match.counts.text() == "40 new documents, one for each row."
    assert dialog.match.table.isHidden(), "row 1 is number 1: nothing to tell"
    use(dialog)
    wait_until_idle(qtbot, empty_session)
    return empty_session, values


def test_documents_without_texts_are_shown_by_key(
    mute: tuple[Session, np.ndarray], qtbot: QtBot
) -> None:
    session, values = mute
    workspace = shown_workspace(qtbot, session)
    assert "no texts" in workspace.strip.accessibleName()
    assert [column.title for column in workspace.table.model.columns] == ["Key"]
    assert not workspace.table.field.isEnabled()
    assert workspace.facets.nothing.isVisible()
    workspace.table.table.select_id(7, tell=True)
    wait_until_idle(qtbot, session)
    page = workspace.page
    assert page.title.text() == "Document 8"
    assert page.no_text.text() == "This document has a vector but no text."
    assert page.text.isHidden()
    assert page.facts.isHidden()
    cosines = (values @ values[7]) / np.linalg.norm(values, axis=1)
    nearest = int(np.argsort(-cosines)[1])
    assert page.closest.list.lines[0].heading == f"Document {nearest + 1}"
    workspace.focus_filter()
    assert not workspace.table.field.hasFocus()


def test_more_like_this_from_the_page_of_a_document(
    mute: tuple[Session, np.ndarray], qtbot: QtBot
) -> None:
    session, values = mute
    workspace = shown_workspace(qtbot, session)
    workspace.table.table.select_id(7, tell=True)
    with qtbot.waitSignal(session.workspace_wanted) as wanted:
        QTest.mouseClick(workspace.page.like_button, Qt.MouseButton.LeftButton)
    assert wanted.args == ["search"]
    wait_until_idle(qtbot, session)
    assert session.search is not None
    answer = session.search.answer
    assert answer is not None
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    expected = [row for row in np.argsort(-(unit @ unit[7])) if row != 7][:10]
    assert [result.row for result in answer.plain] == expected
