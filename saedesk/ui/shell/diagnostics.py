"""What happens to errors nobody expected: a log without document text, one message in the window.

Known errors are sentences and never come here. The log holds types and places of errors alone,
as `saedesk.program_log` says; the copy button copies the whole traceback.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)

from saedesk.program_log import LogFile, log, log_failure, start_log, stop_log

CRASH_NAME = "crash.log"
_QUIET = ("This plugin does not support",)
"""Beginnings of Qt messages that say nothing to anybody."""


class Diagnostics(QObject):
    """Catches what is not caught anywhere else; `unexpected` comes in the GUI thread."""

    unexpected = Signal(str, str)
    """A sentence, and the traceback to copy."""
    _caught = Signal(str, str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._crash_file: IO[str] | None = None
        self._log_file: LogFile | None = None
        self._hooks = (sys.excepthook, threading.excepthook)
        # From whatever thread it comes: the bound method runs where this object lives.
        self._caught.connect(self._tell)

    def install(self) -> None:
        """Start catching; without a folder that can be written there is no log."""
        self._open_files()
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_on_qt_message)
        log.info("started, Python %s, %s", sys.version.split()[0], sys.platform)

    def remove(self) -> None:
        """Put back what was before."""
        sys.excepthook, threading.excepthook = self._hooks
        qInstallMessageHandler(None)
        log.info("ended")
        if self._log_file is not None:
            stop_log(self._log_file)
            self._log_file = None
        if self._crash_file is not None:
            faulthandler.disable()
            self._crash_file.close()
            self._crash_file = None

    def dump_stacks(self) -> None:
        """Write where every thread is: for a task that did not stop."""
        log.error("a task did not stop in time; the stacks are in %s", CRASH_NAME)
        if self._crash_file is not None:
            faulthandler.dump_traceback(self._crash_file, all_threads=True)
            self._crash_file.flush()
        for handler in log.handlers:
            handler.flush()

    def _open_files(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._crash_file = (self.folder / CRASH_NAME).open("a", encoding="utf-8")
            self._log_file = start_log(self.folder)
        except OSError:
            return
        faulthandler.enable(self._crash_file)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, where: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._hooks[0](kind, error, where)
            return
        details = "".join(traceback.format_exception(kind, error, where))
        log_failure(details)
        if sys.stderr is not None:
            sys.stderr.write(details)
        self._caught.emit(_sentence(kind), details)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    @Slot(str, str)
    def _tell(self, sentence: str, details: str) -> None:
        self.unexpected.emit(sentence, details)


def _sentence(kind: type[BaseException]) -> str:
    return (
        f"Something in saedesk went wrong ({kind.__name__}). What is on disk is safe; "
        "what you did last may not have happened."
    )


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if text.startswith(_QUIET):
        return
    serious = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    level = logging.ERROR if serious else logging.WARNING
    if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
        level = logging.DEBUG
    log.log(level, "Qt: %s", text[:500])
