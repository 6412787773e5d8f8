"""What all sliders share: where a share of the track lies, the track, and the thumb."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import draw_dot, draw_rounded, shade


def x_of(widget: QWidget, share: float) -> float:
    """Where a share of the track, 0 to 1, lies in a slider that is as wide as the widget."""
    edge = tokens().focus_ring.thumb_halo.radius
    return edge + min(max(share, 0.0), 1.0) * (widget.width() - 2 * edge)


def share_at(widget: QWidget, x: float) -> float:
    """The share of the track at a place; beyond its ends below 0 and above 1."""
    edge = tokens().focus_ring.thumb_halo.radius
    return (x - edge) / max(1, widget.width() - 2 * edge)


def draw_track(
    painter: QPainter, left: float, right: float, middle: int, colour: str | QColor = "track2"
) -> None:
    """The thin track of a slider."""
    thickness = tokens().slider.track
    place = QRectF(left, middle - thickness / 2, right - left, thickness)
    draw_rounded(painter, place, thickness / 2, colour)


def draw_fill(painter: QPainter, x1: float, x2: float, middle: int, colour: str) -> None:
    """What lies between two values."""
    thick = tokens().slider.fill
    place = QRectF(min(x1, x2), middle - thick / 2, abs(x2 - x1), thick)
    painter.fillRect(place, shade(colour))


def draw_zero_mark(painter: QPainter, x: float, middle: int) -> None:
    """The upright line at zero."""
    height = tokens().slider.zero_mark
    painter.fillRect(QRectF(round(x), middle - height / 2, 1, height), shade("text2"))


def draw_thumb(painter: QPainter, slider: QWidget, centre: QPointF, is_held: bool) -> None:
    """What is dragged, with a halo where it has the keyboard."""
    radius = tokens().slider.thumb / 2
    ring = tokens().focus_ring
    theme = Theme.current()
    ground = "text1" if theme.is_dark else "thumb"
    if not slider.isEnabled():
        ground = "track"
    if slider.hasFocus():
        halo = theme.colour("focus", ring.thumb_halo.alpha)
        draw_dot(painter, centre, ring.thumb_halo.radius, halo)
        draw_dot(painter, centre, radius + 0.5, ground, "focus", ring.width)
    else:
        border = "text2" if slider.underMouse() or is_held else "lineControl"
        draw_dot(painter, centre, radius + 0.5, ground, border, 1)
