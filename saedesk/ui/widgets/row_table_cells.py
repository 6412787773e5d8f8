"""Paints the cells of a `RowTable`: tints, selection bar, hairline, one line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import CENTRE, LEFT, RIGHT, draw_line_of_text, shade
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.row_table_model import CellState, Column

if TYPE_CHECKING:
    from saedesk.ui.widgets.row_table import RowTable

ALIGNMENTS = {"left": LEFT, "right": RIGHT, "centre": CENTRE}


class RowTableDelegate(QStyledItemDelegate):
    """One delegate for all columns; a column with a painter of its own paints its content."""

    def __init__(self, table: RowTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        table, row = self._table, index.row()
        rect = QRectF(option.rect)
        selected = table.selectionModel().isRowSelected(row, QModelIndex())
        state = CellState(
            row_id=table.row_model.row_id(row),
            selected=selected,
            hovered=row == table.hovered_row,
            focused=table.has_keyboard(),
        )
        self._paint_ground(painter, rect, index, state)
        column = table.column_at(index)
        place = self.content_rect(rect, index.column())
        if not table.dirty.intersects(place.toAlignedRect()):
            return
        if column.paint is not None:
            painter.save()
            painter.setClipRect(rect)
            column.paint(painter, place, state)
            painter.restore()
            return
        colour = column.colour if isinstance(column.colour, str) else column.colour(state.row_id)
        text = column.text(state.row_id)
        align = ALIGNMENTS[column.align]
        tabular = column.align == "right"
        draw_line_of_text(painter, place, text, column.role, colour, align, tabular)

    def content_rect(self, rect: QRectF, column: int) -> QRectF:
        """The part of a cell that holds its content."""
        gap, side = tokens().space[2], self._table.side_padding
        last = column == self._table.row_model.columnCount() - 1
        left = side if column == 0 else gap
        right = max(gap // 2, side - self._taken()) if last else gap
        return rect.adjusted(left, 0, -right, 0)

    def _taken(self) -> int:
        """Width of the scroll bar: it lies in the padding, so that the numbers stand still."""
        bar = self._table.verticalScrollBar()
        return bar.width() if bar.isVisible() else 0

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(self._table.row_model.columns[index.column()].width, option.rect.height())

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Any,
    ) -> bool:
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        column = self._table.column_at(index)
        text = column.text(self._table.row_model.row_id(index.row()))
        shown = self._cut(column, text, QRectF(option.rect), index.column())
        QToolTip.showText(event.globalPos(), escaped(text) if shown else "", view)
        return True

    def _cut(self, column: Column, text: str, rect: QRectF, at: int) -> bool:
        font = Theme.current().font(column.role, column.align == "right")
        room = self.content_rect(rect, at).width()
        return QFontMetricsF(font).horizontalAdvance(text[:300]) > room

    def _paint_ground(self, painter: QPainter, rect: QRectF, index: Any, state: CellState) -> None:
        table, first = self._table, index.column() == 0
        if state.selected:
            painter.fillRect(rect, shade("selection" if state.focused else "selectionDim"))
        elif state.hovered:
            painter.fillRect(rect, shade("hover"))
        start = rect.left() + (table.line_from if first else 0)
        last = index.column() == table.row_model.columnCount() - 1
        end = rect.right() - (max(0, table.line_to - self._taken()) if last else 0)
        line = tokens().line
        bottom = QRectF(start, rect.bottom() - line, end - start, line)
        painter.fillRect(bottom, shade("line"))
        if state.selected and first:
            bar = QRectF(rect.left(), rect.top(), tokens().selection_bar, rect.height())
            painter.fillRect(bar, shade("accent" if state.focused else "lineControl"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
