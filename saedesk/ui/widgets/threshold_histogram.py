"""A histogram with a threshold that is dragged, and lines of groups over its bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.histogram import FLOOR, ActivationHistogram
from saedesk.ui.widgets.painting import shade

_DIMMED = 0.62
"""How far the bars below the threshold are faded into the ground."""
_BEHIND_LINES = 0.55
"""The same for all bars under lines of groups."""


class ThresholdHistogram(ActivationHistogram):
    """The mark under the bars is dragged; Shift with left and right moves it by one bin.

    The threshold is the smallest activation that counts; at the left end all documents do.
    """

    threshold_moved = Signal(float)
    """The threshold, while it is dragged as well."""

    def __init__(
        self, accessible_name: str = "How strongly it fires", parent: QWidget | None = None
    ) -> None:
        super().__init__(accessible_name, parent)
        self._threshold: float | None = None
        self._is_dragged = False
        self._groups: list[tuple[np.ndarray, QColor]] = []

    @property
    def threshold(self) -> float | None:
        """The smallest activation that counts; None while all do."""
        return self._threshold

    def set_threshold(self, threshold: float | None) -> None:
        """Move the threshold without telling anybody."""
        self._threshold = threshold
        self.update()

    def set_groups(self, groups: Sequence[tuple[np.ndarray, QColor]]) -> None:
        """Draw a line of counts (n_bins,) in a colour for each group; none for an empty list."""
        self._groups = list(groups)
        self.update()

    def place_of_mark(self) -> QPointF:
        """Where the mark is taken hold of."""
        area = self._area()
        return QPointF(self._mark_x(area), area.bottom() + 1 + self._mark_height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        on_mark = len(self._counts) and self._mark_place().contains(event.position().toPoint())
        if on_mark and event.button() == Qt.MouseButton.LeftButton:
            self._is_dragged = True
            self._drag_to(event.position().x())
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_dragged:
            self._drag_to(event.position().x())
            return
        on_mark = len(self._counts) and self._mark_place().contains(event.position().toPoint())
        self.setCursor(Qt.CursorShape.SplitHCursor if on_mark else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_dragged = False
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if step is None or not shifted or not len(self._counts):
            super().keyPressEvent(event)
            return
        edges = self._edges
        if step > 0:
            at = int(np.searchsorted(edges, self._value(), side="right"))
        else:
            at = int(np.searchsorted(edges, self._value(), side="left")) - 1
        self._move_to(float(edges[min(max(at, 0), len(edges) - 1)]))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not len(self._counts):
            return
        painter, area = QPainter(self), self._area()
        if self._groups:
            # Lines of any colour are read on faint bars only.
            painter.fillRect(area, Theme.current().colour("surface", _BEHIND_LINES))
        if self._threshold is not None:
            x = round(self._mark_x(area))
            below = QRectF(area.left(), area.top(), x - area.left(), area.height())
            painter.fillRect(below, Theme.current().colour("surface", _DIMMED))
            painter.fillRect(QRectF(x, area.top(), 1, area.height()), shade("accent"))
        for counts, colour in self._groups:
            self._paint_group(painter, area, counts, colour)
        self._paint_mark(painter, area)

    def _paint_group(
        self, painter: QPainter, area: QRect, counts: np.ndarray, colour: QColor
    ) -> None:
        line = QPolygonF()
        for at, count in enumerate(counts.tolist()):
            y = self._y(max(count, FLOOR), area)
            for edge in self._edges[at : at + 2].tolist():
                line.append(QPointF(self._x(edge, area), y))
        painter.setPen(QPen(colour, 1.75))
        painter.drawPolyline(line)

    def _paint_mark(self, painter: QPainter, area: QRect) -> None:
        x, top, height = self._mark_x(area), area.bottom() + 1, self._mark_height()
        mark = QPolygonF(
            [QPointF(x, top), QPointF(x - height, top + height), QPointF(x + height, top + height)]
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(shade("surface"), 1))
        painter.setBrush(shade("accent" if self._threshold is not None else "text3"))
        painter.drawPolygon(mark)

    def _value(self) -> float:
        return float(self._edges[0]) if self._threshold is None else self._threshold

    def _mark_x(self, area: QRect) -> float:
        return self._x(self._value(), area)

    @staticmethod
    def _mark_height() -> int:
        return tokens().space[1] + 3

    def _mark_place(self) -> QRect:
        """The strip under the bars; a press beside the mark brings it there."""
        area = self._area()
        return QRect(
            area.left() - tokens().space[2],
            area.bottom() + 3,
            area.width() + 2 * tokens().space[2],
            2 * self._mark_height(),
        )

    def _drag_to(self, x: float) -> None:
        area = self._area()
        share = min(max((x - area.left()) / max(1, area.width()), 0.0), 1.0)
        self._move_to(float(self._edges[0] + share * (self._edges[-1] - self._edges[0])))

    def _move_to(self, threshold: float) -> None:
        self._threshold = None if threshold <= self._edges[0] else threshold
        self.update()
        self.threshold_moved.emit(threshold)
