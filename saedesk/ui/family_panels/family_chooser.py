"""Chooses one of all families, by what it is called or by a member."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from saedesk.session.family_book import family_book
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_rows import SIZE, FamilyRows
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.text_field import SearchField
from saedesk.ui.widgets.text_label import TextLabel

NOTHING_FITS = "No other family and no member has this label."


class FamilyChooser(QDialog):
    """Typing filters, Enter takes the marked family, arrows mark another, Escape takes none."""

    def __init__(
        self,
        session: Session,
        root: int,
        title: str,
        take: Callable[[int], None],
        parent: QWidget | None = None,
    ) -> None:
        """`root` is the family that cannot be chosen; `take` gets the root of the chosen one."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "raised")
        self.setAccessibleName(title)
        features = session.book
        assert features is not None
        self._root, self._on_taken = root, take
        self._rows = FamilyRows(family_book(session), features)
        self.field = SearchField("Filter by label or member", accessible_name=title)
        self.field.text_changed.connect(self._refresh)
        self.field.submitted.connect(self._take_marked)
        columns = [
            Column("label", "Family", self._rows.name, stretch=True, sortable=False),
            Column("size", "Size", self._size, "right", 64, sortable=False, colour="text2"),
        ]
        pad, space = tokens().padding.hover_card, tokens().space
        dense = tokens().row_height.table_dense
        self.table = RowTable(RowTableModel(columns), dense, "Families", pad, ground="raised")
        self.table.set_empty_text(NOTHING_FITS)
        self.table.row_activated.connect(self._take)
        self.table.cell_clicked.connect(self._take)
        head = QVBoxLayout()
        head.setContentsMargins(pad, pad, pad, 0)
        head.setSpacing(space[2])
        head.addWidget(TextLabel(title, "head of a section", elide=True))
        head.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 1, 1)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        self._refresh("")

    def open_at(self, place: QPoint) -> None:
        """Show it at a place of the screen, or as near as it is whole."""
        size, screen = self.sizeHint(), QGuiApplication.screenAt(place)
        if screen is not None:
            room = screen.availableGeometry()
            left = min(place.x(), room.right() - size.width())
            top = min(place.y(), room.bottom() - size.height())
            place = QPoint(max(room.left(), left), max(room.top(), top))
        self.move(place)
        self.show()
        self.field.setFocus()

    def sizeHint(self) -> QSize:
        side = tokens().space[8]
        return QSize(side * 12, side * 12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self.field.hasFocus():
            self._mark(step)
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # Those the field and the table have answered.
            super().keyPressEvent(event)

    def _mark(self, step: int) -> None:
        model, current = self.table.row_model, self.table.current_id
        row = -1 if current is None else model.row_of(current)
        if model.rowCount():
            self.table.select_id(model.row_id(min(max(0, row + step), model.rowCount() - 1)))

    def _size(self, root: int) -> str:
        return f"{self._rows.family(root).size:,}"

    @Slot(str)
    def _refresh(self, text: str) -> None:
        found = self._rows.ordered(self._rows.matching(text), SIZE, descending=True)
        found = found[found != self._root]
        self.table.row_model.set_order(np.asarray(found, np.int64), already_sorted=True)
        self.table.select_id(int(found[0]) if len(found) else None)

    @Slot(str)
    def _take_marked(self, _: str) -> None:
        if self.table.current_id is not None:
            self._take(self.table.current_id)

    @Slot(object)
    def _take(self, root: object, _column: str = "") -> None:
        assert isinstance(root, int)
        self.close()
        self._on_taken(root)
