"""How the picture of who fires with whom is drawn: colours, bars, frames, names, legend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QLinearGradient, QPainter

from saedesk.ui.family_panels.co_occurrence_blocks import MapBlock, MapCells, caption_text
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import (
    CENTRE,
    draw_hairline,
    draw_line_of_text,
    draw_rounded,
    shade,
    text_width,
)

SMALLEST_BLOCK = 6
"""Blocks with fewer device-independent pixels have neither lines around them nor bars apart."""
SMALLEST_NAMED = 10
"""With fewer, names would hide what they name."""


@dataclass(frozen=True)
class MapPlace:
    """Where things stand in a picture of `edge` device-independent pixels in width."""

    edge: int
    cells: int

    @property
    def gutter(self) -> int:
        """Room for the bars of the families at the left and at the top."""
        return tokens().space[3]

    @property
    def height(self) -> int:
        """Of the picture with its legend."""
        line = tokens().line_height[tokens().type["small"]]
        space = tokens().space
        return self.edge + space[4] + space[2] + 2 * line + space[2]

    @property
    def area(self) -> QRectF:
        """The cells."""
        # One pixel less, so that the frame around the cells lies inside.
        side = self.edge - self.gutter - tokens().line
        return QRectF(self.gutter, self.gutter, side, side)

    def at(self, cell: int) -> int:
        """Pixels from the left of the cells, or from their top, to a row or column."""
        return round(cell * self.area.width() / max(1, self.cells))

    def cell_rect(self, row: int, column: int) -> QRectF:
        """One cell."""
        left, top = self.at(column), self.at(row)
        wide, high = self.at(column + 1) - left, self.at(row + 1) - top
        return QRectF(self.gutter + left, self.gutter + top, wide, high)

    def bar_rect(self, block: MapBlock, at_left: bool) -> QRectF:
        """Room of the bar of a family at the left, or at the top."""
        start, stop = self.gutter + self.at(block.start), self.gutter + self.at(block.stop)
        if at_left:
            return QRectF(0, start, self.gutter, stop - start)
        return QRectF(start, 0, stop - start, self.gutter)

    def cell_at(self, x: float) -> int:
        """The row or column under a coordinate; −1 beside the cells."""
        share = (x - self.gutter) / max(1.0, self.area.width())
        return int(share * self.cells) if 0 <= share < 1 else -1


def cell_colours(cells: MapCells) -> np.ndarray:
    """(n, n, 4) uint8: the colour of each cell in the theme in force."""
    theme = Theme.current()
    ramp = np.array([[c.red(), c.green(), c.blue()] for c in theme.ramp("heat")], float)
    places = cells.scale.places(cells.shares)
    nothing = np.isnan(places)
    stops = np.linspace(0, 1, len(ramp))
    colours = np.full((*places.shape, 4), 255, np.uint8)
    for channel in range(3):
        colours[..., channel] = np.round(np.interp(np.nan_to_num(places), stops, ramp[:, channel]))
    diagonal = theme.colour("lineStrong")
    colours[nothing, :3] = (diagonal.red(), diagonal.green(), diagonal.blue())
    return colours


def draw_bars(painter: QPainter, place: MapPlace, cells: MapCells) -> None:
    """A bar for each family at the left and at the top; that of the chosen one in accent."""
    thick, gap, gutter = tokens().selection_bar, tokens().line, place.gutter
    away = gutter - thick - tokens().space[1]
    for block in cells.blocks:
        start, stop = place.at(block.start), place.at(block.stop)
        if stop - start >= SMALLEST_BLOCK:
            stop -= gap
        colour = shade("accent" if block.root == cells.chosen else "axis")
        painter.fillRect(QRectF(gutter + start, away, stop - start, thick), colour)
        painter.fillRect(QRectF(away, gutter + start, thick, stop - start), colour)


def draw_frames(painter: QPainter, place: MapPlace, cells: MapCells) -> None:
    """Lines between the families and around all; a frame around the chosen one."""
    area, gutter = place.area, place.gutter
    for block in cells.blocks[1:]:
        if place.at(block.stop) - place.at(block.start) >= SMALLEST_BLOCK:
            at = gutter + place.at(block.start)
            draw_hairline(painter, at, area.top(), at, area.bottom())
            draw_hairline(painter, area.left(), at, area.right(), at)
    draw_rounded(painter, area.adjusted(-1, -1, 1, 1), 0, None, "lineStrong")
    chosen = [block for block in cells.blocks if block.root == cells.chosen]
    for block in chosen:
        start, side = place.at(block.start), place.at(block.stop) - place.at(block.start)
        frame = QRectF(gutter + start, gutter + start, side, side).adjusted(-1, -1, 1, 1)
        draw_rounded(painter, frame, 0, None, "accent", tokens().plot.line)


def name_places(place: MapPlace, cells: MapCells) -> list[tuple[MapBlock, QRectF, str]]:
    """Blocks with room for their name beside them, the rectangle of the text and the text.

    The chosen family is the page's title already. Larger blocks come first; what would lie over
    another name is left out and stays to be read under the mouse.
    """
    line, pad = tokens().line_height[tokens().type["small"]], tokens().space[1]
    area, found = place.area, list[tuple[MapBlock, QRectF, str]]()
    for block in sorted(cells.blocks, key=lambda one: one.start - one.stop):
        start, stop = place.gutter + place.at(block.start), place.gutter + place.at(block.stop)
        if block.root == cells.chosen or stop - start < SMALLEST_NAMED:
            continue
        at_right = area.right() - stop >= start - area.left()
        room = (area.right() - stop if at_right else start - area.left()) - 3 * pad
        wide = min(text_width(block.name, "caption") + 2 * pad, int(room))
        left = stop + pad if at_right else start - pad - wide
        rect = QRectF(left, round((start + stop - line) / 2), wide, line)
        rect.moveBottom(min(rect.bottom(), area.bottom() - 1))
        is_free = not any(rect.adjusted(0, 1, 0, -1).intersects(other) for _, other, _ in found)
        if is_free and wide >= tokens().space[8]:
            found.append((block, rect, block.name))
    return found


def draw_names(painter: QPainter, places: list[tuple[MapBlock, QRectF, str]]) -> None:
    """The names of the families beside their blocks."""
    ground, pad = shade("heat0"), tokens().space[1]
    for _, rect, name in places:
        painter.fillRect(rect, ground)
        draw_line_of_text(painter, rect.adjusted(pad, 0, 1 - pad, 0), name, "caption")


def draw_cell_mark(painter: QPainter, cell: QRectF) -> None:
    """A ring around one cell that stands out on every colour."""
    most = tokens().space[2]
    grow = max(2.0, (most - cell.width()) / 2)
    ring = cell.adjusted(-grow, -grow, grow, grow)
    draw_rounded(painter, ring.adjusted(-1, -1, 1, 1), 2, None, "heat0", 1)
    draw_rounded(painter, ring, 2, None, "text1", tokens().plot.line)


def draw_selected(painter: QPainter, place: MapPlace, row: int) -> None:
    """Marks beside the row and above the column of the selected feature."""
    start, stop = place.at(row), place.at(row + 1)
    long, thick = max(3, stop - start), tokens().selection_bar + 2
    middle = place.gutter + (start + stop) / 2 - long / 2
    away = place.gutter - thick - tokens().space[1] + 1
    for rect in (QRectF(middle, away, long, thick), QRectF(away, middle, thick, long)):
        draw_rounded(painter, rect, 1, "text1")


def draw_legend(painter: QPainter, place: MapPlace, cells: MapCells) -> None:
    """The colours from the least to the most, with their shares; under it what they mean."""
    space, line = tokens().space, tokens().line_height[tokens().type["small"]]
    left, top = place.gutter, place.edge + space[4]
    bar = QRectF(left, top, place.area.width() / 2, space[2])
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    ramp = Theme.current().ramp("heat")
    for at, colour in enumerate(ramp):
        gradient.setColorAt(at / (len(ramp) - 1), QColor(colour))
    painter.fillRect(bar, gradient)
    draw_rounded(painter, bar, 0, None, "line")
    below = bar.bottom()
    for share, text in cells.scale.ticks:
        x = bar.left() + float(cells.scale.places(np.array(share))) * bar.width()
        wide = text_width(text, "tick", tabular=True) + 2
        centre = min(max(x, bar.left() + wide / 2), bar.right() + wide / 2)
        rect = QRectF(QPointF(centre - wide / 2, below), QPointF(centre + wide / 2, below + line))
        draw_line_of_text(painter, rect, text, "tick", "text3", CENTRE, tabular=True)
    unit = QRectF(bar.right() + space[4], below, place.edge - bar.right() - space[4], line)
    draw_line_of_text(painter, unit, "%, log scale", "tick", "text3")
    caption = QRectF(left, below + line + space[1], place.edge - left, line)
    draw_line_of_text(painter, caption, caption_text(cells), "caption", "text3")
