"""The program with its window, from the first line to the exit code."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from saedesk.program_log import home_folder
from saedesk.session.session import Session
from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell.diagnostics import Diagnostics
from saedesk.ui.theme import Theme
from saedesk.ui.theme.icons import application_icon
from saedesk.ui.theme.theme import MODES


def run_window(project: Path | None) -> int:
    """Open the window, with a project where one is given; returns when it was closed."""
    application = make_application()
    diagnostics = Diagnostics(home_folder() / "logs")
    diagnostics.install()
    session = Session()
    apply_theme(session)
    window = MainWindow(session)
    diagnostics.unexpected.connect(window.messages.show_unexpected)
    window.show()
    if project is not None:
        window.doors.open_folder(project)
    _close_on_signals(window)
    application.exec()
    if not window.stopped:
        # A thread that still runs would abort the process; everything is on disk already.
        diagnostics.dump_stacks()
        _leave_at_once()
    delete_now(window)
    delete_now(session)
    diagnostics.remove()
    return 0


def make_application() -> QApplication:
    """The QApplication with its names and icon; the one that runs, where there is one."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    QGuiApplication.setDesktopFileName("saedesk")
    application = QApplication(["saedesk"])
    application.setApplicationName("saedesk")
    application.setApplicationDisplayName("saedesk")
    application.setWindowIcon(application_icon())
    return application


def apply_theme(session: Session) -> None:
    """The theme that was chosen, or that of the system."""
    mode = session.settings.get("theme")
    Theme.current().set_mode(mode if mode in MODES else "system")


def delete_now(thing: Session | MainWindow) -> None:
    """Delete a QObject before the application goes."""
    thing.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _close_on_signals(window: MainWindow) -> None:
    """Ctrl+C in the terminal and a session's end close the window as a person would.

    Python sees a signal at its next line; the footer's timer runs one every two seconds.
    """

    def close(number: int, frame: FrameType | None) -> None:
        window.asks_before_closing = False
        window.close()
        # A question that is open has an event loop of its own.
        QApplication.exit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, close)


def _leave_at_once() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(0)
