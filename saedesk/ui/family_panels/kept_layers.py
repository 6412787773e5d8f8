"""Pictures of what stays the same while only the mouse moves over a drawing."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QColor, QPainter, QPixmap

Paint = Callable[[QPainter], None]


class KeptLayers:
    """Layers of one look at a drawing; with another look they are forgotten.

    A layer is made when a look is painted for the second time: while one pans or zooms every look
    is painted once, and copying it would cost more than it saves.
    """

    def __init__(self) -> None:
        self._look: Hashable = None
        self._made: dict[str, QPixmap] = {}

    def is_same(self, look: Hashable) -> bool:
        """Whether the same was looked at when this was asked last."""
        if look == self._look:
            return True
        self._look = look
        self._made.clear()
        return False

    def draw(
        self, painter: QPainter, name: str, size: QSizeF, ground: QColor, paint: Paint
    ) -> None:
        """Copy a layer, which `paint` makes the first time, on a ground that may be transparent."""
        if name not in self._made:
            self._made[name] = self._painted(painter, size, ground, paint)
        painter.drawPixmap(QPointF(0, 0), self._made[name])

    @staticmethod
    def _painted(painter: QPainter, size: QSizeF, ground: QColor, paint: Paint) -> QPixmap:
        ratio = painter.device().devicePixelRatio()
        made = QPixmap((size * ratio).toSize())
        made.setDevicePixelRatio(ratio)
        made.fill(ground)
        inner = QPainter(made)
        inner.setRenderHints(painter.renderHints())
        paint(inner)
        inner.end()
        return made
