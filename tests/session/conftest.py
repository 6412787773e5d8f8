"""The small finished project, copies of it, and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from saedesk.session.session import Session
from tests.tiny_projects import abstracts as abstracts
from tests.tiny_projects import project_copy as project_copy
from tests.tiny_projects import small_project as small_project


@pytest.fixture
def empty_session(qapp, settings_folder: Path) -> Iterator[Session]:
    made = Session()
    yield made
    assert made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def session(empty_session: Session, project_copy: Path) -> Session:
    """A session with a fresh copy of the small project open."""
    assert empty_session.open_project(project_copy)
    return empty_session
