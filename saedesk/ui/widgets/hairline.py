"""A line of one pixel between things."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import shade


class Hairline(QWidget):
    """A horizontal or vertical hairline."""

    def __init__(
        self,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
        colour: str = "line",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._colour = colour
        fixed, wide = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        if orientation == Qt.Orientation.Horizontal:
            self.setFixedHeight(tokens().line)
            self.setSizePolicy(wide, fixed)
        else:
            self.setFixedWidth(tokens().line)
            self.setSizePolicy(fixed, wide)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), shade(self._colour))
