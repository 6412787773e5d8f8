"""Fields for a line of text and for search."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QLineEdit,
    QWidget,
)

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import (
    draw_key_cap,
    key_cap_width,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.undo_keys import left_to_the_program


def _repolish(widget: QWidget) -> None:
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


class TextField(QLineEdit):
    """A single line of text; `icon` stands at its left.

    Undo and redo are those of the program where there are no letters to take back.
    """

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
        is_large = (height or 0) >= tokens().query_field_height
        self._extra = tokens().grid // 2 if is_large else 0
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

    def event(self, event: QEvent) -> bool:
        return not left_to_the_program(event, self) and super().event(event)

    def _set_margins(self, right: int) -> None:
        left = tokens().icon + tokens().grid // 2 + 4 * self._extra if self._icon else 0
        self.setTextMargins(left, 0, right, self._extra)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._icon:
            painter = QPainter(self)
            size = tokens().icon
            place = QRect(tokens().padding.field + self._extra, 0, size, self.height())
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
            self.width() - edge - tokens().space[1] - self._extra,
            (self.height() - edge) // 2,
            edge,
            edge,
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
