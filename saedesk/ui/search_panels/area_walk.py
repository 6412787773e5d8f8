"""F6 goes from one area of a workspace to the next, Shift+F6 to the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

Area = tuple[QWidget, Callable[[], bool | None]]
"""A part of the workspace, and what puts the keyboard into it; False where it cannot take it."""


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
            area, take_keyboard = self._areas[at]
            if area.isVisible() and take_keyboard() is not False:
                return

    def _current(self) -> int:
        """The area that has the keyboard; the last one where none has, so that the first comes."""
        focus = QApplication.focusWidget()
        for at, (area, _) in enumerate(self._areas):
            if focus is not None and (area is focus or area.isAncestorOf(focus)):
                return at
        return len(self._areas) - 1
