"""Where the keyboard goes when a workspace comes to the front."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from saedesk.ui.shell.window_commands import find_shortcut


def focus_workspace(workspace: QWidget) -> None:
    """Puts the keyboard where work begins: what the workspace says, its filter, its first control.

    A workspace says it by a method `focus_first`, or at least by `focus_filter`.
    """
    for name in ("focus_first", "focus_filter"):
        if hasattr(workspace, name):
            getattr(workspace, name)()
            return
    shortcut = find_shortcut(workspace)
    if shortcut is not None:
        shortcut.activated.emit()
    else:
        _focus_first_control(workspace)


def _focus_first_control(workspace: QWidget) -> None:
    control = workspace.nextInFocusChain()
    while control is not None and control is not workspace:
        takes_tab = control.focusPolicy() & Qt.FocusPolicy.TabFocus
        is_inside = workspace.isAncestorOf(control)
        if takes_tab and is_inside and control.isVisible() and control.isEnabled():
            control.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        control = control.nextInFocusChain()
    workspace.setFocus(Qt.FocusReason.OtherFocusReason)
