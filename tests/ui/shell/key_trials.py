"""What a key of the overview does, as it is tried in the real window: the frame of the trials."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell.key_table import KeyLine

KEYS = {
    "Enter": Qt.Key.Key_Return,
    "Del": Qt.Key.Key_Delete,
    "Esc": Qt.Key.Key_Escape,
    "Tab": Qt.Key.Key_Tab,
    "Space": Qt.Key.Key_Space,
    "Home": Qt.Key.Key_Home,
    "End": Qt.Key.Key_End,
    "PgUp": Qt.Key.Key_PageUp,
    "PgDn": Qt.Key.Key_PageDown,
    "←": Qt.Key.Key_Left,
    "→": Qt.Key.Key_Right,
    "↑": Qt.Key.Key_Up,
    "↓": Qt.Key.Key_Down,
    "+": Qt.Key.Key_Plus,
    "−": Qt.Key.Key_Minus,
    "?": Qt.Key.Key_Question,
}
MODIFIERS = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
}


def key_of(cap: str) -> Qt.Key:
    return KEYS[cap] if cap in KEYS else Qt.Key(QKeySequence(cap)[0].key())


class Keys:
    """Presses the keys of a line of the overview, as they are written there."""

    def __init__(self, line: KeyLine) -> None:
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._keys = []
        for cap in line.caps:
            if cap in MODIFIERS:
                self._modifiers |= MODIFIERS[cap]
            else:
                self._keys.append(key_of(cap))

    def __call__(self, widget: QWidget, at: int = 0) -> None:
        """Press the key of that place in the line."""
        widget.setFocus()
        QTest.keyClick(widget, self._keys[at], self._modifiers)


Trial = Callable[[MainWindow, QtBot, Keys], None]
TRIALS: dict[tuple[str, str], Trial] = {}


def works(group: str, words: str) -> Callable[[Trial], Trial]:
    def keep(trial: Trial) -> Trial:
        TRIALS[group, words] = trial
        return trial

    return keep


def in_features(window: MainWindow):
    if window.shown != "features":
        window.show_workspace("features")
    return window.current_workspace


def table_of(window: MainWindow):
    table = in_features(window).list.table
    table.setFocus()
    return table


def in_corpus(window: MainWindow, qtbot: QtBot):
    window.show_workspace("corpus")
    workspace = window.current_workspace
    qtbot.waitUntil(lambda: workspace.view.answer is not None, timeout=10_000)
    return workspace
