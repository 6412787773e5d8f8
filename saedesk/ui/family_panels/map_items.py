"""What the heat map of who fires with whom is made of: its cells, what lies over them, a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPaintEngine, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.ui.family_panels.co_occurrence_blocks import MapCells, cell_lines


class CellsItem(pg.ImageItem):
    """The cells as an image of one pixel each; rectangles where a drawing is made of lines."""

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self._colours, self._nothing = np.zeros((0, 0, 4), np.uint8), QColor()
        self._area = QRectF()

    def set_area(self, area: QRectF) -> None:
        """Where the cells stand in the scene."""
        self._area = area
        if self.image is not None:
            self.setRect(area)

    def show_colours(self, colours: np.ndarray, nothing: QColor) -> None:
        """Draw (n, n, 4) uint8; `nothing` is the colour of the ground."""
        self._colours, self._nothing = colours, nothing
        self.setVisible(bool(colours.size))
        if colours.size:
            self.setImage(colours, autoLevels=False, levels=None)
            self.setRect(self._area)

    def paint(self, painter: QPainter, *args: Any) -> None:
        engine = painter.paintEngine()
        if engine is None or engine.type() != QPaintEngine.Type.SVG:
            super().paint(painter, *args)
            return
        rows, columns = self._colours.shape[:2]
        painter.fillRect(QRectF(0, 0, columns, rows), self._nothing)
        ground = np.array(self._nothing.getRgb(), np.uint8)
        shown = np.argwhere((self._colours != ground).any(axis=2))
        for row, column in shown.tolist():
            colour = QColor(*self._colours[row, column].tolist())
            painter.fillRect(QRectF(column, row, 1, 1), colour)


class MarksItem(pg.GraphicsObject):
    """Lies over the cells and draws everything else, in pixels of the widget."""

    def __init__(self, draws: Callable[[QPainter], None]) -> None:
        super().__init__()
        self._draws, self._rect = draws, QRectF()
        self.setZValue(1)

    def refit(self, rect: QRectF) -> None:
        """Take another room."""
        self.prepareGeometryChange()
        self._rect = rect
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        self._draws(painter)


def cell_menu(
    host: QWidget,
    cells: MapCells,
    cell: tuple[int, int],
    choose: Callable[[int], None],
    show_family: Callable[[int], None],
) -> QMenu:
    """What can be done with a cell: choose its row or column, show the family of its row, copy.

    `choose` is called with a row or column, `show_family` with a root.
    """
    menu = QMenu(host)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    verb = "Show the family" if cells.of_families else "Select"
    for at in dict.fromkeys(cell):
        menu.addAction(f"{verb} “{_escaped(cells.names[at])}”", partial(choose, at))
    if not cells.of_families:
        block = cells.block_at(cell[0])
        menu.addAction(
            f"Show the family “{_escaped(block.name)}”", partial(show_family, block.root)
        )
    title, other, number, text = cell_lines(cells, *cell)
    told = "\n".join(filter(None, (title, other, f"{number} {text}")))
    menu.addAction("Copy", partial(QGuiApplication.clipboard().setText, told))
    return menu


def _escaped(name: str) -> str:
    return name.replace("&", "&&")
