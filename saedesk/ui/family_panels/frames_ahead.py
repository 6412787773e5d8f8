"""Lets a drawing do between two frames what later frames will need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

if TYPE_CHECKING:
    from saedesk.ui.family_panels.family_scene import FamilyCanvas

PAUSE_MS = 8
"""Nothing was painted for so long: whoever drags or zooms is not made to wait."""


class FramesAhead(QObject):
    """Works in parts of a few milliseconds while a canvas rests."""

    def __init__(self, canvas: FamilyCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._go_on)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not self._pause.isActive()

    @Slot()
    def start(self) -> None:
        """Something was painted: go on a little later."""
        self._pause.start()

    @Slot()
    def _go_on(self) -> None:
        drawing, canvas = self._canvas.drawing, self._canvas
        if drawing is not None and canvas.isVisible() and drawing.prepare(canvas.scales):
            self._pause.start()
