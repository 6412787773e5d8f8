"""The window asks for a place, writes the report there, and opens it in the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell import report_place
from saedesk.ui.shell.report_place import suggested_name, with_ending


def test_the_report_of_the_open_project_is_written_and_opened(
    qtbot: QtBot,
    project_window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = project_window
    asked: list[str] = []
    opened: list[QUrl] = []

    def choose(*_: object, suggested: str = "", **__: object) -> Path:
        asked.append(suggested)
        return tmp_path / "mine"

    monkeypatch.setattr(report_place, "choose_file", choose)
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    with qtbot.waitSignal(window.session.exchange.written, timeout=30_000):
        window.actions_by_name["write_report"].trigger()
    assert asked == ["abstracts.html"]
    path = tmp_path / "mine.html"
    assert "<!DOCTYPE html>" in path.read_text("utf-8")
    assert window.message.text == "mine.html is written."
    window.message.activated.emit()
    assert opened == [QUrl.fromLocalFile(str(path))]


def test_nothing_is_written_where_no_place_was_chosen(
    project_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = project_window
    monkeypatch.setattr(report_place, "choose_file", lambda *_, **__: None)
    assert report_place.write_report(window.session, window) is None


def test_a_file_whose_name_was_completed_is_replaced_only_after_a_question(
    project_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = project_window
    there = tmp_path / "mine.html"
    there.write_text("from yesterday")
    monkeypatch.setattr(report_place, "choose_file", lambda *_, **__: tmp_path / "mine")
    monkeypatch.setattr(report_place, "ask", lambda *_: "Keep it")
    assert report_place.write_report(window.session, window) is None
    assert there.read_text() == "from yesterday"


def test_names_are_such_as_a_file_can_have() -> None:
    assert suggested_name("abstracts") == "abstracts.html"
    assert suggested_name('a/b: "c"?\n') == "a b c.html"
    assert suggested_name("..") == "report.html"
    assert with_ending(Path("x.v2")) == Path("x.v2.html")
    assert with_ending(Path("x.HTM")) == Path("x.HTM")
