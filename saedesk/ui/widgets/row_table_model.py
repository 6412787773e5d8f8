"""The model behind every large table: columns, and an array that says which rows, in what order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QPainter

ROW_ID_ROLE = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True)
class CellState:
    """What the painter of a cell has to know."""

    row_id: int
    """The row's id, an index into the arrays behind the table."""
    selected: bool
    hovered: bool
    focused: bool
    """Whether the table has the keyboard."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a `RowTable`."""

    name: str
    """Identifies the column in signals and in `sort_by`."""
    title: str
    """The head; may be empty."""
    text: Callable[[int], str]
    """Row id to plain text; called only for rows in view."""
    align: str = "left"
    """"left", "right" (numbers) or "centre"."""
    width: int = 80
    """Device-independent pixels, padding included; the least width of a stretching column."""
    stretch: bool = False
    """Whether the column takes a share of the room that is left."""
    sort_key: np.ndarray | None = None
    """(n_rows,) by row id; None sorts through `sort_requested` if `sortable`."""
    sortable: bool = True
    descending_first: bool = False
    """Whether the first click on the head sorts from the largest."""
    tooltip: str = ""
    """What the column is and what is good; shown on the head."""
    role: str = "cell"
    """Role of type of the cells."""
    colour: str | Callable[[int], str] = "text1"
    """Token of the text's colour, or row id to token."""
    paint: Callable[[QPainter, QRectF, CellState], None] | None = None
    """Paints the cell instead of `text`; the rectangle excludes the padding."""


class RowTableModel(QAbstractTableModel):
    """Rows are ids; `order` is the int array of those in view.

    Sorting 100,000 rows is one `argsort`; a proxy model would take seconds.
    """

    sort_requested = Signal(str, bool)
    """Column name and descending, for columns without a key: the owner calls `set_order`."""
    sort_changed = Signal()

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = list(columns)
        self._order = np.empty(0, dtype=np.int64)
        self._sorted_by: str | None = None
        self._descending = False
        self._keys = {column.name: column.sort_key for column in columns}
        self._told: dict[int, list[str]] = {}

    @property
    def columns(self) -> list[Column]:
        """The columns in the order of the table."""
        return list(self._columns)

    @property
    def order(self) -> np.ndarray:
        """(n_visible,) int64, read-only: the ids of the rows in view, from the top."""
        return self._order

    @property
    def sorted_by(self) -> str | None:
        """The name of the column that sorts the table."""
        return self._sorted_by

    @property
    def descending(self) -> bool:
        """Whether the largest is at the top."""
        return self._descending

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Replaces the columns; the rows stay."""
        self.beginResetModel()
        self._columns = list(columns)
        self._keys = {column.name: column.sort_key for column in columns}
        if self._sorted_by not in self._keys:
            self._sorted_by = None
        self.endResetModel()

    def set_sort_key(self, name: str, key: np.ndarray | None) -> None:
        """Gives a column another key, (n_rows,) by row id; takes effect at the next order."""
        self._keys[name] = key

    def set_order(self, order: np.ndarray, already_sorted: bool = False) -> None:
        """Shows these rows; sorts them by the chosen column unless they are `already_sorted`."""
        order = np.array(order, dtype=np.int64)
        key = self._keys.get(self._sorted_by) if self._sorted_by else None
        if key is not None and not already_sorted:
            order = order[sorting(key[order], self._descending)]
        order.flags.writeable = False
        self.beginResetModel()
        self._order = order
        self.endResetModel()

    def sort_by(self, name: str, descending: bool) -> None:
        """Sorts by a column, or asks the owner to, and remembers it for later orders."""
        self._sorted_by, self._descending = name, descending
        if self._keys.get(name) is not None:
            self.set_order(self._order)
        else:
            self.sort_requested.emit(name, descending)
        self.sort_changed.emit()

    def mark_sorted(self, name: str | None, descending: bool = False) -> None:
        """Says which column the rows are sorted by already, without sorting."""
        self._sorted_by, self._descending = name, descending
        self.sort_changed.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Qt's own entry to sorting."""
        if 0 <= column < len(self._columns) and self._columns[column].sortable:
            self.sort_by(self._columns[column].name, order == Qt.SortOrder.DescendingOrder)

    def row_id(self, row: int) -> int:
        """The id of the row at a place in the table."""
        return int(self._order[row])

    def row_of(self, row_id: int) -> int:
        """The place of a row in the table, -1 where it is not in view."""
        found = np.flatnonzero(self._order == row_id)
        return int(found[0]) if len(found) else -1

    def refresh(self, row_id: int | None = None) -> None:
        """Repaints one row, or all, after its texts changed."""
        if not len(self._order):
            return
        first, last = 0, len(self._order) - 1
        if row_id is not None:
            first = last = self.row_of(row_id)
            if first < 0:
                return
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))

    def refresh_changed(self, row_id: int) -> None:
        """Repaints the cells of a row whose texts are others than at the last such call."""
        row = self.row_of(row_id)
        if row < 0:
            return
        texts = [column.text(row_id) for column in self._columns]
        before = self._told.get(row_id, [])
        self._told[row_id] = texts
        for at, text in enumerate(texts):
            if len(before) != len(texts) or before[at] != text:
                index = self.index(row, at)
                self.dataChanged.emit(index, index)

    def rowCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and index.isValid():
            return self._columns[index.column()].text(int(self._order[index.row()]))
        if role == ROW_ID_ROLE and index.isValid():
            return int(self._order[index.row()])
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        return None


def sorting(key: np.ndarray, descending: bool) -> np.ndarray:
    """The stable order of a key, (n,) int64; what is not a number comes last both ways."""
    order = np.argsort(key, kind="stable")
    missing = np.zeros(len(key), dtype=bool)
    if key.dtype.kind == "f":
        missing = np.isnan(key)
    if descending:
        # Reversed twice, so that equal rows keep their order.
        order = len(key) - 1 - np.argsort(key[::-1], kind="stable")[::-1]
    if missing.any():
        order = np.concatenate([order[~missing[order]], order[missing[order]]])
    return order
