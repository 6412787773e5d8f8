"""Small widgets side by side that go on in the next line where the room ends."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import tokens


class WrappingRow(QWidget):
    """Lays its widgets out from left to right at their size hints."""

    def __init__(self, widgets: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets = list(widgets)
        for widget in self._widgets:
            widget.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Lays these out instead; those that are gone are the caller's to delete."""
        self._widgets = list(widgets)
        for widget in self._widgets:
            if widget.parentWidget() is not self:
                widget.setParent(self)
                widget.show()
        self.arrange()

    def arrange(self) -> None:
        """Lay out again, after a widget changed its size."""
        gap, line_gap = tokens().space[2] - 2, tokens().space[1]
        x = y = line = 0
        for widget in self._widgets:
            if widget.isHidden():
                continue
            size = widget.sizeHint().expandedTo(widget.minimumSize())
            size = size.boundedTo(widget.maximumSize())
            if x and x + size.width() > self.width():
                x, y = 0, y + line + line_gap
                line = 0
            widget.setGeometry(QRect(x, y, size.width(), size.height()))
            x += size.width() + gap
            line = max(line, size.height())
        if y + line != self.height():
            self.setFixedHeight(y + line)

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8], self.height())

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self.arrange()
