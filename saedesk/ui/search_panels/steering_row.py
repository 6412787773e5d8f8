"""One feature to steer with: its label, its slider, its value, and the way back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.painting import LEFT, RIGHT, draw_line_of_text, draw_rounded
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.steering_slider import SteeringSlider, signed


class SteeringRow(QWidget):
    """A row of the steering panel; every signal names its feature."""

    moved = Signal(int, float)
    """While the slider is dragged."""
    released = Signal(int, float)
    """When the mouse or key let go of the slider."""
    reset_wanted = Signal(int)
    remove_wanted = Signal(int)
    opened = Signal(int)
    """Somebody wants to read about the feature."""
    what = "feature"
    """What the row steers with, as its texts call it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.latent = -1
        self._label, self._about = "", ""
        self._removable = False
        self.slider = SteeringSlider(parent=self)
        self.slider.value_changed.connect(self._on_moved)
        self.slider.editing_finished.connect(self._on_released)
        self.slider.installEventFilter(self)
        edge = tokens().space[6]
        self._reset = GhostButton(
            "rotate-ccw", "Back to the query as typed", size=edge, parent=self
        )
        self._reset.clicked.connect(self._on_reset)
        self._remove = GhostButton("x", f"Remove this {self.what}", size=edge, parent=self)
        self._remove.clicked.connect(self._on_remove)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(tokens().row_height.slider_row)

    def show_feature(
        self, latent: int, label: str, natural: tuple[float, float] | None, removable: bool
    ) -> None:
        """Puts another feature into the row; `natural` is the range of its active values."""
        self.latent, self._label, self._removable = latent, label, removable
        self.slider.set_name(label)
        low, high = natural or (0.0, 0.0)
        self.slider.set_natural(low, high)
        self._about = (
            f"{label}\nWhere the {self.what} is active, nine of ten values lie between "
            f"{low:.3f} and {high:.3f}."
            if natural
            else f"{label}\nThe {self.what} is active in no document."
        )
        self._refresh()
        self._remove.setVisible(removable)
        self._remove.setAccessibleName(f"Remove {label}")
        self._reset.setAccessibleName(f"Reset {label}")
        self.update()

    def show_value(self, typed: float, value: float) -> None:
        """Moves the slider without telling anybody."""
        if (typed, value) == (self.slider.typed, self.slider.strength):
            return
        self.slider.set_typed(typed)
        self.slider.set_strength(value)
        self._refresh()

    @property
    def label(self) -> str:
        """The feature's label."""
        return self._label

    @property
    def value_text(self) -> str:
        """The value as shown."""
        return signed(self.slider.strength)

    @property
    def reset_button(self) -> GhostButton:
        """The button that puts the slider back; hidden at rest."""
        return self._reset

    @property
    def remove_button(self) -> GhostButton:
        """The button that takes an added feature away; hidden for features of the query."""
        return self._remove

    def focus_order(self) -> list[QWidget]:
        """What takes the keyboard, in the order of the Tab key."""
        return [self.slider, self._reset, self._remove]

    def track_ends(self) -> tuple[float, float]:
        """Where the track begins and ends, in the row's coordinates."""
        edge = tokens().focus_ring.thumb_halo.radius
        place = self.slider.geometry()
        return place.left() + edge, place.right() + 1 - edge

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 10, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        space, edge = tokens().space, tokens().space[6]
        top = space[5] + 2
        height = self.slider.sizeHint().height()
        # The thumb at the left end of the track stands under the beginning of the label.
        self.slider.setGeometry(space[1], top, self.width() - self._right_part(), height)
        self._reset.move(self.width() - edge - space[2], top - 1)
        self._remove.move(self.width() - edge - space[2], 1)

    def _right_part(self) -> int:
        """Pixels right of the slider: the value and the button."""
        return tokens().space[8] * 3 + tokens().space[2] + 1

    def _label_place(self) -> QRect:
        pad = tokens().space[2]
        room = self.width() - 2 * pad - self._right_of_label()
        return QRect(pad, tokens().space[1], room, tokens().space[5])

    def _right_of_label(self) -> int:
        """Pixels right of the label that something else needs."""
        return tokens().space[8] if self._removable else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.slider.hasFocus():
            draw_rounded(painter, QRectF(self.rect()), tokens().radius.control, "selection")
        draw_line_of_text(painter, self._label_place(), self._label, "label", "text1", LEFT)
        changed = self.slider.is_changed
        place = QRect(0, self.slider.y(), self.width() - self._value_gap(), self.slider.height())
        role = "head of a section" if changed else "body"
        colour = self.slider.direction() if changed else "text2"
        draw_line_of_text(painter, place, self.value_text, role, colour, RIGHT, tabular=True)

    def _value_gap(self) -> int:
        return tokens().space[6] + tokens().space[2] * 2 + 1

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._label_place().contains(event.position().toPoint()):
            self.opened.emit(self.latent)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Open the {self.what}", self._on_open)
        menu.addAction("Copy the label", self._copy_label)
        self._add_choices(menu)
        menu.addSeparator()
        menu.addAction("Reset", self._on_reset).setEnabled(self.slider.is_changed)
        if self._removable:
            menu.addAction("Remove", self._on_remove)
        menu.popup(event.globalPos())

    def _add_choices(self, menu: QMenu) -> None:
        """What else can be chosen for the row; a feature has nothing."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), escaped(self._tooltip(event.pos().y())), self)
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            has_focus = event.type() == QEvent.Type.FocusIn
            self.slider.setProperty("ground_behind", "selection" if has_focus else "panel")
            self.update()
        return False

    def _tooltip(self, y: int) -> str:
        if y < self.slider.y():
            return self._about
        return (
            f"{self.value_text} now, {signed(self.slider.typed)} in the query as typed.\n"
            "Strengths up to about 0.75 keep results that fit the query."
        )

    def _refresh(self) -> None:
        if self._reset.isVisibleTo(self) != self.slider.is_changed:
            self._reset.setVisible(self.slider.is_changed)
        self.update()

    def _on_moved(self, value: float) -> None:
        self._refresh()
        self.moved.emit(self.latent, value)

    def _on_released(self) -> None:
        self.released.emit(self.latent, self.slider.strength)

    def _on_reset(self) -> None:
        self.reset_wanted.emit(self.latent)

    def _on_remove(self) -> None:
        self.remove_wanted.emit(self.latent)

    def _on_open(self) -> None:
        self.opened.emit(self.latent)

    def _copy_label(self) -> None:
        QGuiApplication.clipboard().setText(self._label)
