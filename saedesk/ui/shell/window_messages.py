"""What the line under the header says, one thing at a time, and what its button does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QWidget

from saedesk.errors import KnownError
from saedesk.program_log import log_failure
from saedesk.session.message import DOCUMENTS, LABELS, SAE, VECTORS, Message
from saedesk.session.session import Session
from saedesk.ui.shell.written_files import go_to, way_to
from saedesk.ui.widgets.message_bar import MessageBar

_KINDS = {"info": "info", "warning": "warn", "error": "error"}


class WindowMessages(QObject):
    """Fills the bar, remembers what its button leads to, and empties it when that is over."""

    def __init__(self, session: Session, bar: MessageBar, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._bar = session, bar
        self._details = ""
        self._about: tuple[str, ...] = ()
        self._act: Callable[[], object] | None = None
        bar.activated.connect(self._follow)
        session.message.connect(self.show_message)
        session.exchange.written.connect(self.show_written)
        session.message_over.connect(self.end)
        session.sae_changed.connect(self._on_sae)
        session.documents_changed.connect(self._on_documents)
        session.vectors_changed.connect(self._on_vectors)
        self._on_sae()

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
        self._details, self._about, self._act = "", (), partial(go_to, path)
        self._bar.show_message(sentence, "info", way_to(path), str(path))

    @Slot()
    def leave_it_to_dialog(self) -> None:
        """A dialog that came back says itself why; only details to be copied stay."""
        if QApplication.activeModalWidget() is not None and not self._details:
            self._bar.hide()

    @Slot(str)
    def end(self, about: str) -> None:
        """What is about this is over."""
        if about in self._about:
            self._bar.hide()

    def _tell(self, message: Message) -> None:
        self._details, self._about = message.details, message.about
        action, self._act = "", None
        if message.details:
            action, self._act = "Copy details", partial(_copy, message.details)
        elif message.offer is not None:
            action, self._act = message.offer.words, message.offer.act
        self._bar.show_message(message.sentence, _KINDS[message.kind], action)

    @Slot()
    def _follow(self) -> None:
        if self._act is None:
            return
        try:
            self._act()
        except KnownError as error:
            self._tell(Message("error", error.sentence))

    # -- what changes ------------------------------------------------------------------------

    @Slot()
    def _on_sae(self) -> None:
        book = self._session.book
        if book is not None:
            book.labels_changed.connect(self._on_labels)
            book.marks_changed.connect(self._on_labels)
            book.stars_changed.connect(self._on_labels)
        self.end(SAE)
        self.end(LABELS)

    @Slot(object)
    def _on_labels(self, _: object) -> None:
        self.end(LABELS)

    @Slot()
    def _on_documents(self) -> None:
        self.end(DOCUMENTS)

    @Slot()
    def _on_vectors(self) -> None:
        self.end(VECTORS)


def _copy(text: str) -> None:
    QApplication.clipboard().setText(text)
