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
        self._drawer = False
        self._shown: tuple[dict[str, bool], dict[str, str]] = ({}, {})
        self.by_name: dict[str, QAction] = {}
        for entry in ACTIONS:
            action = QAction(icon(entry.icon), entry.title, window)
            action.setProperty("icon name", entry.icon)
            action.setShortcuts([QKeySequence(keys) for keys in entry.shortcuts])
            # Keys are shown beside commands anyway; a hint of a menu must not swallow one.
            # Of a switch the mark that says whether it is on stands there.
            action.setIconVisibleInMenu(not entry.is_switch)
            action.setCheckable(entry.is_switch)
            window.addAction(action)
            self.by_name[entry.name] = action
            _set_tip(action, entry.title, entry)
        undo = session.undo
        undo.canUndoChanged.connect(self.refresh)
        undo.canRedoChanged.connect(self.refresh)
        undo.undoTextChanged.connect(self.refresh)
        undo.redoTextChanged.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        session.model_labels.private_changed.connect(self.by_name["private_mode"].setChecked)
        self.by_name["private_mode"].setChecked(session.model_labels.is_private)
        self.refresh()

    def connect_to(self, commands: QObject) -> None:
        """Connects each action to the method of the same name."""
        for name, action in self.by_name.items():
            action.triggered.connect(getattr(commands, name))

    def set_drawer_offered(self, offered: bool) -> None:
        """Whether the workspace in view has a right column that does not fit."""
        self._drawer = offered
        self.refresh()

    def refresh(self) -> None:
        """Enables what can be done now; undo and redo name their step."""
        session, undo = self._session, self._session.undo
        holds = {
            "": True,
            "project": session.project is not None,
            "task": any(task.outcome is None for task in session.compute.tasks),
            "drawer": self._drawer,
            "undo": undo.canUndo(),
            "redo": undo.canRedo(),
            **_search_needs(session),
        }
        steps = {"undo": undo.undoText(), "redo": undo.redoText()}
        if (holds, steps) == self._shown:
            # Each step tells of itself in four signals.
            return
        self._shown = (holds, steps)
        for entry in ACTIONS:
            self.by_name[entry.name].setEnabled(holds[entry.needs])
            if entry.name in steps:
                step = steps[entry.name]
                words = f"{entry.title} “{step}”" if step else f"Nothing to {entry.name}"
                _set_tip(self.by_name[entry.name], words, entry)


def _search_needs(session: Session) -> dict[str, bool]:
    """What commands of Search need."""
    search = session.search
    state = None if search is None else search.state
    asks = state is not None and state.asks_something
    return {
        "search": state is not None,
        "asked": asks,
        "turned": state is not None and state.settings.can_be_reset,
        "one setting": asks and state is not None and state.comparison is None,
    }


def _set_tip(action: QAction, words: str, entry: ActionEntry) -> None:
    tip = f"{words} ({entry.shortcuts[0]})" if entry.shortcuts else words
    if action.property("tip") != tip:
        action.setProperty("tip", tip)
        action.setToolTip(escaped(tip))
        action.changed.emit()
