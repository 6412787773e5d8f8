"""Buttons in a row: those that end a dialog, and one beside its field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.ui.theme import tokens


def button_row(*buttons: QWidget, left: Sequence[QWidget] = ()) -> QHBoxLayout:
    """The last line of a dialog: its answers at the right, what goes with them at the left."""
    row = QHBoxLayout()
    row.setSpacing(tokens().space[2])
    for widget in left:
        row.addWidget(widget)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row


def beside(field: QWidget, button: QWidget) -> QWidget:
    """A field that takes the room, and a button right of it."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(tokens().space[2])
    row.addWidget(field, 1)
    row.addWidget(button)
    return holder
