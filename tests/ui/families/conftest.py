"""The small project with families, found once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families
from saedesk.project.project_folder import Project
from saedesk.session.family_book import FamilyBook, family_book
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.main_window import MainWindow
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace

SETTINGS = FamilySettings(above_chance=0.0)
"""In 120 documents little is above chance."""


@pytest.fixture(scope="session")
def built_families(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with families; never opened."""
    folder = tmp_path_factory.mktemp("families") / "abstracts.saedesk"
    shutil.copytree(built_project, folder)
    with Project.open(folder) as project:
        request = find_families.FamiliesRequest(settings=SETTINGS)
        found = find_families.run(project, request, Unattended())
        assert len(found.families) >= 4
    return folder


@pytest.fixture
def families_folder(built_families: Path, tmp_path: Path) -> Path:
    """A copy of the project with families, for this test alone."""
    return Path(shutil.copytree(built_families, tmp_path / "abstracts.saedesk"))


@pytest.fixture
def families_session(empty_session: Session, families_folder: Path) -> Session:
    """A session with that project open."""
    assert empty_session.open_project(families_folder)
    return empty_session


@pytest.fixture
def families(families_session: Session) -> FamilyBook:
    """Its family book."""
    return family_book(families_session)


@pytest.fixture
def workspace(qtbot: QtBot, families_session: Session) -> FamiliesWorkspace:
    """The workspace in a window of its own, after what it asked for is there."""
    shown = FamiliesWorkspace(families_session)
    qtbot.addWidget(shown)
    shown.resize(1376, 820)
    with qtbot.waitActive(shown):
        shown.show()
        shown.activateWindow()
    shown.focus_first()
    settle(qtbot, families_session)
    return shown


@pytest.fixture
def families_window(main_window: MainWindow, families_folder: Path) -> MainWindow:
    """The whole window on Families."""
    assert main_window.doors.open_folder(families_folder)
    main_window.show_workspace("families")
    return main_window


def settle(qtbot: QtBot, session: Session) -> None:
    """Wait until both lanes are idle."""
    qtbot.waitUntil(lambda: not (session.compute.tasks or session.query.tasks), timeout=20_000)
