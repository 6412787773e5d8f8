"""The slider that turns a feature up or down, with the marks one steers by."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.edited_slider import EditedSlider
from saedesk.ui.widgets.painting import draw_dot, draw_rounded, shade
from saedesk.ui.widgets.slider_painting import (
    draw_fill,
    draw_thumb,
    draw_track,
    draw_zero_mark,
    share_at,
    x_of,
)

STEP = 0.005
"""One press of an arrow key."""
LARGE_STEP = 0.05
"""The same with Shift."""
SNAP = 3
"""Device-independent pixels around zero and around the typed value in which a drag rests on it."""


def signed(value: float, decimals: int = 3) -> str:
    """A number with its sign and a real minus; zero has none: "+0.210", "0.000"."""
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else "\u2212") + text


class SteeringSlider(EditedSlider):
    """A strength between two ends; assistive technology reads it in thousandths.

    `value_changed` comes while dragging, `editing_finished` when the mouse or key is released or
    the keyboard goes elsewhere.
    Arrow keys move by 0.005, with Shift by 0.05; Home goes to the value as typed, 0 to zero. The
    wheel turns it only while it has the keyboard.
    """

    value_changed = Signal(float)

    def __init__(
        self,
        accessible_name: str = "",
        minimum: float = -0.3,
        maximum: float = 0.3,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._low, self._high = minimum, maximum
        self._strength = 0.0
        self._typed = 0.0
        self._natural: tuple[float, float] | None = None
        self._ticks: tuple[float, ...] = ()
        self._grip: float | None = None
        self._name = accessible_name
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_range(minimum, maximum)
        self._tell()

    @property
    def strength(self) -> float:
        """The value in force."""
        return self._strength

    @property
    def typed(self) -> float:
        """The value in the query as typed."""
        return self._typed

    @property
    def is_changed(self) -> bool:
        """Whether the value differs from the one in the query as typed."""
        return abs(self._strength - self._typed) > 1e-9

    def set_strength(self, value: float) -> None:
        """Moves the thumb without telling anybody."""
        self._strength = float(value)
        self._tell()
        self.update()

    def set_typed(self, value: float) -> None:
        """Sets the value in the query as typed, to which Home returns."""
        self._typed = float(value)
        self._tell()
        self.update()

    def set_natural(self, low: float, high: float) -> None:
        """Sets the range in which the feature's own activations lie."""
        self._natural = (float(low), float(high))
        self.update()

    @property
    def is_marked(self) -> bool:
        """Whether there are ticks under the track."""
        return bool(self._ticks)

    def set_ticks(self, values: Sequence[float]) -> None:
        """Marks values under the track; those beyond its ends are left out."""
        if tuple(values) != self._ticks:
            self._ticks = tuple(values)
            self.update()

    def set_range(self, minimum: float, maximum: float) -> None:
        """Sets the ends of the track."""
        self._low, self._high = float(minimum), float(maximum)
        blocked = self.blockSignals(True)
        self.setRange(round(minimum * 1000), round(maximum * 1000))
        self.blockSignals(blocked)
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
        large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = LARGE_STEP if large else STEP
        moves = {
            Qt.Key.Key_Left: self._strength - step,
            Qt.Key.Key_Down: self._strength - step,
            Qt.Key.Key_Right: self._strength + step,
            Qt.Key.Key_Up: self._strength + step,
            Qt.Key.Key_Home: self._typed,
            Qt.Key.Key_0: 0.0,
        }
        value = moves.get(Qt.Key(event.key()))
        if value is None:
            event.ignore()
            return
        self._move(value)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        if event.key() in (
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_Home,
            Qt.Key.Key_0,
        ):
            self._finish(goes_on=True)
            return
        super().keyReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if not self.hasFocus() or not notches:
            event.ignore()
            return
        event.accept()
        self._move(self._strength + notches * STEP)
        self._finish(goes_on=True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._take_hold()
        x, thumb = event.position().x(), self._x(self._strength)
        on_thumb = abs(x - thumb) <= tokens().slider.thumb / 2 + 1
        self._grip = x - thumb if on_thumb else 0.0
        if not on_thumb:
            self._drag(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._drag(event.position().x() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._grip = None
            self._finish()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._move(self._typed)
        self._finish()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, middle = tokens().slider, round(self.height() / 2)
        left, right = self._x(self._low), self._x(self._high)
        draw_track(painter, left, right, middle)
        if self._natural is not None:
            low, high = (self._x(value) for value in self._natural)
            band = QRectF(low, middle - size.natural_range / 2, high - low, size.natural_range)
            draw_rounded(painter, band, tokens().radius.mark, "natural")
            draw_track(painter, left, right, middle, Theme.current().colour("track2", 0.55))
        self._paint_ticks(painter, middle)
        zero, typed, value = self._x(0.0), self._x(self._typed), self._x(self._strength)
        draw_fill(painter, zero, typed, middle, "text3")
        if self.is_changed:
            colour = self.direction() if self.isEnabled() else "text4"
            draw_fill(painter, typed, value, middle, colour)
        if self._low <= 0 <= self._high:
            draw_zero_mark(painter, zero, middle)
        if self.is_changed:
            ground = str(self.property("ground_behind") or "panel")
            radius = size.before_mark / 2 + 0.5
            draw_dot(painter, QPointF(typed, middle), radius, ground, "text3", 1.5)
        draw_thumb(painter, self, QPointF(value, middle), self._grip is not None)

    def direction(self) -> str:
        """ "up" or "down": the token of the colour that says where the value was turned."""
        return "up" if self._strength > self._typed else "down"

    def _paint_ticks(self, painter: QPainter, middle: int) -> None:
        top = middle + tokens().slider.natural_range / 2 + 1
        for value in self._ticks:
            if self._low <= value <= self._high:
                place = QRectF(round(self._x(value)), top, 1, self.height() - top)
                painter.fillRect(place, shade("text3"))

    def _x(self, value: float) -> float:
        return x_of(self, (value - self._low) / max(1e-12, self._high - self._low))

    def _drop_hold(self) -> None:
        self._grip = None

    def _drag(self, x: float) -> None:
        for rest in (self._typed, 0.0):
            if abs(x - self._x(rest)) <= SNAP:
                self._move(rest)
                return
        share = share_at(self, x)
        self._move(round(self._low + share * (self._high - self._low), 3))

    def _move(self, value: float) -> None:
        value = min(max(value, min(self._low, self._typed)), max(self._high, self._typed))
        if abs(value) < 1e-9:
            value = 0.0
        if value == self._strength:
            return
        self._strength = value
        self._tell()
        self.update()
        self._begin()
        self.value_changed.emit(value)

    def _tell(self) -> None:
        blocked = self.blockSignals(True)
        self.setValue(round(self._strength * 1000))
        self.blockSignals(blocked)
        self.setAccessibleName(f"{self._name} {signed(self._strength)}".strip())
        self.setAccessibleDescription(f"{signed(self._typed)} in the query as typed")
