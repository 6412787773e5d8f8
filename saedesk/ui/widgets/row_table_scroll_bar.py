"""The scroll bar of a `RowTable`: rows reach the edge of the table beneath it.

It stands beside the rows and paints their tints and hairlines on; lying over them would make Qt
paint every row again for each step of scrolling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollBar

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import shade

if TYPE_CHECKING:
    from saedesk.ui.widgets.row_table import RowTable


class RowTableScrollBar(QScrollBar):
    """Begins under the head of its table."""

    def __init__(self, table: RowTable) -> None:
        super().__init__(Qt.Orientation.Vertical, table)
        self._table = table
        self.setProperty("under_head", "true")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), shade(str(self._table.property("ground"))))
        self._paint_rows(painter)
        painter.end()
        super().paintEvent(event)

    def _paint_rows(self, painter: QPainter) -> None:
        table, line, width = self._table, tokens().line, self.width()
        top = table.viewport().y()
        painter.fillRect(QRect(0, top - line, width, line), shade("line"))
        first, last = table.rows_in_view()
        selection, focused = table.selectionModel(), table.has_keyboard()
        hairline = max(0, width - table.line_to)
        for row in range(first, last + 1):
            place = QRect(0, top + table.rowViewportPosition(row), width, table.rowHeight(row))
            place.setTop(max(place.top(), top))
            if selection.isRowSelected(row, QModelIndex()):
                painter.fillRect(place, shade("selection" if focused else "selectionDim"))
            elif row == table.hovered_row:
                painter.fillRect(place, shade("hover"))
            painter.fillRect(QRect(0, place.bottom() + 1 - line, hairline, line), shade("line"))
