"""What the line under the header says, one thing at a time, and what its button does."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QWidget

from saedesk.program_log import log_failure
from saedesk.session.session import Message, Session
from saedesk.ui.shell.written_files import go_to, way_to
from saedesk.ui.widgets.message_bar import MessageBar

_KINDS = {"info": "info", "warning": "warn", "error": "error"}


class WindowMessages(QObject):
    """Fills the bar and remembers what its button leads to."""

    def __init__(self, session: Session, bar: MessageBar, window: QWidget) -> None:
        super().__init__(window)
        self._bar = bar
        self._details = ""
        self._written: Path | None = None
        bar.activated.connect(self._follow)
        session.message.connect(self.show_message)
        session.exchange.written.connect(self.show_written)

    @Slot(object)
    def show_message(self, message: Message) -> None:
        """Tells a sentence; a failed task is logged as well."""
        if message.details:
            log_failure(message.details)
        self._tell(message)

    @Slot(str, str)
    def show_unexpected(self, sentence: str, details: str) -> None:
        """Tells of an error that is in the log already; the details can be copied."""
        self._tell(Message("error", sentence, details))

    @Slot(object, str)
    def show_written(self, path: Path, sentence: str) -> None:
        """Tells that a file or folder was written, and offers to show it."""
        self._details, self._written = "", path
        self._bar.show_message(sentence, "info", way_to(path), str(path))

    @Slot()
    def leave_it_to_dialog(self) -> None:
        """A dialog that came back says itself why; only details to be copied stay."""
        if QApplication.activeModalWidget() is not None and not self._details:
            self._bar.hide()

    def _tell(self, message: Message) -> None:
        self._details, self._written = message.details, None
        action = "Copy details" if message.details else ""
        self._bar.show_message(message.sentence, _KINDS[message.kind], action)

    @Slot()
    def _follow(self) -> None:
        if self._written is not None:
            go_to(self._written)
        else:
            QApplication.clipboard().setText(self._details)
