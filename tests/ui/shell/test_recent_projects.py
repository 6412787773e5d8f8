from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.session.settings import Settings
from saedesk.ui.shell.recent_projects import RecentProjects, when_text

NOW = datetime(2026, 11, 21, 10, 0).astimezone()


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "Today, 09:41"),
        (1, "Yesterday, 09:41"),
        (4, "Tuesday"),
        (24, "28 October"),
        (400, "17 October 2025"),
    ],
)
def test_when_is_said_as_people_say_it(days: int, text: str) -> None:
    then = NOW.replace(hour=9, minute=41) - timedelta(days=days)
    assert when_text(then.isoformat(), lambda: NOW) == text


def test_a_time_that_cannot_be_read_is_left_out() -> None:
    assert when_text("yesterday or so") == ""


@pytest.fixture
def table(
    qtbot: QtBot, empty_session: Session, tiny_project: Path, tmp_path: Path
) -> RecentProjects:
    settings: Settings = empty_session.settings
    settings.remember_project(tmp_path / "gone.saedesk", "gone", 10, 0)
    settings.remember_project(tiny_project, "abstracts", 120, 48)
    made = RecentProjects(settings)
    qtbot.addWidget(made)
    made.resize(1056, 200)
    made.show()
    return made


def test_a_click_opens_and_a_missing_one_can_be_located(
    qtbot: QtBot, table: RecentProjects, tiny_project: Path
) -> None:
    there, gone = table.rows
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.mouseClick(there, Qt.MouseButton.LeftButton)
    assert opened.args[0].folder == tiny_project
    assert not there.locate.isVisible()
    with qtbot.waitSignal(table.locate_wanted) as wanted:
        qtbot.mouseClick(gone.locate, Qt.MouseButton.LeftButton)
    assert wanted.args[0].name == "gone"


def test_delete_takes_one_off_the_list_and_clear_takes_all(
    qtbot: QtBot, table: RecentProjects, empty_session: Session
) -> None:
    qtbot.keyClick(table.rows[1], Qt.Key.Key_Delete)
    assert [row.project.name for row in table.rows] == ["abstracts"]
    qtbot.mouseClick(table._head.clear, Qt.MouseButton.LeftButton)
    assert table.rows == []
    assert empty_session.settings.recent_projects() == []
    assert not table.isVisible()
