"""Undo and redo by their keys in windows that the main window’s keys do not reach."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent, QKeySequence, QUndoStack


def undone_by_key(event: QKeyEvent, undo: QUndoStack) -> bool:
    """Takes back or repeats a step if `event` is a key for that; whether it was one."""
    if event.matches(QKeySequence.StandardKey.Undo):
        undo.undo()
    elif event.matches(QKeySequence.StandardKey.Redo):
        undo.redo()
    else:
        return False
    return True
