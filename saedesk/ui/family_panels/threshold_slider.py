"""A slider between values that are listed: a track that is filled up to the thumb."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import draw_dot, draw_rounded

FAST = 5
"""Steps of an arrow key with Shift."""


class ThresholdSlider(QAbstractSlider):
    """Moves over ascending values, each as far from the next.

    Arrow keys go to the next value, with Shift five further; Home goes back to the value that is
    kept, and so does a double click. The wheel turns it only while it has the keyboard.
    """

    chosen = Signal(float)
    """One of the values, while it is dragged as well."""

    def __init__(
        self,
        name: str,
        values: Sequence[float],
        text: Callable[[float], str],
        parent: QWidget | None = None,
    ) -> None:
        """`text` is how a value reads, e.g. "10 % together"."""
        super().__init__(parent)
        self._name, self._text = name, text
        self._values = np.asarray(values, np.float64)
        self._kept = self._shown = float(values[0])
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, len(values) - 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.valueChanged.connect(self._on_value)
        self._tell()

    @property
    def threshold(self) -> float:
        """The value in force; between two of the listed ones where it was set so."""
        return self._shown

    @property
    def values(self) -> np.ndarray:
        """(n,) the values one can choose."""
        return self._values

    def set_values(self, values: Sequence[float]) -> None:
        """Offer other values."""
        self._values = np.asarray(values, np.float64)
        blocked = self.blockSignals(True)
        self.setRange(0, len(values) - 1)
        self.blockSignals(blocked)
        self.set_threshold(self._shown)

    def set_threshold(self, value: float) -> None:
        """Show a value without telling anybody."""
        self._shown = float(value)
        blocked = self.blockSignals(True)
        self.setValue(int(np.argmin(np.abs(self._values - value))))
        self.blockSignals(blocked)
        self._tell()
        self.update()

    def set_kept(self, value: float) -> None:
        """Mark the value that Home and a double click go back to."""
        self._kept = float(value)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 6, 2 * tokens().focus_ring.thumb_halo.radius)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 3, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = FAST if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        moves = {
            Qt.Key.Key_Left: -step,
            Qt.Key.Key_Down: -step,
            Qt.Key.Key_Right: step,
            Qt.Key.Key_Up: step,
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Home:
            self._go_back()
        elif key in moves:
            self.setValue(self.value() + moves[key])
        else:
            event.ignore()

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

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._go_back()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, middle = tokens().slider, round(self.height() / 2)
        left, right, thumb = self._x(0), self._x(self.maximum()), self._x(self.value())
        track = QRectF(left, middle - size.track / 2, right - left, size.track)
        draw_rounded(painter, track, size.track / 2, "track2")
        filled = QRectF(left, middle - size.fill / 2, thumb - left, size.fill)
        draw_rounded(painter, filled, size.fill / 2, "accent")
        if self._kept != self._shown:
            kept = self._x(int(np.argmin(np.abs(self._values - self._kept))))
            radius = size.before_mark / 2 + 0.5
            draw_dot(painter, QPointF(kept, middle), radius, "surface", "text3", 1.5)
        self._paint_thumb(painter, QPointF(thumb, middle))

    def _paint_thumb(self, painter: QPainter, centre: QPointF) -> None:
        theme, ring = Theme.current(), tokens().focus_ring
        radius = tokens().slider.thumb / 2 + 0.5
        ground = ("text1" if theme.is_dark else "thumb") if self.isEnabled() else "track"
        if self.hasFocus():
            halo = theme.colour("focus", ring.thumb_halo.alpha)
            draw_dot(painter, centre, ring.thumb_halo.radius, halo)
            draw_dot(painter, centre, radius, ground, "focus", ring.width)
        else:
            border = "text2" if self.underMouse() else "lineControl"
            draw_dot(painter, centre, radius, ground, border, 1)

    def _x(self, place: int) -> float:
        edge = tokens().focus_ring.thumb_halo.radius
        return edge + place / max(1, self.maximum()) * (self.width() - 2 * edge)

    def _drag(self, x: float) -> None:
        edge = tokens().focus_ring.thumb_halo.radius
        share = (x - edge) / max(1, self.width() - 2 * edge)
        self.setValue(round(share * self.maximum()))

    def _go_back(self) -> None:
        if self._shown != self._kept:
            self.set_threshold(self._kept)
            self.chosen.emit(self._kept)

    def _on_value(self, place: int) -> None:
        self._shown = float(self._values[place])
        self._tell()
        self.update()
        self.chosen.emit(self._shown)

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name} {self._text(self._shown)}")
