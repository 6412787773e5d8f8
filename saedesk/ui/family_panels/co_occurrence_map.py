"""The heat map of who fires with whom: features in family order, shares in logarithmic colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QWidget

from saedesk.ui.family_panels.co_occurrence_blocks import (
    NO_CELLS,
    MapBlock,
    MapCells,
    cell_lines,
    cell_table,
)
from saedesk.ui.family_panels.map_drawing import (
    MapPlace,
    cell_colours,
    draw_bars,
    draw_cell_mark,
    draw_frames,
    draw_legend,
    draw_names,
    draw_selected,
    name_places,
)
from saedesk.ui.family_panels.map_items import CellsItem, MarksItem, cell_menu
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.theme import apply_to_plots
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.hover_card import CardLine, HoverCard
from saedesk.ui.widgets.plot_export import PlotExport

_STEPS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class CoOccurrenceMap(pg.GraphicsView, PlotExport):
    """A square of cells with its legend.

    A click on a cell chooses the feature of its row, on a bar or a name the family. Arrows move a
    mark from cell to cell, with Ctrl from family to family; Enter chooses the row’s feature, with
    Shift the column’s, with Ctrl the family; Escape takes the mark away.
    """

    feature_chosen = Signal(int)
    """A latent."""
    family_chosen = Signal(int)
    """Root of a family."""

    def __init__(self, accessible_name: str = "Who fires with whom", ground: str = "panel") -> None:
        apply_to_plots(Theme.current())
        super().__init__()
        self._ground = ground
        self._cells, self._names = NO_CELLS, list[tuple[MapBlock, QRectF, str]]()
        self._cell: tuple[int, int] | None = None
        self._feature: int | None = None
        self._place = MapPlace(tokens().layout.heat_map - 2 * tokens().padding.aside, 0)
        self._image, self._marks = CellsItem(), MarksItem(self.paint_marks)
        self.scene().addItem(self._image)
        self.scene().addItem(self._marks)
        self._card = HoverCard(self)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(accessible_name)
        FocusRingFilter(self, tokens().radius.control)
        Theme.current().changed.connect(self.retheme)
        self.set_edge(self._place.edge)
        self.retheme()

    # -- what is shown -----------------------------------------------------------------------

    @property
    def cells(self) -> MapCells:
        """What is drawn."""
        return self._cells

    @property
    def current_cell(self) -> tuple[int, int] | None:
        """Row and column under the mouse or the keyboard."""
        return self._cell

    def show_cells(self, cells: MapCells) -> None:
        """Draw another picture; the mark stays on its cell where the features are the same."""
        if cells.keys != self._cells.keys:
            self.show_cell(None)
        self._cells = cells
        self.set_edge(self._place.edge)
        self.retheme()

    def set_edge(self, edge: int) -> None:
        """Take so much width, in device-independent pixels."""
        self._place = MapPlace(edge, len(self._cells.keys))
        self._names = name_places(self._place, self._cells)
        self._image.set_area(self._place.area)
        self.setFixedSize(edge, self._place.height)
        self._marks.refit(QRectF(0, 0, edge, self._place.height))

    def select_feature(self, latent: int | None) -> None:
        """Mark the row and the column of a feature."""
        self._feature = latent
        self._marks.update()

    def retheme(self) -> None:
        """Take the colours of the theme."""
        self.setBackground(Theme.current().colour(self._ground))
        self._image.show_colours(cell_colours(self._cells), Theme.current().colour("heat0"))
        self._marks.update()

    def table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        return cell_table(self._cells)

    def place_of(self, row: int, column: int) -> QRectF:
        """Where a cell stands in the widget."""
        return self._place.cell_rect(row, column)

    def names(self) -> list[tuple[MapBlock, QRectF, str]]:
        """Families whose names are written, and where."""
        return self._names

    def show_cell(self, cell: tuple[int, int] | None) -> None:
        """Mark a cell and explain it beside it."""
        self._cell = cell
        self._marks.update()
        if cell is None or not self.isVisible():
            self._card.hide()
            self.setAccessibleDescription("")
            return
        title, other, number, text = cell_lines(self._cells, *cell)
        lines = [CardLine(f"↳ {other}", colour="text1")] if other else []
        target = self._place.cell_rect(*cell).adjusted(-6, -6, 6, 6).toRect()
        is_family = self._cells.of_families
        hint = "Click to show the family" if is_family else "Click to select the upper one"
        hint = hint if other or is_family else "Click to select it"
        self._card.show_beside(target, title, [*lines, CardLine(text, lead=number)], hint)
        self.setAccessibleDescription(". ".join(filter(None, (title, other, f"{number} {text}"))))

    def paint_marks(self, painter: QPainter) -> None:
        """Everything but the cells; called by the item that lies over them."""
        if not self._cells.keys:
            return
        draw_bars(painter, self._place, self._cells)
        draw_frames(painter, self._place, self._cells)
        draw_names(painter, self._names)
        draw_legend(painter, self._place, self._cells)
        if self._feature in self._cells.keys and not self._cells.of_families:
            draw_selected(painter, self._place, self._cells.keys.index(self._feature))
        if self._cell is not None:
            draw_cell_mark(painter, self._place.cell_rect(*self._cell))

    def _draw_on(self, painter: QPainter) -> None:
        # A view's own render has another signature than a widget's.
        self.render(painter, QRectF(self.rect()), self.viewport().rect())

    # -- mouse -------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        family, beside = self._family_at(place)
        cell = None if family is not None else self._cell_at(place)
        can = cell is not None or family is not None
        shape = Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        if family is not None:
            self._explain_family(family, beside)
        elif cell != self._cell or not self._card.isVisible():
            self.show_cell(cell)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        family, cell = self._family_at(event.position())[0], self._cell_at(event.position())
        if family is not None:
            self.family_chosen.emit(family.root)
        elif cell is not None:
            self._choose(cell[0])

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self.show_cell(None)

    def wheelEvent(self, event: Any) -> None:
        """A wheel scrolls the column the picture stands in."""
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        cell = self._cell if is_key else self._cell_at(QPointF(event.pos()))
        if cell is None:
            return
        menu = cell_menu(self, self._cells, cell, self._choose, self.family_chosen.emit)
        menu.popup(self.mapToGlobal(self.place_of(*cell).center().toPoint()))

    def _cell_at(self, place: QPointF) -> tuple[int, int] | None:
        row, column = self._place.cell_at(place.y()), self._place.cell_at(place.x())
        return (row, column) if row >= 0 and column >= 0 else None

    def _family_at(self, place: QPointF) -> tuple[MapBlock | None, QRectF]:
        """The family whose bar or name is under the mouse, and where that stands."""
        for block, rect, _ in self._names:
            if rect.contains(place):
                return block, rect
        row, column = self._place.cell_at(place.y()), self._place.cell_at(place.x())
        if (row >= 0) == (column >= 0) or min(place.x(), place.y()) >= self._place.gutter:
            return None, QRectF()
        block = self._cells.block_at(max(row, column))
        return block, self._place.bar_rect(block, at_left=row >= 0)

    def _explain_family(self, block: MapBlock, rect: QRectF) -> None:
        self.show_cell(None)
        shown = block.stop - block.start
        text = f"{block.size:,} features"
        if shown < block.size and not self._cells.of_families:
            text += f", {shown:,} of them here"
        hint = "Click to show the family"
        self._card.show_beside(rect.toRect(), block.name, [CardLine(text)], hint)

    def _choose(self, at: int) -> None:
        key = self._cells.keys[at]
        (self.family_chosen if self._cells.of_families else self.feature_chosen).emit(key)

    # -- keyboard ----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, n = Qt.Key(event.key()), len(self._cells.keys)
        modifiers = event.modifiers()
        if key in _STEPS and n:
            self._move(_STEPS[key], bool(modifiers & Qt.KeyboardModifier.ControlModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cell is not None:
            row, column = self._cell
            if modifiers & Qt.KeyboardModifier.ControlModifier:
                self.family_chosen.emit(self._cells.block_at(row).root)
            else:
                is_shifted = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
                self._choose(column if is_shifted else row)
        elif key == Qt.Key.Key_Escape and self._cell is not None:
            self.show_cell(None)
        else:
            event.ignore()

    def _move(self, step: tuple[int, int], by_family: bool) -> None:
        if self._cell is None:
            self.show_cell((0, min(1, len(self._cells.keys) - 1)))
            return
        moved = [self._stepped(at, by, by_family) for at, by in zip(self._cell, step, strict=True)]
        self.show_cell((moved[0], moved[1]))

    def _stepped(self, at: int, by: int, by_family: bool) -> int:
        last = len(self._cells.keys) - 1
        if by_family and by:
            block = self._cells.block_at(at)
            at = (block.stop if by > 0 else block.start) - (by > 0)
            by = by if by > 0 else -1
            if 0 <= at + by <= last:
                return self._cells.block_at(at + by).start
        return min(max(at + by, 0), last)

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.show_cell(None)

    def close(self) -> bool:
        """Close as any widget does; pyqtgraph would take the scene apart while Qt still uses it."""
        return bool(QWidget.close(self))

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self.show_cell(None)
