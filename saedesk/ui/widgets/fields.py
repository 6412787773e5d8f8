"""Fields for text, search, numbers and choices, and the row of a form that holds one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLocale, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QListView,
    QSizePolicy,
    QWidget,
)

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import (
    draw_key_cap,
    draw_line_of_text,
    draw_rounded,
    key_cap_width,
    text_width,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip


def _repolish(widget: QWidget) -> None:
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


class TextField(QLineEdit):
    """A single line of text; `icon` stands at its left."""

    text_changed = Signal(str)
    error_changed = Signal()

    def __init__(
        self,
        placeholder: str = "",
        icon: str | None = None,
        accessible_name: str = "",
        height: int | None = None,
        role: str = "field",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._error: str | None = None
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(accessible_name or placeholder)
        self.setFont(Theme.current().font(role))
        self.setFixedHeight(height or tokens().control_height)
        self.setMinimumWidth(tokens().space[8] * 2)
        self.textChanged.connect(self.text_changed)
        self._set_margins(0)

    @property
    def error(self) -> str | None:
        """The sentence that says what is wrong, or None."""
        return self._error

    def set_error(self, sentence: str | None) -> None:
        """Turns the border to the colour of an error; None turns it back."""
        self._error = sentence
        self.setProperty("error", "true" if sentence else "false")
        self.setAccessibleDescription(sentence or "")
        _repolish(self)
        self.error_changed.emit()

    def _set_margins(self, right: int) -> None:
        left = tokens().icon + tokens().grid // 2 if self._icon else 0
        self.setTextMargins(left, 0, right, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._icon:
            painter = QPainter(self)
            size = tokens().icon
            place = QRect(tokens().padding.field, 0, size, self.height())
            colour = "text2" if self.isEnabled() else "disabled"
            paint_icon(painter, self._icon, place, colour, size)


class _ClearButton(QAbstractButton):
    """The cross at the end of a search field."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Clear")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        set_plain_tooltip(self, "Clear the text (Escape)")
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = "text1" if self.underMouse() else "text2"
        paint_icon(QPainter(self), "x", self.rect(), colour, tokens().icon_sizes.inline)


class SearchField(TextField):
    """A field that finds or filters; shows its shortcut at rest and a cross when it has text.

    `text_changed` comes with every letter, `submitted` with Enter. Escape clears the text.
    """

    submitted = Signal(str)

    def __init__(
        self,
        placeholder: str = "",
        shortcut_hint: str | None = None,
        accessible_name: str = "",
        height: int | None = None,
        icon: str = "search",
        role: str = "field",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(placeholder, icon, accessible_name, height, role, parent)
        self._keys = shortcut_hint.split("+") if shortcut_hint else []
        self._clear = _ClearButton(self)
        self._clear.clicked.connect(self.clear)
        self.textChanged.connect(self._on_text)
        self.returnPressed.connect(self._on_return)
        self._on_text("")

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        edge = tokens().space[6]
        self._clear.setGeometry(
            self.width() - edge - tokens().space[1], (self.height() - edge) // 2, edge, edge
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.text() or not self._keys:
            return
        painter = QPainter(self)
        height, gap = tokens().space[5] - 2, tokens().grid
        right = self.width() - tokens().space[2]
        for key in reversed(self._keys):
            width = key_cap_width(key)
            place = QRect(right - width, (self.height() - height) // 2, width, height)
            draw_key_cap(painter, place, key)
            right -= width + gap

    def _on_text(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        keys = sum(key_cap_width(key) + tokens().grid for key in self._keys)
        self._set_margins(tokens().space[5] if text else keys)

    def _on_return(self) -> None:
        self.submitted.emit(self.text())


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

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        pad, side = tokens().padding.field, tokens().space[5]
        half = self.height() // 2
        left = self.width() - side - tokens().grid
        self.lineEdit().setGeometry(pad - 2, 1, max(1, left - pad), self.height() - 2)
        self._up.setGeometry(left, 2, side, half - 2)
        self._down.setGeometry(left, half, side, half - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        _paint_frame(painter, self, self.hasFocus(), self._error is not None)

    def _bare(self, text: str) -> str:
        if self._plain_suffix:
            text = text.removesuffix(self._plain_suffix).removesuffix(self._plain_suffix.strip())
        return text.replace(",", "").replace("\u2212", "-").strip()


def _paint_frame(
    painter: QPainter, widget: QWidget, focus: bool, error: bool, ground: str = "field"
) -> None:
    """The ground and border of a field: strong line, 2-px ring with the keyboard, error."""
    border, width = "lineStrong", float(tokens().line)
    if error:
        border = "error"
    elif focus:
        border = "focus"
    if focus:
        width = float(tokens().focus_ring.in_field)
    ground = ground if widget.isEnabled() else "panel"
    draw_rounded(painter, widget.rect(), tokens().radius.control, ground, border, width)


class ChoiceField(QComboBox):
    """Chooses one of several words; `prefix` says quietly what is chosen ("SAE", "Mark")."""

    changed = Signal(str)
    error_changed = Signal()

    def __init__(
        self,
        items: Sequence[str] = (),
        prefix: str = "",
        current: str | None = None,
        accessible_name: str = "",
        ground: str = "control",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._prefix, self._error, self._ground = prefix, None, ground
        popup = QListView(self)
        popup.setProperty("popup", "true")
        popup.setUniformItemSizes(True)
        self.setView(popup)
        self.setFont(Theme.current().font("field"))
        self.setFixedHeight(tokens().control_height)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(accessible_name or prefix)
        self.addItems(list(items))
        if current is not None:
            self.setCurrentText(current)
        self.currentTextChanged.connect(self.changed)

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

    def set_items(self, items: Sequence[str], current: str | None = None) -> None:
        """Replaces the choices without telling anybody."""
        blocked = self.blockSignals(True)
        self.clear()
        self.addItems(list(items))
        if current is not None:
            self.setCurrentText(current)
        self.blockSignals(blocked)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        texts = [self.itemText(index) for index in range(min(self.count(), 200))] or [""]
        role = "label" if self._prefix else "field"
        width = max(text_width(text, role) for text in texts)
        if self._prefix:
            width += text_width(self._prefix, "field") + tokens().grid
        chevron = tokens().icon + tokens().space[2]
        return QSize(width + 2 * tokens().padding.field + chevron, tokens().control_height)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), tokens().space[8] * 3), tokens().control_height)

    def showPopup(self) -> None:
        popup = self.view()
        popup.setMinimumWidth(self.width())
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and not self.toolTip():
            cut = self.sizeHint().width() > self.width()
            set_plain_tooltip(self, self.currentText() if cut else "")
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        hovered = self.underMouse() and self.isEnabled()
        ground = "hover" if hovered else self._ground
        _paint_frame(painter, self, self.hasFocus(), self._error is not None, ground)
        pad, size = tokens().padding.field, tokens().icon
        colour = "text1" if self.isEnabled() else "disabled"
        right = self.width() - pad - size + 2
        left = pad
        if self._prefix:
            line = QRect(left, 0, right - left, self.height())
            quiet = "text3" if self.isEnabled() else "disabled"
            used = draw_line_of_text(painter, line, self._prefix, "field", quiet)
            left += int(used) + tokens().grid
        role = "label" if self._prefix else "field"
        line = QRect(left, 0, right - left - tokens().grid, self.height())
        draw_line_of_text(painter, line, self.currentText(), role, colour)
        place = QRectF(right, 0, size, self.height())
        paint_icon(
            painter,
            "chevrons-up-down",
            place,
            "text2" if self.isEnabled() else "disabled",
            tokens().icon_sizes.inline,
        )

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()
