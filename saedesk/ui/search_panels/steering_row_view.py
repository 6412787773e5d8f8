"""What one row of the steering panel shows: lock, label, slider, value, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from saedesk.search.calibration import Calibration
from saedesk.search.steering_plan import PLACES
from saedesk.session.steering_settings import Slid, Way
from saedesk.ui.search_panels.slider_words import (
    LARGE_LESS,
    LESS_STEPS,
    LOCK_MEANING,
    NOT_KNOWN,
    NOT_VISIBLE,
    WAY_WORDS,
    SliderView,
    about_after,
    about_calibration,
    about_range,
    about_value,
    after_text,
    less_in_words,
    places_in_words,
)
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.painting import (
    LEFT,
    RIGHT,
    draw_line_of_text,
    draw_rounded,
    fill_ground,
    stand_on_own_ground,
    text_width,
)
from saedesk.ui.widgets.steering_slider import SteeringSlider
from saedesk.ui.widgets.step_slider import StepSlider


class SteeringRowView(QWidget):
    """Shows one slider in whichever way it is turned; what a person does is up to the row."""

    what = "feature"
    """What the row steers with, as its texts call it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.latent = -1
        self.view = SliderView()
        self._label, self._about = "", ""
        self._removable = False
        self._known: Calibration | None = None
        self._after: float | None = None
        self._replaced: int | None = None
        self._reason = ""
        self._told: tuple[bool, Way, str] | None = None
        self._shown_label = QRect()
        stand_on_own_ground(self)
        edge = tokens().space[6]
        self.lock = GhostButton("lock-open", "", "text3", size=edge, parent=self)
        self.way = GhostButton("chevron-down", "", "text3", size=tokens().space[5], parent=self)
        self.slider = SteeringSlider(parent=self)
        self.places = StepSlider(PLACES, "up", places_in_words, parent=self)
        self.less = StepSlider(LESS_STEPS, "down", less_in_words, LARGE_LESS, parent=self)
        self._reset = GhostButton(
            "rotate-ccw", "Back to the query as typed", size=edge, parent=self
        )
        self._remove = GhostButton("x", f"Remove this {self.what}", size=edge, parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(tokens().row_height.slider_row)

    # -- what is shown -------------------------------------------------------------------------

    @property
    def slid(self) -> Slid:
        """Names the slider."""
        return Slid(self.what, self.latent)

    def show_feature(
        self, latent: int, label: str, natural: tuple[float, float] | None, removable: bool
    ) -> None:
        """Puts another feature into the row; `natural` is the range of its active values."""
        if latent != self.latent:
            self.show_calibration(None)
            self.show_effect(None, None)
        self.latent, self._label, self._removable = latent, label, removable
        for slider in (self.slider, self.places, self.less):
            slider.set_name(label)
        low, high = natural or (0.0, 0.0)
        self.slider.set_natural(low, high)
        self._about = f"{label}\n{about_range(self.what, natural)}"
        self._remove.setVisible(removable)
        self._remove.setAccessibleName(f"Remove {label}")
        self._reset.setAccessibleName(f"Reset {label}")
        self._show_view(self.view)
        self.update()

    def show_view(self, view: SliderView) -> None:
        """Moves the slider, or shows another one, without telling anybody."""
        if view != self.view:
            self._show_view(view)

    def show_reason(self, reason: str) -> None:
        """Disables the slider and says why; an empty reason enables it."""
        if reason != self._reason:
            self._reason = reason
            for part in (self.lock, self.way, self.slider, self.places, self.less, self._reset):
                part.setEnabled(not reason)
            self.update()

    @property
    def reason(self) -> str:
        """Why the slider does nothing; "" where it does."""
        return self._reason

    def show_effect(self, after: float | None, replaced: int | None) -> None:
        """Shows the value after re-encoding, and how many results are others."""
        told = self.after_text
        self._after, self._replaced = after, replaced
        if self.after_text != told:
            self._place_label()
            self.update(self._after_place())

    def show_calibration(self, known: Calibration | None) -> None:
        """Marks where results are replaced; None while nobody knows."""
        self._known = known
        marks = () if known is None else (*known.down, *known.up)
        typed = 0.0 if known is None else known.typed
        self.slider.set_ticks([typed + strength for _, strength in marks])

    @property
    def label(self) -> str:
        """The feature's label."""
        return self._label

    @property
    def value_text(self) -> str:
        """The value as shown."""
        return self.view.value

    @property
    def after_text(self) -> str:
        """What came of it, as shown above the value."""
        return after_text(self.view, self._after, self._replaced)

    @property
    def may_be_less(self) -> bool:
        """Whether there is something in the results of which there can be less."""
        return not self.less_problem or self.view.way == "less"

    @property
    def less_problem(self) -> str:
        """Why there cannot be less of it; "" where there can."""
        if self._known is None:
            return NOT_KNOWN
        return "" if self._known.offers_less else NOT_VISIBLE

    @property
    def control(self) -> QAbstractSlider:
        """The slider that is shown."""
        return {"places": self.places, "less": self.less}.get(self.view.way, self.slider)

    @property
    def reset_button(self) -> GhostButton:
        """The button that puts the slider back; hidden at rest and while it is locked."""
        return self._reset

    @property
    def remove_button(self) -> GhostButton:
        """The button that takes an added feature away; hidden for features of the query."""
        return self._remove

    def focus_order(self) -> list[QWidget]:
        """What takes the keyboard, in the order of the Tab key."""
        sliders = [self.slider, self.places, self.less]
        return [self.lock, self.way, *sliders, self._reset, self._remove]

    def _show_view(self, view: SliderView) -> None:
        had_keyboard = self.control.hasFocus()
        self.view = view
        self.slider.set_typed(view.typed)
        self.slider.set_strength(view.position)
        self.places.set_step(view.places)
        self.places.set_limit(view.places_left)
        self.less.set_step(round(view.less * LESS_STEPS))
        for slider in (self.slider, self.places, self.less):
            slider.setVisible(slider is self.control)
        if had_keyboard:
            self.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell((view.is_locked, view.way, self._label))
        self._place_label()
        self._refresh()

    def _tell(self, told: tuple[bool, Way, str]) -> None:
        """What the buttons say; told anew only where it is something else."""
        if told == self._told:
            return
        self._told = told
        locked, way, name = told
        self.lock.set_icon("lock" if locked else "lock-open", "accent" if locked else "text3")
        self.lock.set_tooltip(f"{'Locked' if locked else 'Lock'}: {LOCK_MEANING} (L)")
        self.lock.setAccessibleName(f"Unlock {name}" if locked else f"Lock {name}")
        self.way.setAccessibleName(f"{name} is turned by {WAY_WORDS[way].lower()}")
        self.way.set_tooltip(
            f"Turned by {WAY_WORDS[way].lower()}. Choose how: places (P), direction (D) or "
            "less (\u2212)."
        )

    def _refresh(self) -> None:
        changed = self.view.is_changed and not self.view.is_locked
        if self._reset.isVisibleTo(self) != changed:
            self._reset.setVisible(changed)
        self.update(self._value_place())
        self.update(self._after_place())

    # -- geometry ------------------------------------------------------------------------------

    def track_ends(self) -> tuple[float, float]:
        """Where the track begins and ends, in the row's coordinates."""
        edge = tokens().focus_ring.thumb_halo.radius
        place = self.slider.geometry()
        return place.left() + edge, place.right() + 1 - edge

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 10, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        space, edge = tokens().space, tokens().space[6]
        left, top = space[6] + 3, space[5] + 2
        height = self.slider.sizeHint().height()
        for slider in (self.slider, self.places, self.less):
            # The thumb at the left end of the track stands under the beginning of the label.
            slider.setGeometry(left, top, self.width() - left - self._right_part(), height)
        self.lock.move(space[1], 2)
        self._reset.move(self.width() - edge - space[2], top - 1)
        self._remove.move(self.width() - edge - space[2], 1)
        self._place_label()

    def _right_part(self) -> int:
        """Pixels right of the slider: the widest value, “10 of 10”, and the button."""
        return tokens().space[8] * 3 + tokens().space[1]

    def _label_place(self) -> QRect:
        left = tokens().space[8]
        room = self.width() - left - self._right_of_head() - self._right_of_label()
        return QRect(left, tokens().space[1], room, tokens().space[5])

    def _right_of_head(self) -> int:
        """Pixels right of the label and its buttons: for what came of it, or a button."""
        if self.after_text:
            return self._right_part()
        return self._value_gap() if self._removable else tokens().space[2]

    def _right_of_label(self) -> int:
        """Pixels right of the label that something else needs."""
        return self.way.width() + tokens().space[1]

    def _place_label(self) -> None:
        """Puts what follows the label behind it; the label is as long as there is room."""
        place = self._label_place()
        if place != self._shown_label:
            self._shown_label = place
            self.update()
        used = min(text_width(self._label, "label"), place.width())
        self.way.move(place.left() + used + tokens().space[1], place.top())

    def _value_gap(self) -> int:
        return tokens().space[6] + tokens().space[2] * 2 + 1

    def _value_place(self) -> QRect:
        """Right of the slider."""
        left = self.width() - self._right_part()
        room = self._right_part() - self._value_gap()
        return QRect(left, self.slider.y(), room, self.slider.height())

    def _after_place(self) -> QRect:
        """Above the value."""
        left = self.width() - self._right_part()
        return QRect(left, tokens().space[1], self._right_part() - self._value_gap(), 20)

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_ground(painter, event, "panel")
        if self.control.hasFocus():
            draw_rounded(painter, QRectF(self.rect()), tokens().radius.control, "selection")
        own = "text3" if self._reason else "text1"
        if event.rect().intersects(self._label_place()):
            draw_line_of_text(painter, self._label_place(), self._label, "label", own, LEFT)
        place = self._value_place()
        role = "head of a section" if self.view.is_changed else "body"
        colour = "text3" if self._reason else self.view.colour
        draw_line_of_text(painter, place, self.value_text, role, colour, RIGHT, tabular=True)
        told = self.after_text
        if told and not self._reason:
            after = self._after_place()
            draw_line_of_text(painter, after, told, "caption", "text3", RIGHT, tabular=True)

    def tooltip_at(self, at: QPoint) -> str:
        """What the tooltip says at a place."""
        if self._reason:
            return f"{self._label}\n{self._reason}"
        if self.after_text and self._after_place().contains(at):
            return about_after(self.view, self._after, self._replaced)
        if at.y() < self.slider.y():
            return self._about
        marks = about_calibration(self._known) if self.view.way == "direction" else ""
        return about_value(self.view) + marks
