"""Whether the keyboard is in a part of the window, which parts that come and go must know."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def has_keyboard(part: QWidget) -> bool:
    """Whether the part, or something in it, has the keyboard whenever its window has."""
    focus = part.window().focusWidget()
    return focus is not None and (focus is part or part.isAncestorOf(focus))
