"""The import dialog: what it asks, when it can start, and that choices survive a failure."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from saedesk.session.session import Message, Session
from saedesk.ui.corpus_panels.import_dialog import KEEP_FIRST, ImportDialog, open_import_dialog
from saedesk.ui.corpus_panels.rejected_rows_panel import RejectedRowsPanel, save_rejected_rows
from tests.ui.corpus.corpus_driving import shown_workspace, wait_until_idle

Open = Callable[..., ImportDialog]


@pytest.fixture
def empty_project(empty_session: Session, tmp_path: Path) -> Session:
    assert empty_session.create_project(tmp_path / "new.saedesk")
    return empty_session


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


@pytest.fixture
def look_at(empty_project: Session, window: QWidget, qtbot: QtBot) -> Open:
    def opened(*paths: Path) -> ImportDialog:
        open_import_dialog(empty_project, paths, window)
        wait_until_idle(qtbot, empty_project)
        found = window.findChildren(ImportDialog)
        assert len(found) == 1
        return found[0]

    return opened


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def start(dialog: ImportDialog) -> None:
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)


def test_a_table_is_shown_with_guessed_roles_and_imported(
    look_at: Open, empty_project: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    text = "id;title;abstract;year\n1;One;First text;2019\n2;Two;Second text;2020\n"
    dialog = look_at(table(tmp_path / "papers.csv", text))
    assert dialog.source.name.text() == "papers.csv"
    assert dialog.source.encoding.currentText() == "UTF-8"
    assert dialog.source.delimiter.currentText() == "semicolon"
    roles = {name: field.currentText() for name, field in dialog.preview.choosers.items()}
    assert roles == {"id": "Key", "title": "Title", "abstract": "Text", "year": "Number"}
    dialog.preview.choosers["year"].setCurrentText("Leave out")
    start(dialog)
    assert dialog.isHidden()
    wait_until_idle(qtbot, empty_project)
    assert empty_project.project is not None
    row = empty_project.project.documents.row(2)
    assert row is not None
    assert (row.key, row.title, row.text, row.fields) == ("2", "Two", "Second text", {})


def test_what_is_not_utf8_has_to_be_confirmed(
    look_at: Open, empty_project: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    file = table(tmp_path / "names.csv", "id,text\n1,Müller über Größe\n2,Straße\n", "cp1252")
    dialog = look_at(file)
    assert not dialog.start.isEnabled()
    assert "letters" in dialog.error.text()
    assert dialog.source.confirm.isVisible()
    QTest.mouseClick(dialog.source.confirm, Qt.MouseButton.LeftButton)
    assert dialog.start.isEnabled()
    assert dialog.error.text() == ""
    start(dialog)
    wait_until_idle(qtbot, empty_project)
    assert empty_project.project is not None
    row = empty_project.project.documents.row(1)
    assert row is not None
    assert row.text == "Müller über Größe"


def test_another_encoding_reads_the_rows_again_and_keeps_the_roles(
    look_at: Open, empty_project: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    file = table(tmp_path / "names.csv", "id,text,place\n1,Привет мир,Москва\n", "cp1251")
    dialog = look_at(file)
    dialog.preview.choosers["place"].setCurrentText("Title")
    dialog.source.encoding.setCurrentText("Windows-1251")
    wait_until_idle(qtbot, empty_project)
    column = dialog.preview.table.row_model.columns[1]
    assert column.text(0) == "Привет мир"
    assert dialog.preview.choosers["place"].currentText() == "Title"
    assert dialog.source.is_confirmed
    assert dialog.start.isEnabled()


def test_roles_that_make_no_sense_are_a_sentence(look_at: Open, tmp_path: Path) -> None:
    dialog = look_at(table(tmp_path / "papers.csv", "id,title,abstract\n1,One,Long text\n"))
    dialog.preview.choosers["abstract"].setCurrentText("Leave out")
    assert not dialog.start.isEnabled()
    assert "No column holds the text" in dialog.error.text()
    dialog.preview.choosers["abstract"].setCurrentText("Text")
    dialog.preview.choosers["title"].setCurrentText("Key")
    assert "Only one column can be the key" in dialog.error.text()
    dialog.preview.choosers["title"].setCurrentText("Title")
    assert dialog.start.isEnabled()
    assert dialog.error.isHidden()


def test_double_keys_bring_the_dialog_back_with_its_choices(
    look_at: Open, empty_project: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    text = "id,title,text,kind\n1,One,First,a\n1,Again,Second,b\n2,Two,Third,a\n"
    dialog = look_at(table(tmp_path / "double.csv", text))
    for name, role in {"id": "Key", "kind": "Text field"}.items():
        dialog.preview.choosers[name].setCurrentText(role)
    start(dialog)
    wait_until_idle(qtbot, empty_project)
    assert dialog.isVisible()
    assert "already" in dialog.error.text()
    assert dialog.preview.choosers["kind"].currentText() == "Text field"
    assert empty_project.project is not None
    assert empty_project.project.documents.count() == 0
    QTest.keyClick(dialog.doubles, Qt.Key.Key_Right)
    assert dialog.doubles.current == KEEP_FIRST
    start(dialog)
    wait_until_idle(qtbot, empty_project)
    assert empty_project.project.documents.count() == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("header.csv", b"id,title,text\n"),
        ("page.csv", b"<!DOCTYPE html><html><body>Not found</body></html>"),
        ("model.pkl", b"\x80\x04\x95\x00."),
    ],
)
def test_what_is_no_table_is_a_sentence_and_the_choice_stays_open(
    look_at: Open, tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    dialog = look_at(file)
    assert name in dialog.error.text()
    assert not dialog.start.isEnabled()
    assert dialog.choice.files.isVisible()


def test_markup_in_names_of_files_and_columns_is_shown_as_it_is(
    look_at: Open, tmp_path: Path
) -> None:
    image = f"<img src='{(tmp_path / 'red.png').as_uri()}'>"
    file = table(tmp_path / "<h1>papers.csv", f'id,text,"{image}"\n1,Some text,"{image}"\n')
    dialog = look_at(file)
    assert dialog.source.name.text() == "<h1>papers.csv"
    columns = dialog.preview.table.row_model.columns
    assert [column.title for column in columns] == ["id", "text", image]
    assert columns[2].text(0) == image
    assert image in dialog.preview.choosers
    assert "<h1>" not in dialog.source.name.toolTip()


def test_without_paths_it_asks_for_files_or_a_folder(look_at: Open) -> None:
    dialog = look_at()
    assert dialog.choice.files.isVisible()
    assert dialog.choice.folder.isVisible()
    assert not dialog.start.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isHidden()


def test_without_a_project_there_is_a_sentence(
    empty_session: Session, window: QWidget, tmp_path: Path
) -> None:
    said: list[Message] = []
    empty_session.message.connect(said.append)
    open_import_dialog(empty_session, [tmp_path / "a.csv"], window)
    assert "project first" in said[0].sentence
    assert window.findChildren(ImportDialog) == []


def test_rows_left_out_are_listed_with_their_lines(
    look_at: Open, empty_project: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    text = "id,title,text,date\n1,One,First,2019-05-01\n2,Two\n3,Three,Third,\n4,,,2020-01-01\n"
    dialog = look_at(table(tmp_path / "ragged.csv", text))
    dialog.preview.choosers["date"].setCurrentText("Date")
    start(dialog)
    wait_until_idle(qtbot, empty_project)
    workspace = shown_workspace(qtbot, empty_project)
    links = {link.text(): link for link in workspace.strip.facts.links()}
    assert set(links) == {"1 row left out", "1 without text", "1 without a date"}
    links["1 row left out"].click()
    panel = workspace.findChild(RejectedRowsPanel)
    assert isinstance(panel, RejectedRowsPanel)
    model = panel.table.row_model
    cells = [column.text(0) for column in model.columns]
    assert cells[:2] == ["ragged.csv", "3"]
    assert "2 cells" in cells[2]
    panel.field.setText("nothing like this")
    assert model.rowCount() == 0
    panel.close()
    links["1 without a date"].click()
    wait_until_idle(qtbot, empty_project)
    assert workspace.table.model.order.tolist() == [1]
    links["1 without text"].click()
    wait_until_idle(qtbot, empty_project)
    assert workspace.table.model.order.tolist() == [2]


def test_saved_rows_hold_no_formulas(tmp_path: Path) -> None:
    from saedesk.project.document_writer import StoredRejectedRow

    rows = [StoredRejectedRow("=cmd.csv", 3, "The row has 2 cells.", "+1,@x")]
    save_rejected_rows(tmp_path / "rows.csv", rows)
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines == [
        ["file", "line", "reason", "beginning"],
        ["'=cmd.csv", "3", "The row has 2 cells.", "'+1,@x"],
    ]
