"""The saved selections: shown in Corpus, renamed, deleted; every change can be undone."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.project.selection_store import LONGEST_NAME, SavedSelection
from saedesk.session.session import Session
from saedesk.ui.features_panels.number_texts import moment_text
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.selection_panels.naming_row import NamingRow
from saedesk.ui.selection_panels.origin_words import FROM_FILTER, UNKNOWN, origin_text
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.text_label import TextLabel

ABOUT = (
    "A selection is a set of documents under a name. Save one from the histogram of a feature, or "
    "what the filter in Corpus lets through. Deleting a selection leaves its documents alone."
)
NONE_YET = "Nothing is saved yet."
NO_FILTER = "Set a filter in Corpus first; what it lets through can be saved then."
NONE_CHOSEN = "Choose a selection in the list first."


def open_selections_dialog(
    session: Session, parent: QWidget, filtered: np.ndarray | None = None
) -> SelectionsDialog | None:
    """Shows the dialog beside the window; `filtered` are the ids that the filter lets through."""
    if session.project is None:
        return None
    dialog = SelectionsDialog(session, filtered, parent.window())
    dialog.show()
    dialog.activateWindow()
    dialog.table.setFocus(Qt.FocusReason.TabFocusReason)
    return dialog


class SelectionsDialog(QDialog):
    """Enter shows the documents of a row, F2 renames it, Delete deletes it."""

    def __init__(
        self, session: Session, filtered: np.ndarray | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._filtered = session, filtered
        self._selections: dict[int, SavedSelection] = {}
        self._renamed: int | None = None
        self.setWindowTitle("Saved selections")
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.head = TextLabel("", "head of a panel", tabular=True)
        self.table = _Table(RowTableModel(self._columns()))
        self.naming = NamingRow("Name of the selection", LONGEST_NAME)
        self.keep_filter = DefaultButton("Save what the filter shows…")
        self.undo = DefaultButton("Undo", "undo-2")
        self.rename = DefaultButton("Rename", "pencil", "Another name (F2)")
        self.delete = DefaultButton("Delete", tooltip="Forget the selection (Delete)")
        self.show_button = PrimaryButton("Show documents", tooltip="In the table of Corpus (Enter)")
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
        line.addWidget(self.keep_filter)
        top.addLayout(line)
        top.addWidget(TextLabel(ABOUT, "body", "text2", wrap=True))
        top.addWidget(self.naming)
        row = QHBoxLayout()
        row.setContentsMargins(space[6], space[3], space[6], space[4])
        row.setSpacing(space[2])
        row.addWidget(self.undo)
        row.addStretch(1)
        for button in (self.rename, self.delete, self.close_button, self.show_button):
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
        table.row_activated.connect(self._on_show)
        table.current_row_changed.connect(self._on_current)
        table.rename_wanted.connect(self._begin_renaming)
        table.delete_wanted.connect(self._on_delete)
        self.naming.kept.connect(self._on_named)
        self.naming.given_up.connect(self._end_naming)
        self.keep_filter.clicked.connect(self._begin_saving)
        self.undo.clicked.connect(session.undo.undo)
        self.rename.clicked.connect(self._begin_renaming)
        self.delete.clicked.connect(self._on_delete)
        self.show_button.clicked.connect(self._on_show)
        self.close_button.clicked.connect(self.close)
        session.selections.changed.connect(self.refresh)
        session.undo.indexChanged.connect(self._refresh_buttons)
        session.sae_changed.connect(self.refresh)
        session.project_changed.connect(self.close)

    def _columns(self) -> list[Column]:
        wide = tokens().space[8]
        return [
            Column("name", "Name", self._name, width=wide * 5, stretch=True, sortable=False,
                   role="label"),
            Column("documents", "Documents", self._documents, "right", wide * 3, sortable=False),
            Column("origin", "Comes from", self._origin, width=wide * 5, stretch=True,
                   sortable=False, colour="text2"),
            Column("saved", "Saved", self._saved, width=wide * 5, sortable=False, colour="text2"),
        ]  # fmt: skip

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Read the selections again; the newest stands first."""
        if self._session.project is None:
            return
        self._selections = {one.id: one for one in reversed(self._session.selections.selections)}
        order = np.fromiter(self._selections, np.int64, len(self._selections))
        place = self._place_in(order)
        self.table.row_model.set_order(order, already_sorted=True)
        if self.table.current_id not in self._selections and len(order):
            self.table.select_id(int(order[min(place, len(order) - 1)]))
        self.table.set_empty_text(NONE_YET)
        count = len(self._selections)
        words = "saved selection" if count == 1 else "saved selections"
        self.head.setText(f"{count:,} {words}" if count else "Saved selections")
        self._refresh_buttons()

    def _place_in(self, order: np.ndarray) -> int:
        """Where the row in hand stood, so that the next one takes its place."""
        current = self.table.current_id
        place = -1 if current is None else self.table.row_model.row_of(current)
        return max(0, min(place, len(order) - 1))

    @Slot()
    def _refresh_buttons(self, *_: object) -> None:
        refused = read_only_reason(self._session)
        chosen = "" if self.table.current_id in self._selections else NONE_CHOSEN
        self.show_button.set_disabled_reason(chosen)
        self.rename.set_disabled_reason(refused or chosen)
        self.delete.set_disabled_reason(refused or chosen)
        no_filter = NO_FILTER if self._filtered is None else ""
        self.keep_filter.set_disabled_reason(refused or no_filter)
        nothing = "" if self._session.undo.canUndo() else "There is nothing to undo."
        self.undo.set_disabled_reason(nothing)

    @Slot(object)
    def _on_current(self, _: object) -> None:
        self._refresh_buttons()

    def _name(self, number: int) -> str:
        return self._selections[number].name

    def _documents(self, number: int) -> str:
        return f"{self._selections[number].n_documents:,}"

    def _origin(self, number: int) -> str:
        return origin_text(self._session, self._selections[number].origin)

    def _saved(self, number: int) -> str:
        return moment_text(self._selections[number].created) or UNKNOWN

    # -- what a person does ------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self._session.undo.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._session.undo.redo()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_show(self, *_: object) -> None:
        number = self.table.current_id
        if number is None:
            return
        try:
            self._session.selections.show(number)
        except KnownError as error:
            self._say(error)
        else:
            self.close()

    @Slot()
    def _on_delete(self) -> None:
        number = self.table.current_id
        if number is None:
            return
        try:
            self._session.selections.delete(number)
        except KnownError as error:
            self._say(error)

    @Slot()
    def _begin_renaming(self) -> None:
        number = self.table.current_id
        if number is not None and not read_only_reason(self._session):
            self._renamed = number
            self.naming.begin(self._name(number))

    @Slot()
    def _begin_saving(self) -> None:
        self._renamed = None
        self.naming.begin("")

    @Slot(str)
    def _on_named(self, name: str) -> None:
        book = self._session.selections
        try:
            if self._renamed is not None:
                book.rename(self._renamed, name)
            elif self._filtered is not None:
                saved = book.save(name, self._filtered, FROM_FILTER)
                self.table.select_id(saved)
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

    def __init__(self, model: RowTableModel) -> None:
        super().__init__(
            model, tokens().row_height.table, "Saved selections", side_padding=tokens().space[6]
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2 and self.current_id is not None:
            self.rename_wanted.emit()
        elif event.key() == Qt.Key.Key_Delete and self.current_id is not None:
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)
