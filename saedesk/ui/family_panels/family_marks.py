"""Dots, lines and labels by the thousand, as fast as a raster painter can."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.painting import CENTRE, LONGEST_LINE, draw_line_of_text

RADIUS_STEP = 0.25
"""Radii are rounded to this when dots are stamped; finer cannot be seen."""
HALO = 1.5
"""Width of the ground around letters, so that they are read where lines and dots lie under."""
HALO_WAYS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7), (0.7, 0.7))
MOST_TEXTS = 2000
"""Pictures of texts that are kept, some 10 kB each."""
LARGEST_STAMP = 12.0
"""Larger dots are few and drawn one by one."""


class DotStamps:
    """Dots of a few colours and many sizes, each painted once and stamped where it is needed."""

    def __init__(self, colours: Sequence[QColor], ratio: float) -> None:
        self._colours, self._ratio = list(colours), ratio
        self.key = (tuple(colour.rgba() for colour in colours), ratio)
        self._sheets: dict[int, QPixmap] = {}
        self._fragments = PrimitiveArray(QPainter.PixmapFragment, 10)

    def draw(
        self, painter: QPainter, places: np.ndarray, radii: np.ndarray, steps: np.ndarray
    ) -> None:
        """Stamp dots at (n, 2) places; `steps` are numbers of colours."""
        for step in np.unique(steps):
            which = np.flatnonzero((steps == step) & (radii <= LARGEST_STAMP))
            if len(which):
                self._stamp(painter, places[which], radii[which], int(step))
        for at in np.flatnonzero(radii > LARGEST_STAMP):
            draw_dots(painter, places[at : at + 1], radii[at : at + 1], self._colours[steps[at]])

    def _stamp(self, painter: QPainter, places: np.ndarray, radii: np.ndarray, step: int) -> None:
        if step not in self._sheets:
            self._sheets[step] = _sheet(self._colours[step], self._ratio)
        number = np.maximum(1, np.round(radii / RADIUS_STEP))
        edge = _cell(self._ratio)
        self._fragments.resize(len(places))
        table = self._fragments.ndarray()
        # Source and target are in pixels of the sheet; its ratio is undone by the scale.
        table[:, 0:2] = places
        table[:, 2] = (number - 1) * edge
        table[:, 3] = 0
        table[:, 4:6] = edge
        table[:, 6:8] = 1 / self._ratio
        table[:, 8] = 0
        table[:, 9] = 1
        painter.drawPixmapFragments(*self._fragments.drawargs(), self._sheets[step])


def _cell(ratio: float) -> int:
    return int(np.ceil((2 * LARGEST_STAMP + 4) * ratio))


def _sheet(colour: QColor, ratio: float) -> QPixmap:
    """Dots of all sizes beside one another."""
    count, edge = int(LARGEST_STAMP / RADIUS_STEP), _cell(ratio)
    sheet = QPixmap(count * edge, edge)
    sheet.fill(Qt.GlobalColor.transparent)
    painter = QPainter(sheet)
    places = np.column_stack([(np.arange(count) + 0.5) * edge, np.full(count, edge / 2)])
    draw_dots(painter, places, RADIUS_STEP * (np.arange(count) + 1) * ratio, colour)
    painter.end()
    return sheet


def draw_dots(
    painter: QPainter, places: np.ndarray, radii: np.ndarray, colour: QColor, line: float = 0.0
) -> None:
    """Draw round dots one by one; with `line`, only their outlines."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, line) if line else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if line else colour)
    for (x, y), radius in zip(places.tolist(), radii.tolist(), strict=True):
        painter.drawEllipse(QPointF(x, y), radius, radius)


_lines = PrimitiveArray(QLineF, 4)


def draw_lines(painter: QPainter, starts: np.ndarray, ends: np.ndarray, pen: QPen) -> None:
    """Draw straight lines between (n, 2) places with one pen."""
    if not len(starts):
        return
    _lines.resize(len(starts))
    table = _lines.ndarray()
    table[:, :2], table[:, 2:] = starts, ends
    painter.setPen(pen)
    painter.drawLines(*_lines.drawargs())


def wrapped(text: str, role: str, width: float, lines: int) -> list[str]:
    """A text in at most so many lines, the last one elided where it does not fit."""
    metrics = QFontMetricsF(Theme.current().font(role))
    words = text[:LONGEST_LINE].split()
    made: list[str] = []
    while words and len(made) < lines - 1:
        line = words.pop(0)
        while words and metrics.horizontalAdvance(f"{line} {words[0]}") <= width:
            line = f"{line} {words.pop(0)}"
        made.append(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width))
    if words:
        rest = metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, width)
        made.append(rest)
    return made or [""]


def lines_width(lines: Sequence[str], role: str) -> float:
    """The width of the longest of some lines of text."""
    metrics = QFontMetricsF(Theme.current().font(role))
    return max(metrics.horizontalAdvance(line) for line in lines)


def draw_lines_of_text(
    painter: QPainter,
    place: QRectF,
    lines: Sequence[str],
    role: str,
    colour: str | QColor,
    align: Qt.AlignmentFlag,
) -> None:
    """Lines of text under one another that together fill the height of a rectangle."""
    height = place.height() / len(lines)
    for at, line in enumerate(lines):
        # As wide as it was measured: a line is never elided a second time.
        row = QRectF(place.left(), place.top() + at * height, place.width() + 2, height)
        draw_line_of_text(painter, row, line, role, colour, align)


class HaloTexts:
    """Single lines of text with a thin halo of the ground, each painted once and then copied."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, str, float], QPixmap] = {}
        self._dark: bool | None = None

    def draw(
        self, painter: QPainter, place: QRectF, text: str, role: str, colour: str, exact: bool
    ) -> None:
        """Draw a text in the middle of a rectangle; `exact` draws letters, not their picture."""
        if exact:
            _draw_halo_text(painter, place, text, role, colour)
            return
        if self._dark != Theme.current().is_dark or len(self._made) > MOST_TEXTS:
            self._made, self._dark = {}, Theme.current().is_dark
        ratio = painter.device().devicePixelRatio()
        key = (text, role, colour, ratio)
        if key not in self._made:
            size = QSize(ceil(place.width()), ceil(place.height()))
            made = QPixmap(size * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            inner = QPainter(made)
            _draw_halo_text(inner, QRectF(0, 0, size.width(), size.height()), text, role, colour)
            inner.end()
            self._made[key] = made
        # At whole pixels letters are sharp.
        painter.drawPixmap(QPointF(round(place.left()), round(place.top())), self._made[key])


def _draw_halo_text(painter: QPainter, place: QRectF, text: str, role: str, colour: str) -> None:
    inner = place.adjusted(HALO, 0, -HALO, 0)
    for dx, dy in HALO_WAYS:
        moved = inner.translated(dx * HALO, dy * HALO)
        draw_line_of_text(painter, moved, text, role, "surface", CENTRE)
    draw_line_of_text(painter, inner, text, role, colour, CENTRE)
