"""The QActions made from the action table: one each, with its shortcut, enabled when it fits."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from saedesk.session.session import Session
from saedesk.ui.shell.action_table import ACTIONS, ActionEntry
from saedesk.ui.theme.icons import icon
from saedesk.ui.widgets.plain_tooltip import escaped


class WindowActions(QObject):
    """All actions by name; they are added to the window so that their keys work everywhere."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self.by_name: dict[str, QAction] = {}
        for entry in ACTIONS:
            action = QAction(icon(entry.icon), entry.title, window)
            action.setProperty("icon name", entry.icon)
            action.setShortcuts([QKeySequence(keys) for keys in entry.shortcuts])
            # Keys are shown beside commands anyway; a hint of a menu must not swallow one.
            action.setIconVisibleInMenu(True)
            window.addAction(action)
            self.by_name[entry.name] = action
            _set_tip(action, entry.title, entry)
        undo = session.undo
        undo.canUndoChanged.connect(self.refresh)
        undo.canRedoChanged.connect(self.refresh)
        undo.undoTextChanged.connect(self.refresh)
        undo.redoTextChanged.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        self.refresh()

    def connect_to(self, commands: QObject) -> None:
        """Connects each action to the method of the same name."""
        for name, action in self.by_name.items():
            action.triggered.connect(getattr(commands, name))

    def refresh(self) -> None:
        """Enables what can be done now; undo and redo name their step."""
        project, undo = self._session.project, self._session.undo
        holds = {
            "": True,
            "project": project is not None,
            "task": bool(self._session.compute.tasks),
        }
        for entry in ACTIONS:
            self.by_name[entry.name].setEnabled(holds[entry.needs])
        for name, can, step in (
            ("undo", undo.canUndo(), undo.undoText()),
            ("redo", undo.canRedo(), undo.redoText()),
        ):
            entry = next(e for e in ACTIONS if e.name == name)
            action = self.by_name[name]
            action.setEnabled(can)
            words = f"{entry.title} “{step}”" if can and step else entry.title
            _set_tip(action, words if can else f"Nothing to {name}", entry)


def _set_tip(action: QAction, words: str, entry: ActionEntry) -> None:
    tip = f"{words} ({entry.shortcuts[0]})" if entry.shortcuts else words
    if action.property("tip") != tip:
        action.setProperty("tip", tip)
        action.setToolTip(escaped(tip))
        action.changed.emit()
