"""Collections happen in the window's thread alone, and large SAEs are kept out of them."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from saedesk.session import garbage_collection
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl


@pytest.fixture(autouse=True)
def nothing_frozen() -> Iterator[None]:
    assert gc.get_freeze_count() == 0
    yield
    assert gc.get_freeze_count() == 0


class _Knot(QObject):
    """Only a collection can destroy it; it tells in which thread that was."""

    def __init__(self, ends: list[threading.Thread]) -> None:
        super().__init__()
        self.itself = self
        weakref.finalize(self, lambda: ends.append(threading.current_thread()))


def _make_many_objects(control: TaskControl) -> int:
    control.checkpoint()
    return len([[number] for number in range(100_000)])


def test_what_a_worker_makes_never_destroys_qt_objects_in_its_thread(
    qtbot, session: Session
) -> None:
    ends: list[threading.Thread] = []
    gc.collect()
    for _ in range(50):
        _Knot(ends)
    task = session.query.submit(Task("Working", _make_many_objects))
    qtbot.waitUntil(lambda: task.outcome is not None)
    # The timer of the window's thread finds them.
    qtbot.waitUntil(lambda: len(ends) == 50)
    assert set(ends) == {threading.main_thread()}


def test_full_collections_come_seldom_and_find_what_is_old(
    qtbot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[threading.Thread] = []
    knot = _Knot(ends)
    gc.collect()  # It has grown old.
    del knot
    gc.set_threshold(700, 10, 0)
    try:
        gc.collect(1)
        session.garbage.collect()
        assert not ends
        monkeypatch.setattr(session.garbage, "_full_at", 0.0)
        assert session.search is not None
        session.search._is_dragging = True  # All threads would stop under the hand.
        session.garbage.collect()
        assert not ends
        session.search._is_dragging = False
        session.garbage.collect()
        assert len(ends) == 1
    finally:
        gc.set_threshold(700, 10, 10)


def test_python_collects_by_itself_again_once_no_session_is_left(
    qapp: QApplication, settings_folder: Path
) -> None:
    first, second = Session(), Session()
    assert not gc.isenabled()
    assert first.close()
    assert not gc.isenabled()
    assert second.close()
    assert gc.isenabled()


def test_many_labels_are_passed_over_until_the_project_is_closed(
    empty_session: Session, project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage_collection, "MANY_LABELS", 10)
    assert empty_session.open_project(project_copy)
    assert gc.get_freeze_count() > 0
    empty_session.close_project()


def test_few_labels_are_looked_at_as_everything_else(session: Session) -> None:
    assert session.book is not None
    assert 0 < len(session.book.labels) < garbage_collection.MANY_LABELS


def test_a_session_that_ends_leaves_nothing_out(
    qapp: QApplication,
    settings_folder: Path,
    project_copy: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(garbage_collection, "MANY_LABELS", 10)
    session = Session()
    assert session.open_project(project_copy)
    assert session.close()
