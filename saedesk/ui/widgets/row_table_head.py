"""The head of a `RowTable`: 28 px, small type, an arrow at the sorted column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QToolTip

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import (
    CENTRE,
    LEFT,
    RIGHT,
    draw_hairline,
    draw_line_of_text,
    shade,
    text_width,
)
from saedesk.ui.widgets.plain_tooltip import escaped

if TYPE_CHECKING:
    from saedesk.ui.widgets.row_table import RowTable


class RowTableHead(QHeaderView):
    """A click sorts; the arrow stands left of right-aligned titles, right of left-aligned ones."""

    arranged = Signal()
    """A person moved a column, or made one wider."""
    menu_requested = Signal(QPoint)
    """Right click: the place on the screen."""

    def __init__(self, table: RowTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(tokens().space[6])
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setFixedHeight(tokens().row_height.column_head)
        self.setMouseTracking(True)
        self._hovered = -1
        self._before: list[tuple[int, int]] = []
        table.row_model.sort_changed.connect(self._repaint)
        self.sectionClicked.connect(self._on_click)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), tokens().row_height.column_head)

    def mouseMoveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().mouseMoveEvent(event)
        hovered = self.logicalIndexAt(event.position().toPoint())
        if hovered != self._hovered:
            self._hovered = hovered
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._before = self._arrangement()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._before and self._before != self._arrangement():
            self.arranged.emit()
        self._before = []

    def _arrangement(self) -> list[tuple[int, int]]:
        """Place and width of each column."""
        return [(self.visualIndex(at), self.sectionSize(at)) for at in range(self.count())]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().leaveEvent(event)
        self._hovered = -1
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            section = self.logicalIndexAt(event.pos())  # type: ignore[attr-defined]
            columns = self._table.row_model.columns
            text = columns[section].tooltip if 0 <= section < len(columns) else ""
            QToolTip.showText(event.globalPos(), escaped(text), self)  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        bottom = self.height() - tokens().line
        draw_hairline(painter, 0, bottom, self.width(), bottom)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.fillRect(rect, shade(str(self._table.property("ground") or "surface")))
        if not rect.isValid():
            return
        column = self._table.row_model.columns[section]
        place = self._table.itemDelegate().content_rect(QRectF(rect), section)
        chosen = self._table.row_model.sorted_by == column.name
        role = "sorted column head" if chosen else "column head"
        over = section == self._hovered and column.sortable
        colour = "text1" if chosen or over else "text2"
        align = {"left": LEFT, "right": RIGHT, "centre": CENTRE}[column.align]
        if chosen:
            place = self._paint_arrow(painter, place, column.title, column.align)
        draw_line_of_text(painter, place, column.title, role, colour, align)

    def _paint_arrow(self, painter: QPainter, place: QRectF, title: str, align: str) -> QRectF:
        size, gap = tokens().icon_sizes.small, tokens().grid + 1
        width = text_width(title, "sorted column head")
        icon = "arrow-down" if self._table.row_model.descending else "arrow-up"
        if align == "left":
            x = place.left() + min(width, place.width() - size - gap) + gap
            title_place = place.adjusted(0, 0, -(size + gap), 0)
        else:
            x = place.right() - width - gap - size
            title_place = place
        square = QRectF(x, place.center().y() - size / 2, size, size)
        paint_icon(painter, icon, square, "text1", size)
        return title_place

    def _on_click(self, section: int) -> None:
        model = self._table.row_model
        column = model.columns[section]
        if not column.sortable:
            return
        descending = column.descending_first
        if model.sorted_by == column.name:
            descending = not model.descending
        model.sort_by(column.name, descending)

    def _repaint(self) -> None:
        self.viewport().update()
