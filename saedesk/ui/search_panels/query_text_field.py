"""The field of the query, whose undo is that of the search."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence

from saedesk.ui.widgets.fields import SearchField

_OWN_STEPS = ("edit-undo", "edit-redo")
"""Names of the lines of the field's menu that would undo letters and not searches."""
_UNDO, _REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo


class QueryTextField(SearchField):
    """Undo, redo and Down mean the search, not the letters of the field.

    Letters that a field undoes would be a search that nobody made, and skip the sliders.
    """

    undo_wanted = Signal()
    redo_wanted = Signal()
    down_pressed = Signal()

    def event(self, event: QEvent) -> bool:
        is_asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_asked and (event.matches(_UNDO) or event.matches(_REDO)):  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(_UNDO):
            self.undo_wanted.emit()
        elif event.matches(_REDO):
            self.redo_wanted.emit()
        elif event.key() == Qt.Key.Key_Down and not event.modifiers():
            self.down_pressed.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in menu.actions():
            if action.objectName() in _OWN_STEPS:
                menu.removeAction(action)
        if menu.actions() and menu.actions()[0].isSeparator():
            menu.removeAction(menu.actions()[0])
        menu.popup(event.globalPos())
