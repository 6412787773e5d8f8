"""Which part of a picture is in view, and how far it may be moved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QWheelEvent

KEPT_IN_VIEW = 0.25
"""The share of the view that the picture never leaves."""

NOTCH = 120.0
"""What a wheel says for one notch (Qt: eighths of a degree)."""

LEAST_FIT = 1e-3
BISECTIONS = 22
"""Of scales from the least to the largest; the last step is far below a pixel."""

WAYS = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Home: "home",
    Qt.Key.Key_End: "end",
    Qt.Key.Key_Return: "open",
    Qt.Key.Key_Enter: "open",
    Qt.Key.Key_Space: "fold",
    Qt.Key.Key_Escape: "leave",
}
"""Keys that walk over a picture, and what they ask for."""


@dataclass(frozen=True)
class Viewing:
    """Which part of the picture is in view."""

    scale: float = 1.0
    """Pixels for a unit of the picture."""
    left: float = 0.0
    top: float = 0.0
    """The place in the picture at the left top corner of the view."""

    def to_screen(self, places: np.ndarray) -> np.ndarray:
        """(n, 2): places of the picture in pixels of the view."""
        return (places - (self.left, self.top)) * self.scale

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """The place in the picture under a pixel of the view."""
        return x / self.scale + self.left, y / self.scale + self.top


class Drawing(Protocol):
    """What a canvas shows."""

    @property
    def bounds(self) -> QRectF: ...
    @property
    def start(self) -> QPointF: ...
    def bounds_at(self, scale: float) -> QRectF: ...
    def paint(self, painter: QPainter, viewing: Viewing, size: QSizeF, exact: bool) -> None: ...
    def hit(self, viewing: Viewing, x: float, y: float) -> object | None: ...
    def prepare(self, scales: tuple[float, float]) -> bool: ...


def fitting_scale(drawing: Drawing, width: float, height: float, largest: float) -> float:
    """The largest scale, up to `largest`, at which a drawing with its labels is no wider and no
    higher than so many pixels."""

    def fits(scale: float) -> bool:
        bounds = drawing.bounds_at(scale)
        return bounds.width() * scale <= width + 1e-6 and bounds.height() * scale <= height + 1e-6

    high = max(largest, LEAST_FIT)
    if fits(high):
        return high
    low = LEAST_FIT
    for _ in range(BISECTIONS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def first_start(length: float, low: float, high: float, around: float) -> float:
    """The start of a view with all in its middle, or with `around` in it where all is too much."""
    if high - low <= length * (1 + 1e-9):
        return (low + high - length) / 2
    return float(np.clip(around - length / 2, low, high - length))


def kept_start(start: float, length: float, low: float, high: float) -> float:
    """A view's start that keeps a part of what lies between low and high in view."""
    kept = KEPT_IN_VIEW * min(length, high - low)
    return float(np.clip(start, low + kept - length, high - kept))


def first_viewing(drawing: Drawing, scale: float, room: QSizeF) -> Viewing:
    """The whole drawing in the middle, or its left edge around its start where that is too much."""
    bounds, width, height = drawing.bounds_at(scale), room.width() / scale, room.height() / scale
    left = first_start(width, bounds.left(), bounds.right(), bounds.left() + width / 2)
    top = first_start(height, bounds.top(), bounds.bottom(), drawing.start.y())
    return Viewing(scale, left, top)


def kept_viewing(drawing: Drawing, wanted: Viewing, room: QSizeF) -> Viewing:
    """The view nearest to the one wanted that keeps a part of the drawing in it."""
    scale, bounds = wanted.scale, drawing.bounds_at(wanted.scale)
    left = kept_start(wanted.left, room.width() / scale, bounds.left(), bounds.right())
    top = kept_start(wanted.top, room.height() / scale, bounds.top(), bounds.bottom())
    return Viewing(scale, left, top)


def revealing_start(start: float, length: float, low: float, high: float) -> float:
    """The start nearest to the present one with which low to high is in view."""
    if high - low > length:
        return low
    return min(max(start, high - length), low)


def scrolled_start(start: float, step: float, length: float, low: float, high: float) -> float:
    """A start moved by a step, unless all fits; it stops at both ends."""
    if high - low <= length or math.isclose(high - low, length):
        return start
    return float(np.clip(start - step, low, high - length))


def wheel_way(event: QWheelEvent, notch: float) -> QPoint:
    """How far a turn of the wheel scrolls, a notch so many pixels; with Shift sideways."""
    moved, turned = event.pixelDelta(), event.angleDelta()
    if moved.isNull():
        step = notch / NOTCH
        moved = QPointF(turned.x() * step, turned.y() * step).toPoint()
    is_sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
    return moved.transposed() if is_sideways else moved


def in_view(places: np.ndarray, reach: np.ndarray, size: QSizeF) -> np.ndarray:
    """(n,) bool: which squares around (n, 2) places are in a view of that size."""
    far = reach[:, None]
    seen = (places + far >= 0) & (places - far <= (size.width(), size.height()))
    return np.asarray(seen.all(axis=1))


def crossing(screen: np.ndarray, edges: np.ndarray, size: QSizeF) -> np.ndarray:
    """(m, 2): the edges (n, 2) of which a part may be in a view of that size."""
    first, last = screen[edges[:, 0]], screen[edges[:, 1]]
    seen = (np.maximum(first, last) >= 0) & (
        np.minimum(first, last) <= (size.width(), size.height())
    )
    return np.asarray(edges[seen.all(axis=1)])
