"""A field for a name, with what is wrong with it underneath."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.keyboard_place import has_keyboard
from saedesk.ui.widgets.text_field import TextField
from saedesk.ui.widgets.text_label import TextLabel


class NamingRow(QWidget):
    """Hidden until it is needed; Enter keeps the name, Escape gives it up."""

    kept = Signal(str)
    given_up = Signal()

    def __init__(self, what: str, longest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = TextField(what, accessible_name=what)
        self.field.setMaxLength(longest)
        self.save = DefaultButton("Save")
        self.cancel = DefaultButton("Cancel")
        self.error = TextLabel("", "caption", "error", wrap=True)
        self.save.clicked.connect(self._on_keep)
        self.cancel.clicked.connect(self.given_up)
        self.field.text_changed.connect(self._on_text)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.field, 1)
        row.addWidget(self.save)
        row.addWidget(self.cancel)
        self._line = QWidget()
        self._line.setLayout(row)
        row.setContentsMargins(0, tokens().space[1], 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[1])
        column.addWidget(self._line)
        column.addWidget(self.error)
        self.error.hide()
        self._before: QWidget | None = None

    def begin(self, name: str) -> None:
        """Let a name be typed, beginning with this one."""
        if not has_keyboard(self):
            self._before = self.window().focusWidget()
        self.field.setText(name)
        self.say("")
        self._line.show()
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def end(self) -> None:
        """Hide it; the keyboard goes back to where it was."""
        before, self._before = self._before, None
        if has_keyboard(self) and before is not None and shiboken6.isValid(before):
            # Only then is it hidden: Qt would send the keyboard to the next control in line.
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.say("")
        self.hide()

    def say(self, sentence: str) -> None:
        """Say what is wrong; "" for nothing."""
        is_naming = self.isVisible() and self._line.isVisible()
        self._line.setVisible(is_naming)
        self.field.set_error(sentence or None)
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        self.setVisible(is_naming or bool(sentence))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_keep()
        elif event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_keep(self) -> None:
        self.kept.emit(self.field.text())

    @Slot(str)
    def _on_text(self, _: str) -> None:
        if self.field.error:
            self.say("")
