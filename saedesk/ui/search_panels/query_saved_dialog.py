"""The saved searches: asked again, renamed, deleted; every change can be undone."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.project.saved_searches import SavedSearch
from saedesk.project.selection_store import LONGEST_NAME
from saedesk.session.search_history import search_book
from saedesk.session.session import Session
from saedesk.session.target_names import TargetNames
from saedesk.ui.features_panels.number_texts import moment_text
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.search_panels.query_words import search_in_words
from saedesk.ui.selection_panels.naming_row import NamingRow
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.text_label import TextLabel

ABOUT = (
    "A saved search keeps what was asked, the filters and the steering. Its results are found "
    "anew each time."
)
NONE_YET = "No search is saved yet."
NONE_CHOSEN = "Choose a search in the list first."
NOTHING_ASKED = "Search for something first; it can be saved then."


def open_saved_searches(session: Session, parent: QWidget) -> SavedSearchesDialog | None:
    """Shows the dialog beside the window."""
    if session.project is None:
        return None
    dialog = SavedSearchesDialog(session, parent.window())
    dialog.show()
    dialog.activateWindow()
    dialog.table.setFocus(Qt.FocusReason.TabFocusReason)
    return dialog


class SavedSearchesDialog(QDialog):
    """Enter asks the search of a row again, F2 renames it, Delete deletes it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, search_book(session)
        self._names = TargetNames(session)
        self._searches: dict[int, SavedSearch] = {}
        self._renamed: int | None = None
        self.setWindowTitle("Saved searches")
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.head = TextLabel("", "head of a panel", tabular=True)
        self.table = _Table(RowTableModel(self._columns()))
        self.naming = NamingRow("Name of the search", LONGEST_NAME)
        self.save = DefaultButton("Save this search…")
        self.undo = DefaultButton("Undo", "undo-2")
        self.rename = DefaultButton("Rename", "pencil", "Another name (F2)")
        self.delete = DefaultButton("Delete", tooltip="Forget the search (Delete)")
        self.ask = PrimaryButton("Search", tooltip="Ask it again (Enter)")
        self.close_button = DefaultButton("Close")
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        space = tokens().space
        top = QVBoxLayout()
        top.setContentsMargins(space[6], space[5], space[6], space[3])
        top.setSpacing(space[2])
        line = QHBoxLayout()
        line.addWidget(self.head, 1)
        line.addWidget(self.save)
        top.addLayout(line)
        top.addWidget(TextLabel(ABOUT, "body", "text2", wrap=True))
        top.addWidget(self.naming)
        row = QHBoxLayout()
        row.setContentsMargins(space[6], space[3], space[6], space[4])
        row.setSpacing(space[2])
        row.addWidget(self.undo)
        row.addStretch(1)
        for button in (self.rename, self.delete, self.close_button, self.ask):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(Hairline())
        column.addWidget(self.table, 1)
        column.addWidget(Hairline())
        column.addLayout(row)
        self.naming.hide()
        self.resize(space[8] * 24, space[8] * 14)

    def _connect(self) -> None:
        session, table = self._session, self.table
        table.row_activated.connect(self._on_ask)
        table.current_row_changed.connect(self._refresh_buttons)
        table.rename_wanted.connect(self._begin_renaming)
        table.delete_wanted.connect(self._on_delete)
        self.naming.kept.connect(self._on_named)
        self.naming.given_up.connect(self._end_naming)
        self.save.clicked.connect(self.begin_saving)
        self.undo.clicked.connect(session.undo.undo)
        self.rename.clicked.connect(self._begin_renaming)
        self.delete.clicked.connect(self._on_delete)
        self.ask.clicked.connect(self._on_ask)
        self.close_button.clicked.connect(self.close)
        self._book.saved_changed.connect(self.refresh)
        session.undo.indexChanged.connect(self._refresh_buttons)
        session.project_changed.connect(self.close)

    def _columns(self) -> list[Column]:
        wide = tokens().space[8]
        return [
            Column("name", "Name", self._name, width=wide * 6, stretch=True, sortable=False,
                   role="label"),
            Column("asks", "Searches for", self._told, width=wide * 9, stretch=True,
                   sortable=False, colour="text2"),
            Column("saved", "Saved", self._saved, width=wide * 5, sortable=False, colour="text2"),
        ]  # fmt: skip

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Read the searches again; the newest stands first."""
        if self._session.project is None:
            return
        try:
            self._searches = {one.id: one for one in reversed(self._book.searches)}
        except KnownError as error:
            self._searches = {}
            self.naming.say(error.sentence)
        before = self.table.current_id
        place = -1 if before is None else self.table.row_model.row_of(before)
        order = np.fromiter(self._searches, np.int64, len(self._searches))
        self.table.row_model.set_order(order, already_sorted=True)
        if self.table.current_id not in self._searches and len(order):
            self.table.select_id(int(order[min(max(0, place), len(order) - 1)]))
        self.table.set_empty_text(NONE_YET)
        count = len(self._searches)
        words = "saved search" if count == 1 else "saved searches"
        self.head.setText(f"{count:,} {words}" if count else "Saved searches")
        self._refresh_buttons()

    @Slot()
    def _refresh_buttons(self, *_: object) -> None:
        refused = read_only_reason(self._session)
        chosen = "" if self.table.current_id in self._searches else NONE_CHOSEN
        search = self._session.search
        asks = search is not None and search.state.asks_something
        self.ask.set_disabled_reason(chosen)
        self.rename.set_disabled_reason(refused or chosen)
        self.delete.set_disabled_reason(refused or chosen)
        self.save.set_disabled_reason(refused or ("" if asks else NOTHING_ASKED))
        nothing = "" if self._session.undo.canUndo() else "There is nothing to undo."
        self.undo.set_disabled_reason(nothing)

    def _name(self, number: int) -> str:
        return self._searches[number].name

    def _told(self, number: int) -> str:
        try:
            return search_in_words(self._book.state_of(self._searches[number]), self._names)
        except KnownError as error:
            return error.sentence

    def _saved(self, number: int) -> str:
        return moment_text(self._searches[number].created)

    # -- what a person does ------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self._session.undo.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._session.undo.redo()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_ask(self, *_: object) -> None:
        saved, live = self._searches.get(self.table.current_id or -1), self._session.search
        if saved is None or live is None:
            return
        try:
            state = self._book.state_of(saved)
        except KnownError as error:
            self.naming.say(error.sentence)
            return
        live.set_state(state, f"Search “{saved.name}”")
        self.close()

    @Slot()
    def _on_delete(self) -> None:
        number = self.table.current_id
        if number is not None and number in self._searches:
            try:
                self._book.delete(number)
            except KnownError as error:
                self.naming.say(error.sentence)

    @Slot()
    def _begin_renaming(self) -> None:
        number = self.table.current_id
        if number is not None and not read_only_reason(self._session):
            self._renamed = number
            self.naming.begin(self._name(number))

    @Slot()
    def begin_saving(self) -> None:
        """Asks for a name for what is searched for now."""
        search = self._session.search
        if search is not None and search.state.asks_something:
            self._renamed = None
            self.naming.begin(search.state.text[:LONGEST_NAME])

    @Slot(str)
    def _on_named(self, name: str) -> None:
        search = self._session.search
        try:
            if self._renamed is not None:
                self._book.rename(self._renamed, name)
            elif search is not None:
                state = search.state
                self.table.select_id(
                    self._book.save_search(name, state.kept_request, state.settings)
                )
        except KnownError as error:
            self.naming.say(error.sentence)
            return
        self._end_naming()

    @Slot()
    def _end_naming(self) -> None:
        self.naming.end()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresh_buttons()


class _Table(RowTable):
    """Rows that F2 renames and Delete deletes."""

    rename_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, model: RowTableModel) -> None:
        super().__init__(
            model, tokens().row_height.table, "Saved searches", side_padding=tokens().space[6]
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2 and self.current_id is not None:
            self.rename_wanted.emit()
        elif event.key() == Qt.Key.Key_Delete and self.current_id is not None:
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)
