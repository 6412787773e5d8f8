"""What is saved under names, in a list: used, renamed, deleted; every change can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.project.selection_store import LONGEST_NAME
from saedesk.session.session import Session
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.selection_panels.naming_row import NamingRow
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.button_row import button_row
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.widgets.undo_keys import undone_by_key


@dataclass(frozen=True)
class ListWords:
    """What a list of saved things says of itself."""

    thing: str
    """"search" or "selection"."""
    things: str
    about: str
    none_yet: str
    save: str
    """On the button that saves what is there now."""
    use: str
    """On the button that uses what is chosen."""
    use_tooltip: str


class SavedListDialog(QDialog):
    """Enter uses a row, F2 renames it, Delete deletes it. A subclass refreshes it once it is made.

    What is saved has an `id`, a `name` and the moment it was `created`.
    """

    def __init__(self, session: Session, words: ListWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._words = session, words
        self._shown: dict[int, Any] = {}
        self._renamed: int | None = None
        self.setWindowTitle(f"Saved {words.things}")
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.head = TextLabel("", "head of a panel", tabular=True)
        self.table = _Table(RowTableModel(self._columns()), f"Saved {words.things}")
        self.naming = NamingRow(f"Name of the {words.thing}", LONGEST_NAME)
        self.save = DefaultButton(words.save)
        self.undo = DefaultButton("Undo", "undo-2")
        self.rename = DefaultButton("Rename", "pencil", "Another name (F2)")
        self.delete = DefaultButton("Delete", tooltip=f"Forget the {words.thing} (Delete)")
        self.use = PrimaryButton(words.use, tooltip=words.use_tooltip)
        self.close_button = DefaultButton("Close")
        self._build()
        self._connect()

    def _build(self) -> None:
        space = tokens().space
        top = QVBoxLayout()
        top.setContentsMargins(space[6], space[5], space[6], space[3])
        top.setSpacing(space[2])
        line = QHBoxLayout()
        line.addWidget(self.head, 1)
        line.addWidget(self.save)
        top.addLayout(line)
        top.addWidget(TextLabel(self._words.about, "body", "text2", wrap=True))
        top.addWidget(self.naming)
        answers = (self.rename, self.delete, self.close_button, self.use)
        row = button_row(*answers, left=[self.undo])
        row.setContentsMargins(space[6], space[3], space[6], space[4])
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
        table.row_activated.connect(self._on_use)
        table.current_row_changed.connect(self._refresh_buttons)
        table.rename_wanted.connect(self._begin_renaming)
        table.delete_wanted.connect(self._on_delete)
        self.naming.kept.connect(self._on_named)
        self.naming.given_up.connect(self._end_naming)
        self.save.clicked.connect(self.begin_saving)
        self.undo.clicked.connect(session.undo.undo)
        self.rename.clicked.connect(self._begin_renaming)
        self.delete.clicked.connect(self._on_delete)
        self.use.clicked.connect(self._on_use)
        self.close_button.clicked.connect(self.close)
        session.undo.indexChanged.connect(self._refresh_buttons)
        session.project_changed.connect(self.close)

    def show_list(self) -> None:
        """Shows it beside the window, the keyboard in the list."""
        self.show()
        self.activateWindow()
        self.table.setFocus(Qt.FocusReason.TabFocusReason)

    # -- what a subclass says ------------------------------------------------------------------

    def _columns(self) -> list[Column]:
        raise NotImplementedError

    def _read(self) -> Iterable[Any]:
        """All that is saved, oldest first; raises KnownError where it cannot be read."""
        raise NotImplementedError

    def _use(self, number: int) -> None:
        """Raises KnownError where it cannot be used."""
        raise NotImplementedError

    def _reason_not_to_save(self) -> str:
        """Why there is nothing to save now, in a sentence; "" where there is something."""
        raise NotImplementedError

    def _suggested(self) -> str:
        """The name that is suggested for it."""
        return ""

    def _save_as(self, name: str) -> int:
        raise NotImplementedError

    def _rename_to(self, number: int, name: str) -> None:
        raise NotImplementedError

    def _forget(self, number: int) -> None:
        raise NotImplementedError

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Read what is saved again; the newest stands first."""
        if self._session.project is None:
            return
        try:
            saved = list(self._read())
        except KnownError as error:
            saved = []
            self.naming.say(error.sentence)
        self._shown = {one.id: one for one in reversed(saved)}
        before = self.table.current_id
        place = -1 if before is None else self.table.row_model.row_of(before)
        order = np.fromiter(self._shown, np.int64, len(self._shown))
        self.table.row_model.set_order(order, already_sorted=True)
        if self.table.current_id not in self._shown and len(order):
            self.table.select_id(int(order[min(max(0, place), len(order) - 1)]))
        self.table.set_empty_text(self._words.none_yet)
        count, words = len(self._shown), self._words
        many = words.thing if count == 1 else words.things
        self.head.setText(f"{count:,} saved {many}" if count else f"Saved {words.things}")
        self._refresh_buttons()

    @Slot()
    def _refresh_buttons(self, *_: object) -> None:
        refused = read_only_reason(self._session)
        is_chosen = self.table.current_id in self._shown
        chosen = "" if is_chosen else f"Choose a {self._words.thing} in the list first."
        self.use.set_disabled_reason(chosen)
        self.rename.set_disabled_reason(refused or chosen)
        self.delete.set_disabled_reason(refused or chosen)
        self.save.set_disabled_reason(refused or self._reason_not_to_save())
        nothing = "" if self._session.undo.canUndo() else "There is nothing to undo."
        self.undo.set_disabled_reason(nothing)

    def _name(self, number: int) -> str:
        name: str = self._shown[number].name
        return name

    # -- what a person does ------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not undone_by_key(event, self._session.undo):
            super().keyPressEvent(event)

    @Slot()
    def _on_use(self, *_: object) -> None:
        number = self.table.current_id
        if number not in self._shown:
            return
        try:
            self._use(number)
        except KnownError as error:
            self._say(error)
        else:
            self.close()

    @Slot()
    def _on_delete(self) -> None:
        number = self.table.current_id
        if number not in self._shown:
            return
        try:
            self._forget(number)
        except KnownError as error:
            self._say(error)

    @Slot()
    def _begin_renaming(self) -> None:
        number = self.table.current_id
        if number in self._shown and not read_only_reason(self._session):
            self._renamed = number
            self.naming.begin(self._name(number))

    @Slot()
    def begin_saving(self) -> None:
        """Asks for a name for what can be saved now."""
        if not self._reason_not_to_save():
            self._renamed = None
            self.naming.begin(self._suggested())

    @Slot(str)
    def _on_named(self, name: str) -> None:
        try:
            if self._renamed is not None:
                self._rename_to(self._renamed, name)
            elif not self._reason_not_to_save():
                self.table.select_id(self._save_as(name))
        except KnownError as error:
            self.naming.say(error.sentence)
            return
        self._end_naming()

    @Slot()
    def _end_naming(self) -> None:
        self.naming.end()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresh_buttons()

    def _say(self, error: KnownError) -> None:
        self.naming.say(error.sentence)
        self.refresh()


class _Table(RowTable):
    """Rows that F2 renames and Delete deletes."""

    rename_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, model: RowTableModel, name: str) -> None:
        super().__init__(model, tokens().row_height.table, name, side_padding=tokens().space[6])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2 and self.current_id is not None:
            self.rename_wanted.emit()
        elif event.key() == Qt.Key.Key_Delete and self.current_id is not None:
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)
