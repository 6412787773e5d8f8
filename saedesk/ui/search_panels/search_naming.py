"""The line under the query that asks for the name of a search which is saved."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from saedesk.errors import KnownError
from saedesk.project.selection_store import LONGEST_NAME
from saedesk.session.search_history import search_book
from saedesk.session.session import Session
from saedesk.ui.selection_panels.naming_row import NamingRow


class SearchNaming(NamingRow):
    """Hidden until a search is to be saved; Enter saves it, Escape does not."""

    saved = Signal(str)
    """A sentence: under which name."""
    ended = Signal()
    """It is about to go, and the keyboard is free again."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Name of the search", LONGEST_NAME, parent)
        self._session, self._book = session, search_book(session)
        self.kept.connect(self._on_kept)
        self.given_up.connect(self._on_given_up)
        session.project_changed.connect(self.end)
        self.hide()

    def begin_saving(self) -> None:
        """Asks for a name for what is searched for now, beginning with its text."""
        search = self._session.search
        if search is not None and search.state.asks_something:
            self.begin(search.state.text[:LONGEST_NAME])

    @Slot(str)
    def _on_kept(self, name: str) -> None:
        search = self._session.search
        if search is None:
            return
        try:
            self._book.save_search(name, search.state.kept_request, search.state.settings)
        except KnownError as error:
            self.say(error.sentence)
            return
        self.ended.emit()
        self.end()
        self.saved.emit(f"The search is saved as \u201c{name.strip()}\u201d.")

    @Slot()
    def _on_given_up(self) -> None:
        self.ended.emit()
        self.end()
