"""A field for a number with its unit and two small steppers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QDoubleSpinBox,
    QLineEdit,
    QWidget,
)

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.field_frame import paint_field_frame
from saedesk.ui.widgets.painting import (
    draw_line_of_text,
    text_width,
)
from saedesk.ui.widgets.undo_keys import left_to_the_program

_PLACES_THE_LINE = (
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Polish,
    QEvent.Type.StyleChange,
    QEvent.Type.FontChange,
    QEvent.Type.LayoutDirectionChange,
)


class _StepButton(QAbstractButton):
    """One half of a number field's stepper."""

    def __init__(self, icon: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoRepeat(True)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = "text1" if self.underMouse() else "text2"
        colour = colour if self.isEnabled() else "disabled"
        paint_icon(QPainter(self), self._icon, self.rect(), colour, tokens().icon_sizes.small)


class _NumberEdit(QLineEdit):
    """The line of a number field; paints the unit after the number, where no text is."""

    def __init__(self, field: NumberField) -> None:
        super().__init__(field)
        self._field = field
        self.setProperty("bare", "true")
        self.setFont(Theme.current().font("field", tabular=True))

    def event(self, event: QEvent) -> bool:
        return not left_to_the_program(event, self) and super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        left = text_width(self.text(), "field", tabular=True) + tokens().space[2]
        room = self.width() - left
        if self._field.unit and room > tokens().space[2]:
            line = QRect(left, 0, room, self.height())
            colour = "text3" if self.isEnabled() else "disabled"
            draw_line_of_text(QPainter(self), line, self._field.unit, "unit", colour, tabular=True)


class NumberField(QDoubleSpinBox):
    """A number with its unit; thousands are grouped, needless zeros left out.

    `value_changed` comes with every accepted change. `unit` stands after the number in small
    type and may change with it. The wheel turns it only while it has the keyboard.
    """

    value_changed = Signal(float)
    error_changed = Signal()

    def __init__(
        self,
        minimum: float,
        maximum: float,
        decimals: int = 0,
        unit: str = "",
        value: float | None = None,
        accessible_name: str = "",
        suffix: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self._down: _StepButton | None = None
        super().__init__(parent)
        self._unit, self._error = unit, None
        self._plain_suffix = suffix
        self._locale = QLocale(QLocale.Language.English)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setDecimals(decimals)
        self.setRange(minimum, maximum)
        if decimals:
            self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setKeyboardTracking(False)
        self.setFrame(False)
        self.setFont(Theme.current().font("field", tabular=True))
        self.setFixedHeight(tokens().control_height)
        self.setMinimumWidth(tokens().space[8] * 3)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(accessible_name)
        self.setLineEdit(_NumberEdit(self))
        self._up = _StepButton("chevron-up", "More", self)
        self._down = _StepButton("chevron-down", "Less", self)
        self._up.clicked.connect(self.stepUp)
        self._down.clicked.connect(self.stepDown)
        self.valueChanged.connect(self.value_changed)
        if value is not None:
            self.setValue(value)

    @property
    def error(self) -> str | None:
        """The sentence that says what is wrong, or None."""
        return self._error

    def set_error(self, sentence: str | None) -> None:
        """Turns the border to the colour of an error; None turns it back."""
        self._error = sentence
        self.setAccessibleDescription(sentence or "")
        self.update()
        self.error_changed.emit()

    def set_unit(self, unit: str) -> None:
        """Shows another unit or remark after the number."""
        self._unit = unit
        self.lineEdit().update()

    @property
    def unit(self) -> str:
        """What stands after the number."""
        return self._unit

    def textFromValue(self, value: float) -> str:
        text = self._locale.toString(value, "f", self.decimals())
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return text.replace("-", "\u2212") + self._plain_suffix

    def valueFromText(self, text: str) -> float:
        return float(self._bare(text) or 0)

    def validate(self, text: str, position: int) -> object:
        bare = self._bare(text)
        try:
            value = float(bare)
        except ValueError:
            started = bare in ("", "-", ".", "-.") or bare[-1:] in ("e", "-")
            state = QValidator.State.Intermediate if started else QValidator.State.Invalid
            return (state, text, position)
        inside = self.minimum() <= value <= self.maximum()
        state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return (state, text, position)

    def fixup(self, text: str) -> str:
        try:
            value = float(self._bare(text))
        except ValueError:
            return self.textFromValue(self.value())
        return self.textFromValue(min(max(value, self.minimum()), self.maximum()))

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 4, tokens().control_height)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        # Qt lays the line over the whole field, border and all, whenever the style changes.
        if event.type() in _PLACES_THE_LINE:
            self._place_parts()
        return handled

    def _place_parts(self) -> None:
        pad, side = tokens().padding.field, tokens().space[5]
        if self._down is None:
            return
        half = self.height() // 2
        left = self.width() - side - tokens().grid
        # Inside the two pixels of a focus or error border.
        self.lineEdit().setGeometry(pad - 2, 2, max(1, left - pad), self.height() - 4)
        self._up.setGeometry(left, 2, side, half - 2)
        self._down.setGeometry(left, half, side, half - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_field_frame(painter, self, self.hasFocus(), self._error is not None)

    def _bare(self, text: str) -> str:
        if self._plain_suffix:
            text = text.removesuffix(self._plain_suffix).removesuffix(self._plain_suffix.strip())
        return text.replace(",", "").replace("\u2212", "-").strip()
