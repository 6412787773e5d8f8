"""The saved selections of the open project: saved, renamed, deleted and shown, each undoable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from saedesk.errors import KnownError
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.selection_store import SavedSelection, SelectionStore
from saedesk.session.message import Message

if TYPE_CHECKING:
    from saedesk.session.session import Session


class SelectionBook(QObject):
    """Writes through the store of the open project; what is refused is raised as KnownError."""

    changed = Signal()
    """A selection was saved, renamed or deleted."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    @property
    def selections(self) -> tuple[SavedSelection, ...]:
        """All saved selections of the open project, oldest first."""
        project = self._session.project
        return () if project is None else tuple(project.selections.all())

    def save(
        self,
        name: str,
        document_ids: Sequence[int] | np.ndarray,
        origin: Mapping[str, Any] | None = None,
    ) -> int:
        """Save documents under a name; returns the selection's number. Raises KnownError."""
        store = self._writable()
        ids = np.asarray(document_ids, np.int64)
        number = store.save(name.strip(), ids, origin)
        self._push(_Saved(self, _of(store, number), ids))
        return number

    def rename(self, number: int, name: str) -> None:
        """Give a selection another name. Raises KnownError."""
        store = self._writable()
        before, name = _of(store, number).name, name.strip()
        if name != before:
            store.rename(number, name)
            self._push(_Renamed(self, number, before, name))

    def delete(self, number: int) -> None:
        """Forget a selection; its documents stay. Raises KnownError."""
        store = self._writable()
        selection, ids = _of(store, number), store.document_ids(number)
        store.delete(number)
        self._push(_Deleted(self, selection, ids))

    def show(self, number: int) -> None:
        """Show the documents of a selection in Corpus. Raises KnownError."""
        store = self._session.opened_project().selections
        ids = np.sort(store.document_ids(number))
        name = _of(store, number).name
        self._session.show_documents(DocumentFilter(document_ids=ids, documents_of=f"“{name}”"))

    # -- for the steps -----------------------------------------------------------------------

    def do(self, write: Callable[[SelectionStore], object]) -> None:
        """Write something again; a sentence says why not where that fails."""
        try:
            write(self._writable())
        except KnownError as error:
            self._session.message.emit(Message("warning", error.sentence))
        self.changed.emit()

    def _push(self, step: _Step) -> None:
        """What a step does is written already: so that it can be refused before."""
        self._session.undo.push(step)
        self.changed.emit()

    def _writable(self) -> SelectionStore:
        return self._session.writable_project().selections


class _Step(QUndoCommand):
    """One change that is written before it is pushed."""

    def __init__(self, book: SelectionBook, title: str) -> None:
        super().__init__(title)
        self._book, self._is_written = book, True

    def redo(self) -> None:
        if self._is_written:
            self._is_written = False
        else:
            self._book.do(self.again)

    def undo(self) -> None:
        self._book.do(self.back)

    def again(self, store: SelectionStore) -> None:
        """Write the change."""
        raise NotImplementedError

    def back(self, store: SelectionStore) -> None:
        """Write what was before."""
        raise NotImplementedError


class _Saved(_Step):
    def __init__(self, book: SelectionBook, selection: SavedSelection, ids: np.ndarray) -> None:
        super().__init__(book, f"Selection “{selection.name}”")
        self._selection, self._ids = selection, ids

    def again(self, store: SelectionStore) -> None:
        store.restore(self._selection, self._ids)

    def back(self, store: SelectionStore) -> None:
        store.delete(self._selection.id)


class _Deleted(_Step):
    def __init__(self, book: SelectionBook, selection: SavedSelection, ids: np.ndarray) -> None:
        super().__init__(book, f"Delete the selection “{selection.name}”")
        self._selection, self._ids = selection, ids

    def again(self, store: SelectionStore) -> None:
        store.delete(self._selection.id)

    def back(self, store: SelectionStore) -> None:
        store.restore(self._selection, self._ids)


class _Renamed(_Step):
    def __init__(self, book: SelectionBook, number: int, before: str, after: str) -> None:
        super().__init__(book, f"Rename the selection “{before}”")
        self._number, self._names = number, (before, after)

    def again(self, store: SelectionStore) -> None:
        store.rename(self._number, self._names[1])

    def back(self, store: SelectionStore) -> None:
        store.rename(self._number, self._names[0])


def _of(store: SelectionStore, number: int) -> SavedSelection:
    for selection in store.all():
        if selection.id == number:
            return selection
    raise KnownError("This selection was deleted.")
