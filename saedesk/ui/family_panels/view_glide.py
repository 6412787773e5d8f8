"""Calm moves of a canvas from one view to another, e.g. to what a search leaves."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QObject, QRectF, QVariantAnimation

from saedesk.ui.family_panels.family_scene import FamilyCanvas
from saedesk.ui.family_panels.viewing import Viewing
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.calm_motion import motion_ms


class ViewGlide(QObject):
    """Moves the view; it ends where a person moves the view themselves."""

    def __init__(self, canvas: FamilyCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._start = self._end = self._shown = canvas.viewing
        self._moving = QVariantAnimation(self)
        self._moving.setStartValue(0.0)
        self._moving.setEndValue(1.0)
        self._moving.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._moving.valueChanged.connect(self._on_step)

    def go(self, end: Viewing) -> None:
        """Moves to a view; at once where the system asks for little motion."""
        self._moving.stop()
        duration = motion_ms(tokens().animation_ms.rank_move)
        if not duration or not self._canvas.isVisible():
            self._canvas.look(end)
            return
        self._start = self._shown = self._canvas.viewing
        self._end = end
        self._moving.setDuration(duration)
        self._moving.start()

    def _on_step(self, share: float) -> None:
        if self._canvas.viewing != self._shown:
            self._moving.stop()
            return
        if share >= 1:
            self._canvas.look(self._end)
            return
        a, b = self._start, self._end
        scale = a.scale * (b.scale / a.scale) ** share
        # The same share of the way in pixels: what is zoomed to comes nearer on a straight line.
        part = (
            share if a.scale == b.scale else (1 / a.scale - 1 / scale) / (1 / a.scale - 1 / b.scale)
        )
        left, top = a.left + part * (b.left - a.left), a.top + part * (b.top - a.top)
        self._canvas.look(Viewing(scale, left, top))
        self._shown = self._canvas.viewing


class SearchView:
    """Moves to what a search leaves, and back to where one was when it ends."""

    def __init__(self, canvas: FamilyCanvas, nearest: float) -> None:
        self._canvas, self._nearest, self._glide = canvas, nearest, ViewGlide(canvas)
        self._before: Viewing | None = None

    def show_matches(self, around: QRectF | None) -> None:
        """Shows a part of the picture, no nearer than `nearest`; None for the end of a search, an
        empty one where nothing matches."""
        if around is None:
            if self._before is not None:
                self._glide.go(self._before)
            self._before = None
            return
        self._before = self._before or self._canvas.viewing
        if around.isEmpty():
            return
        room, margin = self._canvas.viewport().size(), tokens().space[8]
        wide, high = room.width() - 2 * margin, room.height() - 2 * margin
        scale = min(self._nearest, wide / around.width(), high / around.height())
        middle = around.center()
        left = middle.x() - room.width() / scale / 2
        self._glide.go(Viewing(scale, left, middle.y() - room.height() / scale / 2))
