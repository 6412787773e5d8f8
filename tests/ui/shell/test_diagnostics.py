from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from saedesk.task_control import TaskControl
from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell.diagnostics import Diagnostics

SECRET = "the text of a private document"


@pytest.fixture
def diagnostics(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Diagnostics]:
    monkeypatch.setattr("saedesk.ui.shell.diagnostics.qInstallMessageHandler", lambda _: None)
    monkeypatch.setattr("saedesk.ui.shell.diagnostics.faulthandler.enable", lambda _: None)
    monkeypatch.setattr("saedesk.ui.shell.diagnostics.faulthandler.disable", lambda: None)
    made = Diagnostics(tmp_path / "logs")
    made.install()
    yield made
    made.remove()


def fail() -> None:
    raise ZeroDivisionError(SECRET)


def tell_the_hook() -> None:
    try:
        fail()
    except ZeroDivisionError:
        sys.excepthook(*sys.exc_info())


def test_an_unexpected_error_becomes_a_sentence_and_a_log_without_texts(
    qtbot: QtBot, diagnostics: Diagnostics, capsys: pytest.CaptureFixture[str]
) -> None:
    with qtbot.waitSignal(diagnostics.unexpected) as told:
        tell_the_hook()
    sentence, details = told.args
    assert "ZeroDivisionError" in sentence
    assert SECRET in details
    written = (diagnostics.folder / "saedesk.log").read_text("utf-8")
    assert "ZeroDivisionError" in written
    assert "test_diagnostics.py" in written
    assert SECRET not in written
    assert SECRET in capsys.readouterr().err


def test_a_task_that_fails_is_logged_once_and_without_its_texts(
    qtbot: QtBot, diagnostics: Diagnostics, main_window: MainWindow
) -> None:
    def work(control: TaskControl) -> None:
        fail()

    task = main_window.session.run("A task with a bug", work)
    qtbot.waitUntil(lambda: task.outcome is not None)
    assert SECRET in main_window.messages._details
    written = (diagnostics.folder / "saedesk.log").read_text("utf-8")
    assert written.count("in fail\nZeroDivisionError") == 1
    assert "in work" in written
    assert SECRET not in written


def test_an_error_is_logged_once_when_the_window_tells_it(
    qtbot: QtBot,
    diagnostics: Diagnostics,
    main_window: MainWindow,
    capsys: pytest.CaptureFixture[str],
) -> None:
    diagnostics.unexpected.connect(main_window.messages.show_unexpected)
    with qtbot.waitSignal(diagnostics.unexpected):
        tell_the_hook()
    assert SECRET in main_window.messages._details
    written = (diagnostics.folder / "saedesk.log").read_text("utf-8")
    assert written.count("ZeroDivisionError") == 1


def test_an_error_in_a_thread_is_told_in_the_window_s_thread(
    qtbot: QtBot, diagnostics: Diagnostics, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = []
    diagnostics.unexpected.connect(lambda *_: threads.append(QThread.currentThread()))
    with qtbot.waitSignal(diagnostics.unexpected):
        thread = threading.Thread(target=fail)
        thread.start()
    thread.join()
    assert threads == [diagnostics.thread()]


def test_the_hooks_are_put_back(qtbot: QtBot, tmp_path: Path, diagnostics: Diagnostics) -> None:
    inner = Diagnostics(tmp_path / "other")
    before = sys.excepthook, threading.excepthook
    inner.install()
    assert sys.excepthook != before[0]
    inner.remove()
    assert (sys.excepthook, threading.excepthook) == before


def test_a_folder_that_cannot_be_written_does_not_keep_the_window_away(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saedesk.ui.shell.diagnostics.qInstallMessageHandler", lambda _: None)
    (tmp_path / "file").write_text("", "utf-8")
    made = Diagnostics(tmp_path / "file")
    made.install()
    with qtbot.waitSignal(made.unexpected):
        tell_the_hook()
    made.dump_stacks()
    made.remove()
