"""A splitter that looks like a hairline and is gripped in a zone of eight pixels."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import shade

GRIP = 8
"""Device-independent pixels in which the mouse takes hold of the line."""


class _Grip(QWidget):
    """The zone of the mouse: lies over both neighbours of a handle and is not seen."""

    def __init__(self, handle: HairlineSplitterHandle, splitter: HairlineSplitter) -> None:
        super().__init__(splitter)
        self._handle, self._splitter = handle, splitter
        self._held: int | None = None
        across = splitter.orientation() == Qt.Orientation.Horizontal
        shape = Qt.CursorShape.SplitHCursor if across else Qt.CursorShape.SplitVCursor
        self.setCursor(shape)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def follow(self) -> None:
        """Lies around its handle again, above the panels."""
        reach = (GRIP - tokens().line) // 2
        place = self._handle.geometry()
        if self._splitter.orientation() == Qt.Orientation.Horizontal:
            place = QRect(place.center().x() - reach, place.top(), GRIP, place.height())
        else:
            place = QRect(place.left(), place.center().y() - reach, place.width(), GRIP)
        self.setGeometry(place)
        self.setVisible(not self._handle.isHidden())
        self.raise_()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._handle.set_hovered(True)

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._handle.set_hovered(False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            place = self.mapToParent(event.position().toPoint())
            self._held = self._along(place) - self._along(self._handle.geometry().center())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            place = self.mapToParent(event.position().toPoint())
            index = self._splitter.indexOf(self._handle)
            self._splitter.moveSplitter(self._along(place) - self._held, index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def _along(self, place: QPoint) -> int:
        across = self._splitter.orientation() == Qt.Orientation.Horizontal
        return place.x() if across else place.y()


class HairlineSplitterHandle(QSplitterHandle):
    """The line itself."""

    def __init__(self, splitter: HairlineSplitter) -> None:
        super().__init__(splitter.orientation(), splitter)
        self._hovered = False
        self._grip = _Grip(self, splitter)

    def set_hovered(self, hovered: bool) -> None:
        """Shows that the line can be taken hold of."""
        self._hovered = hovered
        self.update()

    def moveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().moveEvent(event)
        self._grip.follow()

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._grip.follow()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self._grip.follow()

    def hideEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().hideEvent(event)
        self._grip.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle, line = self.rect().center(), tokens().line
        colour = shade("lineControl" if self._hovered else "line")
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
        return HairlineSplitterHandle(self)
