"""Where on the globe a feature fires: places or cells on a graticule, without any map to load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from saedesk.features.place_marks import PlaceMarks
from saedesk.ui.features_panels.number_texts import documents_text, share_text
from saedesk.ui.features_panels.place_map_item import MarksItem
from saedesk.ui.features_panels.place_words import (
    graticule,
    graticule_step,
    latitude_text,
    longitude_text,
    mark_title,
    parallel_stretch,
)
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.hover_card import CardLine, HoverCard
from saedesk.ui.widgets.plots import Plot

_REACH = 9
"""Device-independent pixels from a point within which it is meant."""
_DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class PlaceMap(Plot):
    """An equirectangular map; a click, or Enter, asks for the documents of a mark.

    The arrow keys go from mark to mark among those where the feature fires.
    """

    mark_chosen = Signal(object)
    """(k,) int: the places of the mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "",
            "",
            x_text=longitude_text,
            y_text=latitude_text,
            accessible_name="Where the feature fires",
            ground="panel",
            parent=parent,
        )
        self._marks: PlaceMarks | None = None
        self._at = -1
        self._card = HoverCard(self)
        self._item = MarksItem()
        self.addItem(self._item, ignoreBounds=True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        FocusRingFilter(self, tokens().radius.control)
        self.setMinimumWidth(tokens().space[8] * 4)
        self._fit()

    @property
    def marks(self) -> PlaceMarks | None:
        """What is drawn."""
        return self._marks

    @property
    def current(self) -> int:
        """The mark under the mouse or the keyboard, or −1."""
        return self._at

    def show_marks(self, marks: PlaceMarks) -> None:
        """Show the documents of another feature."""
        self._marks = marks
        self.show_mark(-1)
        self._item.set_marks(marks)
        self._fit()

    def table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        marks, rows = self._marks, []
        if marks is not None:
            for at in range(len(marks.documents)):
                longitude = (float(marks.longitude[at]) + 180) % 360 - 180
                counts = int(marks.documents[at]), int(marks.active[at])
                rows.append((float(marks.latitude[at]), longitude, *counts))
        return ("latitude", "longitude", "documents", "documents in which it fires"), rows

    # -- geometry ----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 8, self.height())

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_item"):
            self.show_mark(-1)
            self._fit()

    def _fit(self) -> None:
        """As high as the part of the globe that is shown needs; degrees are equally long."""
        if self._marks is None:
            return
        extent, unit = self._marks.extent, tokens().space[8]
        stretch = parallel_stretch(extent)
        wide, high = (extent.east - extent.west) * stretch, extent.north - extent.south
        room = max(1.0, self.width() - self.y_axis.width() - tokens().space[2])
        edge = self.height() - self.plotItem.vb.height() if self.plotItem.vb.height() > 1 else unit
        wanted = min(max(room * high / wide, 3.0 * unit), 7.0 * unit)
        if abs(wanted + edge - self.height()) > 1:
            self.setFixedHeight(round(wanted + edge))
        # What is left over of one side shows more of the globe.
        per_pixel = max(wide / room, high / wanted)
        half_x = per_pixel * room / stretch / 2
        half_y = min(90.0, per_pixel * wanted / 2)
        x, y = (extent.west + extent.east) / 2, (extent.south + extent.north) / 2
        y = min(max(y, -90 + half_y), 90 - half_y)
        step = graticule_step(2 * half_x, 4)
        self.x_axis.fixed_ticks = graticule(x - half_x, x + half_x, step, longitude_text)
        step = graticule_step(2 * half_y, 3)
        self.y_axis.fixed_ticks = graticule(y - half_y, y + half_y, step, latitude_text)
        self._item.meridians = [place for place, _ in self.x_axis.fixed_ticks]
        self._item.reach = QRectF(x - half_x, y - half_y, 2 * half_x, 2 * half_y)
        self.set_ranges((x - half_x, x + half_x), (y - half_y, y + half_y))

    # -- mouse and keyboard ------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.show_mark(self._mark_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.show_mark(self._mark_at(event.position()))
            self._open()

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self.show_mark(-1)

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.show_mark(-1)

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self.show_mark(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = _DIRECTIONS.get(Qt.Key(event.key()))
        if direction is not None:
            self.show_mark(self._next(*direction))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            event.ignore()

    def _next(self, right: int, up: int) -> int:
        """The nearest mark in a direction where the feature fires; at first the fullest one."""
        marks = self._marks
        if marks is None or not marks.active.any():
            return -1
        if self._at < 0:
            return int(np.argmax(marks.active))
        x = marks.longitude - marks.longitude[self._at]
        y = marks.latitude - marks.latitude[self._at]
        ahead, aside = x * right + y * up, np.abs(x * up) + np.abs(y * right)
        far = np.where((marks.active > 0) & (ahead > 1e-9), ahead + 2 * aside, np.inf)
        found = int(np.argmin(far))
        return found if np.isfinite(far[found]) else self._at

    def place_of(self, at: int) -> QPointF:
        """Where a mark stands in the widget."""
        assert self._marks is not None
        view = QPointF(float(self._marks.longitude[at]), float(self._marks.latitude[at]))
        place: QPointF = self.mapFromScene(self.plotItem.vb.mapViewToScene(view)).toPointF()
        return place

    def _mark_at(self, place: QPointF) -> int:
        """The mark under the mouse, rather one where the feature fires; −1 where there is none."""
        marks, view = self._marks, self.plotItem.vb
        scene = self.mapToScene(place.toPoint())
        if marks is None or not view.sceneBoundingRect().contains(scene):
            return -1
        at, size = view.mapSceneToView(scene), view.viewPixelSize()
        across = np.abs(marks.longitude - at.x()) / (marks.cell / 2 or size[0] * _REACH)
        along = np.abs(marks.latitude - at.y()) / (marks.cell / 2 or size[1] * _REACH)
        distance = np.where(np.maximum(across, along) <= 1, np.hypot(across, along), np.inf)
        distance = np.where(marks.active > 0, distance / 2, distance)
        found = int(np.argmin(distance)) if len(distance) else -1
        return found if found >= 0 and np.isfinite(distance[found]) else -1

    def show_mark(self, at: int) -> None:
        """Highlight a mark and explain it beside it; −1 hides the card."""
        if at == self._at:
            return
        self._at = at
        self._item.set_current(at)
        marks = self._marks
        if at < 0 or marks is None or not self.isVisible():
            self._card.hide()
            self.setAccessibleDescription("")
            return
        documents, active = int(marks.documents[at]), int(marks.active[at])
        said = f"fires in {active:,} of {documents_text(documents)}"
        if documents > 1:
            said += f" ({share_text(active / documents)})"
        title = mark_title(marks, at)
        place = self.place_of(at).toPoint()
        target = QRect(place.x() - _REACH, place.y() - _REACH, 2 * _REACH, 2 * _REACH)
        hint = "Click to see them in Corpus" if active else ""
        self._card.show_beside(target, title, [CardLine(said.capitalize())], hint)
        self.setAccessibleDescription(f"{title}: {said}")
        self.setCursor(Qt.CursorShape.PointingHandCursor if active else Qt.CursorShape.ArrowCursor)

    def _open(self) -> None:
        marks = self._marks
        if marks is not None and self._at >= 0 and marks.active[self._at]:
            self.mark_chosen.emit(np.flatnonzero(marks.mark_of == self._at))

    def retheme(self) -> None:
        super().retheme()
        if hasattr(self, "_item"):
            self._item.update()
