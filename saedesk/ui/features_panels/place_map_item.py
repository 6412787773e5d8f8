"""The drawing of a map: meridians, documents in grey, and over them where a feature fires."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from saedesk.features.place_marks import PlaceMarks
from saedesk.ui.theme import Theme

_FAINTEST = 0.35
"""Opacity of a mark with the smallest share, where 1 is the largest."""
_PALEST, _DARKENING = 0.12, 0.38
"""Opacity of the grey of a cell with hardly any documents, and what the fullest adds."""

_WIDEST = 6.0
"""Device-independent pixels: the radius of the fullest point."""


class MarksItem(pg.GraphicsObject):
    """Meridians, then documents in grey, then where the feature fires; whole pixels throughout."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: PlaceMarks | None = None
        self._current = -1
        self.meridians: list[float] = []
        self.reach = QRectF(-180, -90, 360, 180)

    def set_marks(self, marks: PlaceMarks) -> None:
        self.prepareGeometryChange()
        self._marks, self._current = marks, -1
        self.update()

    def set_current(self, at: int) -> None:
        self._current = at
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-540, -90, 1080, 180)

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        to_device, theme = painter.transform(), Theme.current()
        painter.save()
        painter.resetTransform()
        ratio = painter.device().devicePixelRatio() or 1
        for meridian in self.meridians:
            top = to_device.map(QPointF(meridian, self.reach.bottom()))
            bottom = to_device.map(QPointF(meridian, self.reach.top()))
            line = QRectF(round(top.x()), top.y(), ratio, bottom.y() - top.y())
            painter.fillRect(line, theme.colour("grid"))
        if self._marks is not None:
            self._paint_marks(painter, self._marks, to_device, ratio)
        painter.restore()

    def _paint_marks(
        self, painter: QPainter, marks: PlaceMarks, to_device: Any, ratio: float
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, marks.cell == 0)
        painter.setPen(Qt.PenStyle.NoPen)
        greys, shares = _greys(marks), marks.share
        # A hairline of the ground keeps points apart that lie over one another.
        edge = QPen(Theme.current().colour("panel"), 0.75 * ratio)
        most = max(float(shares.max(initial=0.0)), 1e-12)
        # Those where the feature fires last, so that no grey point hides one.
        for at in np.argsort(marks.active > 0, kind="stable").tolist():
            colour = greys[at]
            if marks.active[at]:
                alpha = _FAINTEST + (1 - _FAINTEST) * float(shares[at]) / most
                colour = Theme.current().colour("accent", alpha)
            place = self._place(marks, at, to_device, ratio)
            if marks.cell:
                painter.fillRect(place, greys[at])
                painter.fillRect(place, colour)
            else:
                painter.setPen(edge if marks.active[at] else Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawEllipse(place)
        if 0 <= self._current < len(marks.documents):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(Theme.current().colour("text1"), 1.5 * ratio))
            around = self._place(marks, self._current, to_device, ratio)
            painter.drawRect(around) if marks.cell else painter.drawEllipse(around)

    @staticmethod
    def _place(marks: PlaceMarks, at: int, to_device: Any, ratio: float) -> QRectF:
        x, y = float(marks.longitude[at]), float(marks.latitude[at])
        if not marks.cell:
            middle = to_device.map(QPointF(x, y))
            radius = 1.5 * ratio
            if marks.active[at]:
                radius = min(_WIDEST, 2.6 * float(marks.active[at]) ** 0.25) * ratio
            return QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        half = marks.cell / 2
        low = to_device.map(QPointF(x - half, y + half))
        high = to_device.map(QPointF(x + half, y - half))
        left, top = round(low.x()), round(low.y())
        gap = ratio if round(high.x()) - left > 4 * ratio else 0
        return QRectF(
            left, top, max(1, round(high.x()) - left - gap), max(1, round(high.y()) - top - gap)
        )


def _greys(marks: PlaceMarks) -> list[QColor]:
    """A grey for each mark: of cells the darker, the more documents there are."""
    theme = Theme.current()
    if not marks.cell:
        return [theme.colour("lineStrong")] * len(marks.documents)
    fullest = math.log1p(float(marks.documents.max(initial=1)))
    found = []
    for count in marks.documents.tolist():
        alpha = _PALEST + _DARKENING * math.log1p(count) / fullest
        found.append(theme.colour("text3", alpha))
    return found
