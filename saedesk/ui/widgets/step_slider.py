"""A slider of whole steps from zero: places that are given, tenths of what is taken away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.edited_slider import EditedSlider
from saedesk.ui.widgets.painting import draw_dot
from saedesk.ui.widgets.slider_painting import (
    draw_fill,
    draw_thumb,
    draw_track,
    draw_zero_mark,
    share_at,
    x_of,
)

MOST_STOPS = 12
"""So many steps are drawn one by one."""
_DOWN = (Qt.Key.Key_Left, Qt.Key.Key_Down)
_UP = (Qt.Key.Key_Right, Qt.Key.Key_Up)


class StepSlider(EditedSlider):
    """Zero is at the left; steps above the limit are drawn but cannot be reached.

    Arrow keys move by one step, with Shift by `large`; Home and 0 go to zero, End to the limit.
    The wheel turns it only while it has the keyboard.
    """

    step_changed = Signal(int)
    """While dragging as well."""

    def __init__(
        self,
        steps: int,
        colour: str,
        words: Callable[[int], str],
        large: int = 3,
        parent: QWidget | None = None,
    ) -> None:
        """`colour` is the token of the filled part, `words` says a step in words."""
        super().__init__(parent)
        self._steps, self._limit, self._step = steps, steps, 0
        self._colour, self._words, self._large = colour, words, large
        self._is_held = False
        self._name = ""
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, steps)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._tell()

    @property
    def step(self) -> int:
        """The step in force."""
        return self._step

    def set_step(self, step: int) -> None:
        """Moves the thumb without telling anybody."""
        if step != self._step:
            self._step = step
            self._tell()
            self.update()

    def set_limit(self, limit: int) -> None:
        """Sets the highest step that can be reached."""
        if limit != self._limit:
            self._limit = limit
            self.update()

    def set_name(self, name: str) -> None:
        """Sets the accessible name."""
        self._name = name
        self._tell()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 7, 2 * tokens().focus_ring.thumb_halo.radius)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 3, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        by = self._large if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if key in _DOWN:
            self._move(self._step - by)
        elif key in _UP:
            self._move(self._step + by)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self._move(0)
        elif key == Qt.Key.Key_End:
            self._move(self._limit)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._finish(goes_on=True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if not self.hasFocus() or not notches:
            event.ignore()
            return
        event.accept()
        self._move(self._step + (1 if notches > 0 else -1))
        self._finish(goes_on=True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._take_hold()
        self._is_held = True
        self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_held:
            self._drag(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_held:
            self._is_held = False
            self._finish()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._is_held = False
        self._move(0)
        self._finish()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = round(self.height() / 2)
        left, right = self._x(0), self._x(self._steps)
        draw_track(painter, left, right, middle)
        if self._steps <= MOST_STOPS:
            self._paint_stops(painter, middle)
        draw_fill(painter, left, self._x(self._step), middle, self._tint)
        draw_zero_mark(painter, left, middle)
        draw_thumb(painter, self, QPointF(self._x(self._step), middle), self._is_held)

    @property
    def _tint(self) -> str:
        return self._colour if self.isEnabled() else "text4"

    def _paint_stops(self, painter: QPainter, middle: int) -> None:
        """Where the thumb can rest; beyond the limit there is only the track."""
        radius = tokens().slider.before_mark / 2
        for step in range(1, self._limit + 1):
            colour = self._tint if step < self._step else "track2"
            draw_dot(painter, QPointF(self._x(step), middle), radius, colour)

    def _x(self, step: int) -> float:
        return x_of(self, step / self._steps)

    def _drop_hold(self) -> None:
        self._is_held = False

    def _drag(self, x: float) -> None:
        self._move(round(share_at(self, x) * self._steps))

    def _move(self, step: int) -> None:
        step = min(max(step, 0), self._limit)
        if step != self._step:
            self._step = step
            self._tell()
            self.update()
            self._begin()
            self.step_changed.emit(step)

    def _tell(self) -> None:
        blocked = self.blockSignals(True)
        self.setValue(self._step)
        self.blockSignals(blocked)
        self.setAccessibleName(f"{self._name} {self._words(self._step)}".strip())
