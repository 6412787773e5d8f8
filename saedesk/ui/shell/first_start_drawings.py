"""The drawings of the first start: the idea in one picture, and a small one for each door."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import SIGN_SIZE, paint_icon, paint_sign
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import (
    draw_dot,
    draw_line_of_text,
    draw_rounded,
    shade,
)

IDEA_SIZE = QSize(520, 136)
DOOR_SIZE = QSize(140, 52)

_TEXT_ROWS = (
    ((0, 34, 0), (40, 20, 0), (66, 52, 0), (124, 18, 0)),
    ((0, 46, 1), (52, 30, 1), (88, 24, 1), (118, 20, 0)),
    ((0, 20, 0), (26, 58, 1), (90, 38, 0)),
    ((0, 28, 0), (34, 22, 0), (62, 40, 0), (108, 30, 0)),
    ((0, 50, 0), (56, 34, 0)),
)
"""For each line of the abstract its words: left edge, width, whether it is marked."""
_NUMBERS = (
    (7, 9, 2, 2, 3, 1, 7, 2), (3, 9, 2, 2, 3, 3, 2, 2), (2, 3, 1, 2, 1, 2, 3, 1),
    (2, 2, 7, 2, 2, 5, 2, 2), (3, 1, 3, 3, 9, 2, 2, 6), (1, 3, 2, 2, 1, 1, 4, 2),
    (2, 2, 2, 3, 4, 3, 2, 4), (2, 8, 2, 3, 7, 2, 1, 3), (8, 3, 5, 3, 8, 1, 2, 2),
    (6, 5, 2, 4, 7, 2, 2, 5), (5, 2, 3, 2, 2, 3, 6, 4), (5, 4, 2, 1, 2, 3, 3, 6),
)  # fmt: skip
"""The numbers of a vector: how dark each is, in tenths."""
_FEATURES = (
    ("Exoplanet transits", 0.94),
    ("Light curves of stars", 0.72),
    ("Self-supervised learning", 0.55),
    ("Robustness to noise", 0.31),
)
_BARS = (10, 22, 34, 44, 40, 30, 24, 18, 20, 14, 9, 6, 4, 2)
_TO_NUMBERS = ((13, 10), (30, 32), (47, 54), (64, 76), (81, 98))
_TO_FEATURES = ((16, 11), (40, 39), (64, 67), (88, 94))


class Drawing(QWidget):
    """A picture without a function; assistive technology reads its sentence."""

    def __init__(
        self,
        paint: Callable[[QPainter], None],
        size: QSize,
        sentence: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._paint = paint
        self.setFixedSize(size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(sentence)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter)


def paint_idea(painter: QPainter) -> None:
    """A text, its vector of numbers, a few features with names."""
    for at, words in enumerate(_TEXT_ROWS):
        for left, width, marked in words:
            place = QRectF(left, 10 + 17 * at, width, 7)
            draw_rounded(painter, place, 3.5, "mark2" if marked else "lineStrong")
    for start, end in _TO_NUMBERS:
        _draw_curve(painter, (145, start), (201, end), "lineStrong", 1.2)
    theme = Theme.current()
    for row, values in enumerate(_NUMBERS):
        for column, value in enumerate(values):
            place = QRectF(212 + 9 * column, 9 * row, 7, 7)
            colour = theme.mix("surface", "text3", 0.08 + 0.075 * value)
            draw_rounded(painter, place, 1.5, colour)
    for start, end in _TO_FEATURES:
        _draw_curve(painter, (292, start), (356, end), "accent", 1.3, 0.65)
    for at, (name, share) in enumerate(_FEATURES):
        top = 28 * at
        draw_line_of_text(painter, QRect(370, top - 2, 150, 16), name, "column head")
        draw_bar(painter, QRectF(370, top + 13, 150, 5), share, thickness=5)
    captions = ((0, "one abstract"), (212, "384 numbers"), (370, "a few features with names"))
    for left, words in captions:
        draw_line_of_text(painter, QRect(left, 116, 160, 18), words, "caption", "text3")


def paint_histogram(painter: QPainter) -> None:
    """The activations of a feature."""
    soft = Theme.current().mix("accent", "surface", tokens().plot.bars_mix_to_surface + 0.2)
    for at, height in enumerate(_BARS):
        place = QRectF(9 * at, 45 - height, 7.5, height)
        draw_rounded(painter, place, 1.5, "accent" if at in (3, 4) else soft)
    painter.fillRect(QRectF(0, 45, 9 * len(_BARS), 1), shade("axis"))


def paint_documents(painter: QPainter) -> None:
    """Pages that become vectors."""
    for at in range(3):
        left, top = 0.75 + 16.5 * at, 0.75 + 3.5 * at
        draw_rounded(painter, QRectF(left, top, 34.5, 43), 4, "surface", "lineControl", 1.25)
        for line, width in enumerate((21, 15, 17, 11)):
            colour = "accent" if at == 2 and line == 1 else "text4"
            long = width if at == 2 else 6
            place = QRectF(left + 6.5, top + 8.5 + 8 * line, long, 2.5)
            draw_rounded(painter, place, 1.25, colour)
    paint_icon(painter, "arrow-right", QPointF(77, 23), "text2", tokens().icon_sizes.inline)
    marked = {(0, 3), (1, 1), (2, 2), (3, 4)}
    for row in range(4):
        for column in range(5):
            centre = QPointF(92 + 8 * column, 10 + 9 * row)
            draw_dot(painter, centre, 2, "accent" if (row, column) in marked else "text4")


def paint_folder(painter: QPainter) -> None:
    """A project and what can be found in it."""
    path = QPainterPath(QPointF(1, 5))
    path.quadTo(QPointF(1, 1), QPointF(5, 1))
    path.lineTo(QPointF(26, 1))
    path.lineTo(QPointF(34, 8))
    path.lineTo(QPointF(69, 8))
    path.quadTo(QPointF(73, 8), QPointF(73, 12))
    path.lineTo(QPointF(73, 42))
    path.quadTo(QPointF(73, 46), QPointF(69, 46))
    path.lineTo(QPointF(5, 46))
    path.quadTo(QPointF(1, 46), QPointF(1, 42))
    path.closeSubpath()
    painter.setPen(QPen(shade("lineControl"), 1.25))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    sign = QRectF(0, 0, SIGN_SIZE.width() * 1.15, SIGN_SIZE.height())
    sign.moveCenter(QPointF(37, 27))
    paint_sign(painter, sign)
    painter.setPen(QPen(shade("lineControl"), 1.25))
    for y in (10, 35):
        painter.drawLine(QPointF(92, y), QPointF(112, 22.5))
    for y in (10, 35):
        draw_dot(painter, QPointF(92, y), 5, "surface", "lineControl", 1.25)
    draw_dot(painter, QPointF(112, 22.5), 6, "accent")


def _draw_curve(
    painter: QPainter,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: str,
    width: float,
    alpha: float = 1.0,
) -> None:
    middle = (start[0] + end[0]) / 2
    path = QPainterPath(QPointF(*start))
    path.cubicTo(QPointF(middle, start[1]), QPointF(middle, end[1]), QPointF(*end))
    painter.setPen(QPen(Theme.current().colour(colour, alpha), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
