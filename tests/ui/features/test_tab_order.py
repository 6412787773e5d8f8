"""Tab goes through the Features workspace and out of it again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace


def test_tab_leaves_the_workspace(session: Session, qtbot: QtBot) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    outside = QLineEdit()
    workspace = FeaturesWorkspace(session)
    column.addWidget(workspace)
    column.addWidget(outside)
    qtbot.addWidget(page)
    page.resize(1376, 820)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(workspace.list.table.isVisible)
    workspace.list.table.setFocus()
    qtbot.waitUntil(workspace.list.table.hasFocus)
    visited = 0
    while not outside.hasFocus() and visited < 40:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        visited += 1
    assert outside.hasFocus()
    qtbot.waitUntil(lambda: not session.query.tasks)
