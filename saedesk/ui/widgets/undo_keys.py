"""Undo and redo by their keys: in windows the main window’s keys do not reach, and in fields."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence, QUndoStack
from PySide6.QtWidgets import QLineEdit

_UNDO, _REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo


def undone_by_key(event: QKeyEvent, undo: QUndoStack) -> bool:
    """Takes back or repeats a step if `event` is a key for that; whether it was one."""
    if event.matches(_UNDO):
        undo.undo()
    elif event.matches(_REDO):
        undo.redo()
    else:
        return False
    return True


def left_to_the_program(event: QEvent, field: QLineEdit) -> bool:
    """Whether `event` asks `field` for a step that its letters do not have; ignores it then.

    A QLineEdit would take these keys from the program even where nothing was typed.
    """
    is_asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
    if not is_asked:
        return False
    has_none = (event.matches(_UNDO) and not field.isUndoAvailable()) or (  # type: ignore[attr-defined]
        event.matches(_REDO) and not field.isRedoAvailable()  # type: ignore[attr-defined]
    )
    if has_none:
        event.ignore()
    return has_none
