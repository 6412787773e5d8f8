"""A page that scrolls, with thin bars and no frame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from saedesk.ui.theme import tokens


class ScrollArea(QScrollArea):
    """Scrolls one widget up and down; the widget is as wide as the area."""

    def __init__(
        self,
        content: QWidget | None = None,
        ground: str = "surface",
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(accessible_name)
        self.setProperty("ground", ground)
        self.verticalScrollBar().setSingleStep(tokens().row_height.table)
        if content is not None:
            self.setWidget(content)

    def setWidget(self, widget: QWidget) -> None:
        super().setWidget(widget)
        # Qt fills the content with the window's colour; the ground of the area is wanted.
        widget.setAutoFillBackground(False)
