"""A slider that moves a band along a track: which part of an order is looked at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import draw_dot, draw_rounded


class BandSlider(QAbstractSlider):
    """A position from 0 to 1 in hundredths; the band of `width` around it is filled.

    Arrow keys move by 0.05, with Shift by 0.01; Home and End go to the ends. The wheel turns it
    only while it has the keyboard.
    """

    moved = Signal(float)
    """The position, while it is dragged as well."""

    def __init__(self, accessible_name: str, width: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width = width
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, 100)
        self.setValue(50)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(accessible_name)
        self.valueChanged.connect(self._on_value)

    @property
    def position(self) -> float:
        """From 0 to 1."""
        return self.value() / 100

    def set_position(self, position: float) -> None:
        """Move without telling anybody."""
        blocked = self.blockSignals(True)
        self.setValue(round(100 * position))
        self.blockSignals(blocked)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 5, tokens().control_height)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 3, tokens().control_height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 5
        moves = {
            Qt.Key.Key_Left: self.value() - step,
            Qt.Key.Key_Down: self.value() - step,
            Qt.Key.Key_Right: self.value() + step,
            Qt.Key.Key_Up: self.value() + step,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: 100,
        }
        value = moves.get(Qt.Key(event.key()))
        if value is None:
            event.ignore()
            return
        self.setValue(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if not self.hasFocus() or not notches:
            event.ignore()
            return
        event.accept()
        self.setValue(self.value() + round(notches))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position().x())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, middle = tokens().slider, round(self.height() / 2)
        left, right = self._x(0.0), self._x(1.0)
        track = QRectF(left, middle - size.track / 2, right - left, size.track)
        draw_rounded(painter, track, size.track / 2, "track2")
        start = min(max(self.position - self._width / 2, 0.0), 1.0 - self._width)
        band_left, band_right = self._x(start), self._x(start + self._width)
        band = QRectF(band_left, middle - size.fill / 2, band_right - band_left, size.fill)
        draw_rounded(painter, band, size.fill / 2, "accent")
        self._paint_thumb(painter, QPointF(self._x(self.position), middle))

    def _paint_thumb(self, painter: QPainter, centre: QPointF) -> None:
        radius, ring = tokens().slider.thumb / 2 + 0.5, tokens().focus_ring
        if self.hasFocus():
            draw_dot(painter, centre, radius, "thumb", "focus", ring.width)
        else:
            border = "text2" if self.underMouse() else "lineControl"
            draw_dot(painter, centre, radius, "thumb", border, 1)

    def _x(self, position: float) -> float:
        edge = tokens().focus_ring.thumb_halo.radius
        return edge + position * (self.width() - 2 * edge)

    def _drag(self, x: float) -> None:
        edge = tokens().focus_ring.thumb_halo.radius
        self.setValue(round(100 * (x - edge) / max(1, self.width() - 2 * edge)))

    def _on_value(self, _: int) -> None:
        self.update()
        self.moved.emit(self.position)
