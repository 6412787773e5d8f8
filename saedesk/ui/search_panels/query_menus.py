"""The menus of the last searches and of the saved ones."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.errors import KnownError
from saedesk.project.saved_searches import PastSearch, SavedSearch
from saedesk.search.steering_plan import Target
from saedesk.session.search_history import search_book
from saedesk.session.session import Message, Session
from saedesk.session.target_names import TargetNames
from saedesk.ui.search_panels.query_saved_dialog import open_saved_searches
from saedesk.ui.search_panels.query_words import TitleOf, cut, search_in_words
from saedesk.ui.widgets.plain_tooltip import escaped

LAST_SHOWN = 12
"""Searches in the menu; the others are older."""
NONE_ASKED = "Nothing was searched for yet"
NONE_SAVED = "No search is saved yet"


class QueryMenus(QObject):
    """Makes the menus when they are wanted; what is chosen is searched for, as one step."""

    saving_wanted = Signal()
    """Somebody wants to save what is searched for now."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._window = session, parent
        self._names = TargetNames(session)
        self._book = search_book(session)

    def open_history(self, under: QWidget) -> QMenu:
        """Shows the last searches under a widget, the newest first."""
        menu = self._menu()
        try:
            past = self._book.history[:LAST_SHOWN]
        except KnownError as error:
            past = self._refused(error)
        for one in past:
            self._add(menu, one, "")
        if not past:
            menu.addAction(NONE_ASKED).setEnabled(False)
        menu.addSeparator()
        menu.addAction("Forget these searches", self._forget).setEnabled(bool(past))
        self._show(menu, under.mapToGlobal(under.rect().bottomLeft()))
        return menu

    def open_saved(self, place: QPoint) -> QMenu:
        """Shows the saved searches at a place on the screen, by their names."""
        menu = self._menu()
        try:
            saved = self._book.searches
        except KnownError as error:
            saved = self._refused(error)
        for one in sorted(saved, key=lambda search: search.name.casefold()):
            self._add(menu, one, one.name)
        if not saved:
            menu.addAction(NONE_SAVED).setEnabled(False)
        menu.addSeparator()
        menu.addAction("Save this search…", self.saving_wanted.emit).setEnabled(self._asks)
        menu.addAction("Rename or delete…", self.manage).setEnabled(bool(saved))
        self._show(menu, place)
        return menu

    def run_last(self) -> None:
        """Searches again for what was searched for last."""
        last = last_search(self._session)
        if last is not None:
            self.run(last)

    def run(self, search: PastSearch | SavedSearch) -> None:
        """Puts a search in force; a sentence says why not where it cannot be."""
        live = self._session.search
        if live is None:
            return
        try:
            state = self._book.state_of(search)
        except KnownError as error:
            self._session.message.emit(Message("warning", error.sentence))
            return
        live.set_state(state, "Search again")

    def manage(self) -> None:
        """Shows the saved searches, to be asked again, renamed or deleted."""
        open_saved_searches(self._session, self._window)

    @property
    def _asks(self) -> bool:
        search = self._session.search
        return search is not None and search.state.asks_something

    def _menu(self) -> QMenu:
        menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _add(self, menu: QMenu, search: PastSearch | SavedSearch, name: str) -> None:
        try:
            state = self._book.state_of(search)
        except KnownError as error:
            action = menu.addAction((name or "A search of another SAE").replace("&", "&&"))
            action.setToolTip(escaped(error.sentence))
            action.setEnabled(False)
            return
        title_of = titles_of(self._session)
        told = name or search_in_words(state, self._names, title_of)
        action = menu.addAction(told.replace("&", "&&"))
        action.setToolTip(escaped(search_in_words(state, self._names, title_of, whole=True)))
        action.setData(search)
        action.triggered.connect(self._on_chosen)

    def _show(self, menu: QMenu, place: QPoint) -> None:
        menu.popup(place)
        first = next((action for action in menu.actions() if action.isEnabled()), None)
        if first is not None:
            menu.setActiveAction(first)

    def _on_chosen(self) -> None:
        self.run(self.sender().data())  # type: ignore[attr-defined]

    def _refused(self, error: KnownError) -> tuple[()]:
        self._session.message.emit(Message("warning", error.sentence))
        return ()

    def _forget(self) -> None:
        try:
            self._book.clear_history()
        except KnownError as error:
            self._refused(error)


def last_search(session: Session) -> PastSearch | None:
    """What was searched for last in the project and can be asked of the SAE in use."""
    book = search_book(session)
    try:
        newest = next(iter(book.history), None)
        if newest is not None:
            book.state_of(newest)
    except KnownError:
        return None
    return newest


def words_of_last(session: Session, name_of: Callable[[Target], str]) -> str:
    """What the button that asks it again says; "" where there is none."""
    last = last_search(session)
    if last is None:
        return ""
    state = search_book(session).state_of(last)
    return f"Search again: {cut(search_in_words(state, name_of, titles_of(session)))}"


def titles_of(session: Session) -> TitleOf:
    """The titles of the documents of the open project, "" of one that is not there any more."""

    def title_of(document_id: int) -> str:
        project = session.project
        try:
            rows = () if project is None else project.documents.rows((document_id,))
        except KnownError:
            return ""
        return next((row.title for row in rows), "")

    return title_of
