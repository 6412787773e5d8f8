"""The ground on which families are drawn: pan, zoom, hover, click and keys on a pyqtgraph view.

The view paints one item that draws everything for the part in view. pyqtgraph's own mouse
handling, which asks every item at every move, is not used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from saedesk.ui.family_panels.frames_ahead import FramesAhead
from saedesk.ui.family_panels.viewing import (
    NOTCH,
    WAYS,
    Drawing,
    Viewing,
    first_viewing,
    fitting_scale,
    kept_viewing,
    revealing_start,
    scrolled_start,
    wheel_way,
)
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.theme import apply_to_plots
from saedesk.ui.widgets.focus_ring import FocusRingFilter

ZOOM_STEP = 1.25
"""One notch of the wheel, one press of a key."""
LARGEST_SCALE = 4.0
OUT_BEYOND_FIT = 0.7
"""How far one can zoom out, as a share of the scale at which all is in view."""


class _Layer(pg.GraphicsObject):
    def __init__(self, canvas: FamilyCanvas) -> None:
        super().__init__()
        self._canvas = canvas

    def boundingRect(self) -> QRectF:
        return QRectF(self._canvas.viewport().rect())

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        canvas = self._canvas
        if canvas.drawing is not None:
            size = QSizeF(canvas.viewport().size())
            canvas.drawing.paint(painter, canvas.viewing, size, False)


class FamilyCanvas(pg.GraphicsView):
    """Shows a drawing; the wheel zooms, or scrolls (`wheel_scrolls`) and zooms with Ctrl."""

    hovered = Signal(object)
    clicked = Signal(object)
    double_clicked = Signal(object)
    walked = Signal(str)
    menu_wanted = Signal(object, object)
    """Where on the screen, None by a key; and what is there."""
    viewing_changed = Signal()
    resized = Signal()

    def __init__(
        self,
        accessible_name: str,
        wheel_scrolls: bool = False,
        fit_scales: tuple[float, float] = (0.0, 1.0),
        parent: QWidget | None = None,
    ) -> None:
        apply_to_plots(Theme.current())
        self.drawing: Drawing | None = None
        self.viewing = Viewing()
        self._layer: _Layer | None = None
        super().__init__(parent)
        self.ahead = FramesAhead(self)
        self._wheel_scrolls, self._fit_scales = wheel_scrolls, fit_scales
        self._pressed: QPointF | None = None
        self._grabbed: Viewing | None = None
        self._under: object | None = None
        self._is_fitted = True
        self._fit_known: tuple[tuple[int, int, int, bool], float] | None = None
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setAccessibleName(accessible_name)
        # No room is asked for that words beside the drawing need.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(tokens().space[8] * 6, tokens().space[8] * 5)
        self._layer = _Layer(self)
        self.addItem(self._layer)
        FocusRingFilter(self, tokens().radius.control)
        Theme.current().changed.connect(self.retheme)
        self.retheme()

    def retheme(self) -> None:
        """Takes the colours of the theme."""
        self.setBackground(Theme.current().colour("surface"))
        self.redraw()

    def redraw(self) -> None:
        """Paints again."""
        if self._layer is not None:
            self._layer.update()
            self.ahead.start()

    def set_drawing(self, drawing: Drawing, keep_view: bool = False) -> None:
        """Shows another drawing, whole unless `keep_view`."""
        self.drawing = drawing
        self._under = self._fit_known = None
        if keep_view and not self._is_fitted:
            self.look(self.viewing)
        else:
            self.fit()
        self.redraw()

    def fit_scale(self, across: bool = False) -> float:
        """The scale at which the whole drawing is in view, at most that of a first look;
        `across`: at which its whole width is."""
        if self.drawing is None:
            return 1.0
        room = self.viewport().size()
        key = (id(self.drawing), room.width(), room.height(), across)
        if self._fit_known is None or self._fit_known[0] != key:
            height = np.inf if across else room.height()
            found = fitting_scale(self.drawing, room.width(), height, self._fit_scales[1])
            self._fit_known = key, found
        return self._fit_known[1]

    @property
    def scales(self) -> tuple[float, float]:
        """The smallest and the largest scale one can zoom to."""
        return min(1.0, self.fit_scale()) * OUT_BEYOND_FIT, LARGEST_SCALE

    def fit(self) -> None:
        """Takes the first look: the whole drawing, or its start where that would be too small."""
        readable = min(self._fit_scales[0], self.fit_scale(across=True))
        self._fit(max(self.fit_scale(), readable))
        self._is_fitted = True

    def fit_whole(self) -> None:
        """Shows the whole drawing, however small."""
        self._fit(self.fit_scale())

    def _fit(self, scale: float) -> None:
        if self.drawing is not None:
            self._is_fitted = False
            self._set_viewing(first_viewing(self.drawing, scale, QSizeF(self.viewport().size())))

    def look(self, viewing: Viewing) -> None:
        """Shows another part, kept within what there is to see."""
        if self.drawing is None:
            return
        scale = float(np.clip(viewing.scale, *self.scales))
        wanted, room = Viewing(scale, viewing.left, viewing.top), QSizeF(self.viewport().size())
        self._is_fitted = False
        self._set_viewing(kept_viewing(self.drawing, wanted, room))

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarges around a pixel, or around the middle."""
        at = at or QRectF(self.viewport().rect()).center()
        x, y = self.viewing.to_picture(at.x(), at.y())
        scale = float(np.clip(self.viewing.scale * factor, *self.scales))
        self.look(Viewing(scale, x - at.x() / scale, y - at.y() / scale))

    def reveal(self, rect: QRectF) -> None:
        """Pans no farther than needed so that a rectangle of the picture is in view."""
        now, room = self.viewing, self.viewport().size()
        margin = tokens().space[6] / now.scale
        width, height = room.width() / now.scale, room.height() / now.scale
        left = revealing_start(now.left, width, rect.left() - margin, rect.right() + margin)
        top = revealing_start(now.top, height, rect.top() - margin, rect.bottom() + margin)
        if (left, top) != (now.left, now.top):
            self.look(Viewing(now.scale, left, top))

    def rect_on_screen(self, rect: QRectF) -> QRect:
        """A rectangle of the picture in pixels of the view."""
        now = self.viewing
        corner = (rect.topLeft() - QPointF(now.left, now.top)) * now.scale
        return QRectF(corner, rect.size() * now.scale).toAlignedRect()

    def _set_viewing(self, viewing: Viewing) -> None:
        if viewing != self.viewing:
            self.viewing = viewing
            self.viewing_changed.emit()
            self.redraw()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        if self._layer is None:
            return
        self._layer.prepareGeometryChange()
        self.resized.emit()
        if self._is_fitted:
            self.fit()
        else:
            self.look(self.viewing)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._grabbed = event.position(), None
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._hover(event.position())
            return
        way = event.position() - self._pressed
        if self._grabbed is None and way.manhattanLength() >= QApplication.startDragDistance():
            self._grabbed = self.viewing
            self._leave()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._grabbed is not None:
            start = self._grabbed
            left, top = start.left - way.x() / start.scale, start.top - way.y() / start.scale
            self.look(Viewing(start.scale, left, top))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, grabbed = self._pressed, self._grabbed
        self._pressed = self._grabbed = None
        self.unsetCursor()
        is_click = pressed is not None and grabbed is None
        if is_click and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self._found(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # Its release is no second click.
        self._pressed = None
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(self._found(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        with_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self._wheel_scrolls and not with_ctrl:
            moved = wheel_way(event, 3 * tokens().row_height.table)
            self._scroll(moved.x(), moved.y())
        else:
            self.zoom(ZOOM_STEP ** (event.angleDelta().y() / NOTCH), event.position())
        self._leave()
        event.accept()

    def _scroll(self, dx: float, dy: float) -> None:
        """Moves the picture only where it does not fit, and not beyond its ends."""
        if self.drawing is None:
            return
        now, room = self.viewing, self.viewport().size()
        bounds = self.drawing.bounds_at(now.scale)
        left = scrolled_start(
            now.left, dx / now.scale, room.width() / now.scale, bounds.left(), bounds.right()
        )
        top = scrolled_start(
            now.top, dy / now.scale, room.height() / now.scale, bounds.top(), bounds.bottom()
        )
        self.look(Viewing(now.scale, left, top))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit_whole()
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            way = -1 if key == Qt.Key.Key_PageDown else 1
            self._scroll(0, way * 0.8 * self.viewport().height())
        elif key in WAYS:
            self.walked.emit(WAYS[key])
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        found = None if by_key else self._found(QPointF(event.pos()))
        self._leave()
        self.menu_wanted.emit(None if by_key else event.globalPos(), found)

    def leaveEvent(self, event: Any) -> None:
        self._leave()

    def _found(self, at: QPointF) -> object | None:
        return None if self.drawing is None else self.drawing.hit(self.viewing, at.x(), at.y())

    def _hover(self, at: QPointF) -> None:
        found = self._found(at)
        if found != self._under:
            self._under = found
            shape = Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.hovered.emit(found)

    def _leave(self) -> None:
        if self._under is not None:
            self._under = None
            self.hovered.emit(None)
