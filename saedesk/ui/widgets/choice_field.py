"""A field that chooses one of several words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QListView,
    QSizePolicy,
    QWidget,
)

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.field_frame import paint_field_frame
from saedesk.ui.widgets.painting import (
    draw_line_of_text,
    text_width,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip


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
        frame = popup.parentWidget()
        if isinstance(frame, QFrame):
            # The list has a border of its own; Qt's would look out behind its corners.
            frame.setFrameShape(QFrame.Shape.NoFrame)
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
        paint_field_frame(painter, self, self.hasFocus(), self._error is not None, ground)
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
