"""Waiting for the lanes, importing, and making a workspace in tests of Corpus."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.jobs.import_documents import ImportRequest
from saedesk.session.session import Session
from saedesk.ui.workspaces.corpus_workspace import CorpusWorkspace


def wait_until_idle(qtbot: QtBot, session: Session) -> None:
    """Both lanes have nothing left to do, and what they sent home has arrived."""

    def nothing_runs() -> bool:
        return not session.query.tasks and not session.compute.tasks

    qtbot.waitUntil(nothing_runs, timeout=20_000)
    QCoreApplication.processEvents()
    qtbot.waitUntil(nothing_runs, timeout=20_000)


def import_file(qtbot: QtBot, session: Session, file: Path) -> None:
    """Import a file as it was guessed."""
    seen = preview_input(file)
    request = InputRequest((file,), seen.uses, seen.encoding, seen.delimiter)
    session.import_documents(ImportRequest(request))
    wait_until_idle(qtbot, session)


def shown_workspace(qtbot: QtBot, session: Session) -> CorpusWorkspace:
    """A workspace over any session; closed by the test's end."""
    made = CorpusWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 820)
    made.show()
    wait_until_idle(qtbot, session)
    return made
