"""The Corpus workspace over a real session."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.workspaces.corpus_workspace import CorpusWorkspace
from tests.ui.corpus.corpus_driving import shown_workspace, wait_until_idle


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> CorpusWorkspace:
    """The workspace on 120 abstracts with vectors and features, read and shown."""
    return shown_workspace(qtbot, session)


@pytest.fixture
def idle(qtbot: QtBot, session: Session) -> Callable[[], None]:
    """Wait until the session's lanes are idle."""
    return lambda: wait_until_idle(qtbot, session)
