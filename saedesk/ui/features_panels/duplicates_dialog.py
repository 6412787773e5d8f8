"""Features that nearly repeat another one, each hidden with a click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from saedesk.features.near_duplicates import (
    SAME_DIRECTION,
    SHARED,
    STRONGEST,
    NearDuplicate,
)
from saedesk.session.session import Session
from saedesk.ui.feature_names import NO_LABEL_YET
from saedesk.ui.features_panels.number_texts import cosine_text
from saedesk.ui.features_panels.write_permission import may_write, read_only_reason
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.button_row import button_row
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.painting import LEFT, draw_line_of_text
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import CellState, Column, RowTableModel
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.widgets.undo_keys import undone_by_key

_ABOUT = (
    f"Their directions agree (cosine above {SAME_DIRECTION:.2f}), or {SHARED} of their {STRONGEST} "
    "strongest documents are the same. The one with a star, a person’s label or the better score "
    "stays. What is hidden is left out of the list, not deleted."
)
NONE_FOUND = "No feature nearly repeats another one."
ACTION = "action"


class DuplicatesDialog(QDialog):
    """One row a suggestion; Space or a click on Hide hides, again shows, Enter opens the page."""

    def __init__(
        self, session: Session, found: Sequence[NearDuplicate], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._found = session, list(found)
        self.setWindowTitle("Near-duplicates")
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table = RowTable(
            RowTableModel(self._columns()),
            tokens().row_height.table,
            "Near-duplicates",
            side_padding=tokens().space[6],
        )
        self.table.row_model.set_order(range(len(self._found)), already_sorted=True)  # type: ignore[arg-type]
        self.table.set_empty_text(NONE_FOUND)
        self.table.cell_clicked.connect(self._on_cell)
        self.table.row_toggled.connect(self.toggle)
        self.table.current_row_changed.connect(self._on_row)
        self.head = TextLabel("", "head of a panel", tabular=True)
        self.hide_all = DefaultButton("Hide all")
        self.hide_all.clicked.connect(self._on_hide_all)
        self.undo = DefaultButton("Undo", "undo-2")
        self.undo.clicked.connect(session.undo.undo)
        self.close_button = DefaultButton("Close")
        self.close_button.clicked.connect(self.close)
        self._build()
        assert session.book is not None
        session.book.marks_changed.connect(self._refresh)
        session.book.labels_changed.connect(self._refresh)
        session.sae_changed.connect(self.close)
        session.undo.canUndoChanged.connect(self._refresh)
        self._refresh()

    def _build(self) -> None:
        space = tokens().space
        top = QVBoxLayout()
        top.setContentsMargins(space[6], space[5], space[6], space[3])
        top.setSpacing(space[2])
        top.addWidget(self.head)
        top.addWidget(TextLabel(_ABOUT, "body", "text2", wrap=True))
        row = button_row(self.hide_all, self.close_button, left=[self.undo])
        row.setContentsMargins(space[6], space[3], space[6], space[4])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(Hairline())
        column.addWidget(self.table, 1)
        column.addWidget(Hairline())
        column.addLayout(row)
        self.resize(space[8] * 23, space[8] * 16)

    def _columns(self) -> list[Column]:
        wide = tokens().space[8]
        return [
            Column("feature", "Feature", self._feature, width=wide * 5, stretch=True,
                   sortable=False, colour=self._colour),
            Column("of", "Repeats", self._other, width=wide * 5, stretch=True, sortable=False),
            Column("cosine", "Cosine", self._cosine, "right", wide * 2 + wide // 2,
                   sortable=False, tooltip="Of their directions; 1 is the same."),
            Column("shared", "Same documents", self._shared, "right", wide * 4,
                   sortable=False, tooltip=f"Of the {STRONGEST} strongest documents of either."),
            Column(ACTION, "", self._action, width=wide * 3, sortable=False,
                   paint=self._paint_action),
        ]  # fmt: skip

    @Slot(object)
    def toggle(self, at: int) -> None:
        """Hide the feature of a row, or show it again."""
        if may_write(self._session) and self._session.book is not None:
            self._session.book.set_hidden([self._found[at].latent], not self._is_hidden(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not undone_by_key(event, self._session.undo):
            super().keyPressEvent(event)

    @Slot()
    def _refresh(self, *_: object) -> None:
        open_ = sum(not self._is_hidden(at) for at in range(len(self._found)))
        count = len(self._found)
        words = "feature nearly repeats" if count == 1 else "features nearly repeat"
        self.head.setText(f"{count:,} {words} another one" if count else NONE_FOUND)
        self.hide_all.set_text(f"Hide all {open_:,}" if open_ else "Hide all")
        all_hidden = "" if open_ else "All of them are hidden."
        self.hide_all.set_disabled_reason(read_only_reason(self._session) or all_hidden)
        nothing = "" if self._session.undo.canUndo() else "There is nothing to undo."
        self.undo.set_disabled_reason(nothing)
        self.table.row_model.refresh()

    @Slot(object, str)
    def _on_cell(self, at: int, column: str) -> None:
        if column == ACTION:
            self.toggle(at)

    @Slot(object)
    def _on_row(self, at: int | None) -> None:
        if at is not None:
            self._session.select_feature(self._found[at].latent)

    @Slot()
    def _on_hide_all(self) -> None:
        if may_write(self._session) and self._session.book is not None:
            self._session.book.set_hidden([one.latent for one in self._found], True)

    # -- cells -------------------------------------------------------------------------------

    def _is_hidden(self, at: int) -> bool:
        book = self._session.book
        return book is not None and book.mark(self._found[at].latent).hidden

    def _name(self, latent: int) -> str:
        book = self._session.book
        has_label = book is not None and book.has_label(latent)
        return f"{latent}  {book.text(latent) if book and has_label else NO_LABEL_YET}"

    def _feature(self, at: int) -> str:
        return self._name(self._found[at].latent)

    def _other(self, at: int) -> str:
        return self._name(self._found[at].of)

    def _cosine(self, at: int) -> str:
        return cosine_text(self._found[at].cosine)

    def _shared(self, at: int) -> str:
        return f"{self._found[at].shared} of {STRONGEST}"

    def _colour(self, at: int) -> str:
        return "text3" if self._is_hidden(at) else "text1"

    def _action(self, at: int) -> str:
        return "Show" if self._is_hidden(at) else "Hide"

    def _paint_action(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        colour = "disabled" if read_only_reason(self._session) else "accentText"
        draw_line_of_text(painter, place, self._action(state.row_id), "label", colour, LEFT)
