"""The bar of a result: what its score is the sum of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.waterfall import COLOURS

TAKEN_BACK = 0.4
"""Opacity of the part of a bar that negative parts take back."""


def paint_bar(
    painter: QPainter,
    place: QRect,
    colours: Mapping[str, QColor],
    row: ShownResult,
    largest: float,
) -> None:
    """Paints the bar of a row into `place`; `largest` is the reach of the longest of the list.

    Where even that is a score of 0 as it is written, there are no bars.
    """
    if largest < 0.5 * 10.0**-row.decimals:
        return
    scale = place.width() / largest
    top, thick = float(place.top()), place.height()
    for piece in bar_pieces(row.parts):
        left, width = place.left() + piece.start * scale, (piece.end - piece.start) * scale
        if width >= 0.5:
            y = top if piece.line < 2 else top + thick / 2
            high = thick if piece.line == 0 else thick / 2
            colour = QColor(colours[COLOURS[piece.kind]])
            if piece.line == 1:
                colour.setAlphaF(TAKEN_BACK)
            painter.fillRect(QRectF(left, y, max(0.5, width - tokens().line), high), colour)


@dataclass(frozen=True)
class BarPiece:
    """A stretch of the bar of a row, in units of the score."""

    kind: str
    start: float
    end: float
    line: int
    """0 what the score is made of, 1 above what is taken back, 2 what takes it back."""


def bar_reach(row: ShownResult) -> float:
    """How far the bar of a row reaches: to the sum of all that speaks for the document."""
    return sum(value for _, value in row.parts if value > 0.0)


@lru_cache(maxsize=400)
def bar_pieces(parts: tuple[tuple[str, float], ...]) -> tuple[BarPiece, ...]:
    """The bar of a sum: what is above zero one after the other; what is below goes back from there.

    So the full bar ends at the score, and what was taken back stands beyond it.
    """
    end = sum(value for _, value in parts if value > 0.0)
    score = max(0.0, sum(value for _, value in parts))
    pieces, at = [], 0.0
    for kind, value in parts:
        if value > 0.0:
            start, at = at, at + value
            pieces += [BarPiece(kind, start, min(at, score), 0)] if start < score else []
            pieces += [BarPiece(kind, max(start, score), at, 1)] if at > score else []
    for kind, value in parts:
        if value < 0.0 and end > 0.0:
            start = max(0.0, end + value)
            pieces.append(BarPiece(kind, start, end, 2))
            end = start
    return tuple(pieces)
