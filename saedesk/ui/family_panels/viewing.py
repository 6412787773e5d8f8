"""Which part of a picture is in view, and how far it may be moved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

KEPT_IN_VIEW = 0.25
"""The share of the view that the picture never leaves."""

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
    def paint(self, painter: QPainter, viewing: Viewing, size: QSizeF, exact: bool) -> None: ...
    def hit(self, viewing: Viewing, x: float, y: float) -> object | None: ...


def first_start(length: float, low: float, high: float, around: float) -> float:
    """The start of a view with all in its middle, or with `around` in it where all is too much."""
    if high - low <= length * (1 + 1e-9):
        return (low + high - length) / 2
    return float(np.clip(around - length / 2, low, high - length))


def kept_start(start: float, length: float, low: float, high: float) -> float:
    """A view's start that keeps a part of what lies between low and high in view."""
    kept = KEPT_IN_VIEW * min(length, high - low)
    return float(np.clip(start, low + kept - length, high - kept))


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
