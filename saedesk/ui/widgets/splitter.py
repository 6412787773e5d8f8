"""A splitter that looks like a hairline and is gripped in a zone of eight pixels."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import shade

GRIP = 8
"""Device-independent pixels in which the mouse takes hold of the line."""


class HairlineSplitterHandle(QSplitterHandle):
    """One pixel in the layout; its mouse zone reaches over both neighbours."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        reach = (GRIP - tokens().line) // 2
        if self.orientation() == Qt.Orientation.Horizontal:
            self.setContentsMargins(reach, 0, reach, 0)
        else:
            self.setContentsMargins(0, reach, 0, reach)
        self.setMask(QRegion(self.contentsRect().adjusted(-reach, -reach, reach, reach)))
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.rect().center()
        line = tokens().line
        colour = shade("lineStrong" if self.underMouse() else "line")
        if self.orientation() == Qt.Orientation.Horizontal:
            painter.fillRect(QRect(middle.x(), 0, line, self.height()), colour)
        else:
            painter.fillRect(QRect(0, middle.y(), self.width(), line), colour)


class HairlineSplitter(QSplitter):
    """Panels side by side, or one above the other, with a hairline between them."""

    def __init__(
        self,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(orientation, parent)
        self.setHandleWidth(tokens().line)
        self.setChildrenCollapsible(False)
        self.setAccessibleName(accessible_name)

    def createHandle(self) -> QSplitterHandle:
        return HairlineSplitterHandle(self.orientation(), self)
