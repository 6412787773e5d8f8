"""Connections to a project's database, one a thread, whatever kind of thread it is."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from saedesk.errors import ProjectProblem
from saedesk.project.project_database import ProjectDatabase
from saedesk.session.task_lane import Succeeded, Task, TaskLane
from saedesk.task_control import TaskControl


def test_a_lane_has_one_connection_for_all_its_tasks(qtbot, tmp_path: Path) -> None:
    database = ProjectDatabase.create(tmp_path / "documents.sqlite")
    lane = TaskLane("query")
    found: list[sqlite3.Connection] = []

    def ask(control: TaskControl) -> None:
        control.checkpoint()
        found.append(database.connection())

    tasks = [lane.submit(Task("Asking", ask)) for _ in range(5)]
    qtbot.waitUntil(lambda: tasks[-1].outcome is not None, timeout=10_000)
    assert all(isinstance(task.outcome, Succeeded) for task in tasks)
    assert len(found) == 5
    assert len({id(connection) for connection in found}) == 1
    assert found[0] is not database.connection()
    lane.close()
    database.close()


def test_threads_at_the_same_time_have_their_own_connections(tmp_path: Path) -> None:
    database = ProjectDatabase.create(tmp_path / "documents.sqlite")
    found: list[sqlite3.Connection] = []
    both = threading.Barrier(2)

    def ask() -> None:
        found.append(database.connection())
        both.wait(10)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(connection) for connection in (*found, database.connection())}) == 3
    database.close()
    for connection in found:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
    with pytest.raises(ProjectProblem, match="closed"):
        database.connection()


def test_a_connection_that_comes_too_late_is_closed(tmp_path: Path, monkeypatch) -> None:
    database = ProjectDatabase.create(tmp_path / "documents.sqlite")
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connect_while_closing(*what: Any, **how: Any) -> sqlite3.Connection:
        made.append(connect(*what, **how))
        closing = threading.Thread(target=database.close)
        closing.start()
        closing.join()
        return made[-1]

    problems: list[Exception] = []

    def ask() -> None:
        try:
            database.connection()
        except ProjectProblem as problem:
            problems.append(problem)

    monkeypatch.setattr(sqlite3, "connect", connect_while_closing)
    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    assert [str(problem) for problem in problems] == ["The project was closed."]
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        made[-1].execute("SELECT 1")
