"""F6 goes from one area of a workspace to the next, Shift+F6 to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget


class Area(Protocol):
    """A part of a workspace, which is a widget."""

    def take_keyboard(self) -> bool | None:
        """Puts the keyboard into it; False where there is nothing for it."""


class AreaWalk(QObject):
    """Walks round; an area that has nothing for the keyboard is passed over."""

    def __init__(self, workspace: QWidget, areas: Sequence[Area]) -> None:
        super().__init__(workspace)
        self._areas = tuple(areas)
        forth = QShortcut(QKeySequence("F6"), workspace)
        back = QShortcut(QKeySequence("Shift+F6"), workspace)
        for shortcut in (forth, back):
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        forth.activated.connect(self._on_next)
        back.activated.connect(self._on_previous)

    def _on_next(self) -> None:
        self._walk(1)

    def _on_previous(self) -> None:
        self._walk(-1)

    def _walk(self, step: int) -> None:
        at = self._current()
        for _ in self._areas:
            at = (at + step) % len(self._areas)
            area = self._areas[at]
            assert isinstance(area, QWidget)
            if area.isVisible() and area.take_keyboard() is not False:
                return

    def _current(self) -> int:
        """The area that has the keyboard; the last one where none has, so that the first comes."""
        focus = QApplication.focusWidget()
        for at, area in enumerate(self._areas):
            assert isinstance(area, QWidget)
            if focus is not None and (area is focus or area.isAncestorOf(focus)):
                return at
        return len(self._areas) - 1
