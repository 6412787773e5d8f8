"""The saved searches: asked again, renamed, deleted; every change can be undone."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from saedesk.errors import KnownError
from saedesk.project.saved_searches import SavedSearch
from saedesk.project.selection_store import LONGEST_NAME
from saedesk.session.search_history import search_book
from saedesk.session.session import Session
from saedesk.session.target_names import TargetNames
from saedesk.ui.features_panels.number_texts import moment_text
from saedesk.ui.search_panels.query_words import search_in_words
from saedesk.ui.selection_panels.saved_list_dialog import ListWords, SavedListDialog
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.row_table_model import Column

WORDS = ListWords(
    "search",
    "searches",
    "A saved search keeps what was asked, the filters and the steering. Its results are found "
    "anew each time.",
    "No search is saved yet.",
    "Save this search…",
    "Search",
    "Ask it again (Enter)",
)
NOTHING_ASKED = "Search for something first; it can be saved then."
NOTHING_TO_SEARCH = "There is nothing to search in yet. Embed the documents, or search their words."


def open_saved_searches(session: Session, parent: QWidget) -> SavedSearchesDialog | None:
    """Shows the dialog beside the window."""
    if session.project is None:
        return None
    dialog = SavedSearchesDialog(session, parent.window())
    dialog.show_list()
    return dialog


class SavedSearchesDialog(SavedListDialog):
    """Enter asks the search of a row again; what is searched for now can be saved."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, WORDS, parent)
        self._book, self._names = search_book(session), TargetNames(session)
        self._book.saved_changed.connect(self.refresh)
        self.refresh()

    def _columns(self) -> list[Column]:
        wide = tokens().space[8]
        return [
            Column("name", "Name", self._name, width=wide * 6, stretch=True, sortable=False,
                   role="label"),
            Column("asks", "Searches for", self._told, width=wide * 9, stretch=True,
                   sortable=False, colour="text2"),
            Column("saved", "Saved", self._saved, width=wide * 5, sortable=False, colour="text2"),
        ]  # fmt: skip

    def _told(self, number: int) -> str:
        try:
            return search_in_words(self._book.state_of(self._shown[number]), self._names)
        except KnownError as error:
            return error.sentence

    def _saved(self, number: int) -> str:
        return moment_text(self._shown[number].created)

    def _read(self) -> tuple[SavedSearch, ...]:
        return self._book.searches

    def _use(self, number: int) -> None:
        saved, live = self._shown[number], self._session.search
        if live is None:
            raise KnownError(NOTHING_TO_SEARCH)
        live.set_state(self._book.state_of(saved), f"Search “{saved.name}”")

    def _reason_not_to_save(self) -> str:
        search = self._session.search
        return "" if search is not None and search.state.asks_something else NOTHING_ASKED

    def _suggested(self) -> str:
        search = self._session.search
        return "" if search is None else search.state.text[:LONGEST_NAME]

    def _save_as(self, name: str) -> int:
        assert self._session.search is not None
        state = self._session.search.state
        return self._book.save_search(name, state.kept_request, state.settings)

    def _rename_to(self, number: int, name: str) -> None:
        self._book.rename(number, name)

    def _forget(self, number: int) -> None:
        self._book.delete(number)
