"""The splitter: a hairline to the eye, eight pixels to the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.splitter import HairlineSplitter


def test_a_drag_that_starts_beside_the_line_moves_it(qtbot: QtBot) -> None:
    Theme.current()
    splitter = HairlineSplitter()
    qtbot.addWidget(splitter)
    for _ in range(2):
        panel = QWidget()
        panel.setMinimumWidth(40)
        splitter.addWidget(panel)
    splitter.resize(401, 100)
    splitter.show()
    splitter.setSizes([200, 200])
    line = splitter.handle(1)
    assert line.width() <= 5, "Qt itself widens a line of one pixel to five"
    beside = QPoint(line.geometry().center().x() - 3, 50)
    grip = splitter.childAt(beside)
    start = grip.mapFrom(splitter, beside)
    QTest.mousePress(grip, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(grip, start + QPoint(50, 0))
    QTest.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=start + QPoint(50, 0))
    assert abs(splitter.sizes()[0] - 250) <= 1
    assert grip.geometry().center().x() - line.geometry().center().x() in (-1, 0, 1)


def test_a_scroll_area_shows_its_ground_behind_its_content(qtbot: QtBot) -> None:
    theme = Theme.current()
    area = ScrollArea(QWidget(), ground="surface")
    qtbot.addWidget(area)
    area.resize(100, 100)
    area.show()
    QApplication.processEvents()
    assert area.grab().toImage().pixelColor(50, 50) == theme.colour("surface")
