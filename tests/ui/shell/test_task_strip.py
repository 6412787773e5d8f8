from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.task_control import Progress, TaskControl
from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell.task_strip import TaskStrip


class Steps:
    """Work that goes on, reporting, until it may end."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.done = 0

    def __call__(self, control: TaskControl) -> str:
        while not self.may_end.wait(0.005):
            control.checkpoint()
            self.done += 1
            control.report(Progress(min(self.done, 5000), 10_000, "documents", "Reading"))
            if control.finish_early():
                return "kept"
        return "finished"


@pytest.fixture
def strip(qtbot: QtBot, empty_session: Session) -> TaskStrip:
    made = TaskStrip(empty_session)
    qtbot.addWidget(made)
    made.resize(1000, 32)
    made.show()
    return made


def test_at_rest_it_says_one_sentence(strip: TaskStrip) -> None:
    assert strip.rest.isVisible()
    assert strip.rest.text() == "Nothing is running"
    assert not strip.pause.isVisible()


def test_at_rest_a_project_is_saved_or_read_only(
    qtbot: QtBot, session: Session, tiny_project: Path
) -> None:
    writing = TaskStrip(session)
    qtbot.addWidget(writing)
    assert writing.rest.text() == "Nothing is running. Everything is saved."
    second = Session()
    try:
        assert second.open_project(tiny_project)
        reading = TaskStrip(second)
        qtbot.addWidget(reading)
        assert reading.rest.text() == "Nothing is running. Open read-only."
    finally:
        assert second.close()


def test_name_share_and_what_waits(qtbot: QtBot, strip: TaskStrip, empty_session: Session) -> None:
    work = Steps()
    empty_session.run("Embedding with a model", work, can_pause=True)
    empty_session.run("Training run 1", lambda control: None)
    qtbot.waitUntil(lambda: strip.share.text() not in ("", "0 %"))
    assert strip.name.text() == "Embedding with a model"
    assert strip.waiting.text() == "1 task waiting: training run 1"
    assert not strip.keep.isVisible()
    work.may_end.set()
    qtbot.waitUntil(strip.rest.isVisible)
    assert not empty_session.compute.tasks


def test_pause_holds_the_work_and_resume_lets_it_go_on(
    qtbot: QtBot, strip: TaskStrip, empty_session: Session
) -> None:
    work = Steps()
    empty_session.run("Importing a.csv", work, can_pause=True)
    qtbot.waitUntil(lambda: work.done > 3)
    qtbot.mouseClick(strip.pause, Qt.MouseButton.LeftButton)
    assert strip.left.text() == "paused"
    assert strip.pause.accessibleName() == "Go on"
    reached = work.done
    qtbot.wait(60)
    assert work.done <= reached + 1
    qtbot.mouseClick(strip.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: work.done > reached + 3)
    qtbot.mouseClick(strip.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(strip.rest.isVisible)


def test_a_click_leaves_the_keyboard_where_it_is_and_a_key_gives_it_back_to_the_work(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    window, strip = project_window, project_window.footer.tasks
    qtbot.keyClick(window, "5", Qt.KeyboardModifier.ControlModifier)
    query = window.focusWidget()
    assert isinstance(query, QLineEdit)
    elsewhere = window.rail.help_button
    elsewhere.setFocus()
    for by_key, wanted in ((False, elsewhere), (True, query)):
        window.session.run("Building the search index", Steps(), can_pause=True)
        qtbot.waitUntil(strip.cancel.isVisible)
        if by_key:
            strip.cancel.setFocus()
            qtbot.keyClick(strip.cancel, Qt.Key.Key_Return)
        else:
            qtbot.mouseClick(strip.pause, Qt.MouseButton.LeftButton)
            qtbot.mouseClick(strip.cancel, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(strip.rest.isVisible)
        assert window.focusWidget() is wanted


def test_a_button_that_goes_leaves_the_keyboard_beside_it(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    strip, session = project_window.footer.tasks, project_window.session
    work = Steps()
    session.run("Training run 1", work).can_finish_early = True
    session.run("Building the search index", Steps())
    qtbot.waitUntil(strip.keep.isVisible)
    strip.keep.setFocus()
    work.may_end.set()
    qtbot.waitUntil(lambda: not strip.keep.isVisible())
    assert strip.cancel.hasFocus()
    strip.cancel_task()
    qtbot.waitUntil(strip.rest.isVisible)


def test_stop_and_keep_is_offered_only_where_it_means_something(
    qtbot: QtBot, strip: TaskStrip, empty_session: Session
) -> None:
    kept = []
    task = empty_session.run("Training run 1", Steps(), kept.append)
    task.can_finish_early = True
    qtbot.waitUntil(strip.keep.isVisible)
    qtbot.mouseClick(strip.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(strip.rest.isVisible)
    assert kept == ["kept"]


def test_it_follows_the_new_lane_of_another_project(
    qtbot: QtBot, strip: TaskStrip, session: Session
) -> None:
    work = Steps()
    session.run("Embedding with a model", work)
    qtbot.waitUntil(lambda: work.done > 1)
    session.close_project()
    qtbot.waitUntil(strip.rest.isVisible)
    other = Steps()
    session.run("Importing b.csv", other)
    qtbot.waitUntil(lambda: strip.name.isVisible() and strip.name.text() == "Importing b.csv")
    other.may_end.set()
    qtbot.waitUntil(strip.rest.isVisible)
