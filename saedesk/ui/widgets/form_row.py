"""One row of a form: label, field, and underneath what helps or what is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import draw_dot
from saedesk.ui.widgets.text_label import TextLabel


class FieldRow(QWidget):
    """A label at the left, a field at the right.

    The help appears under the field that has the keyboard, an error as long as there is one; a
    dot at the left says that the value differs from the preset. The dot stands in the margin of
    one grid unit and a half to the left of the label, which the row keeps free.
    """

    DOT_ROOM = 10

    def __init__(
        self,
        label: str,
        field: QWidget,
        help: str = "",
        field_width: int | None = None,
        always_help: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._field, self._help, self._always = field, help, always_help
        self._differs = False
        self.label = TextLabel(label, "body", elide=True)
        self.label.set_explanation(help)
        self.remark = TextLabel("", "caption", "text3", wrap=True)
        self.remark.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.label, 1)
        row.addWidget(field)
        if field_width:
            field.setFixedWidth(field_width)
        column = QVBoxLayout(self)
        column.setContentsMargins(self.DOT_ROOM, 0, 0, 0)
        column.setSpacing(tokens().space[1])
        column.addLayout(row)
        column.addWidget(self.remark)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        if not field.accessibleName():
            field.setAccessibleName(label)
        field.installEventFilter(self)
        error_changed: Any = getattr(field, "error_changed", None)
        if error_changed is not None:
            error_changed.connect(self._refresh)
        self._refresh()

    @property
    def field(self) -> QWidget:
        """The field in the row."""
        return self._field

    def set_differs(self, differs: bool) -> None:
        """Shows or hides the dot that says the value differs from the preset."""
        self._differs = differs
        self.label.set_explanation(
            f"{self._help}\nDiffers from the preset.".strip() if differs else self._help
        )
        self.update()

    def set_help(self, help: str) -> None:
        """Shows another help under the field."""
        self._help = help
        self.set_differs(self._differs)
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._refresh(event.type() == QEvent.Type.FocusIn)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._differs:
            return
        middle = self.label.geometry().center().y() + 0.5
        draw_dot(QPainter(self), QPointF(2.5, middle), 2.5, "accent")

    def _refresh(self, focused: bool | None = None) -> None:
        error = getattr(self._field, "error", None)
        if focused is None:
            focused = self._field.hasFocus()
        text = error or (self._help if focused or self._always else "")
        self.remark.set_colour("error" if error else "text3")
        self.remark.setText(text)
        self.remark.setVisible(bool(text))
