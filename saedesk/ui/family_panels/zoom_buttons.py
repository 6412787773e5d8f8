"""Three small buttons on a picture: nearer, farther, all of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.ui.family_panels.family_scene import ZOOM_STEP, FamilyCanvas
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.painting import draw_rounded


class ZoomButtons(QWidget):
    """Lies in the right lower corner of a canvas; hidden where all is seen as it was made."""

    def __init__(self, canvas: FamilyCanvas, always: bool = False) -> None:
        super().__init__(canvas)
        self._canvas, self._always = canvas, always
        self.farther = GhostButton("minus", "Show more of the picture, smaller (−)")
        self.nearer = GhostButton("plus", "Show less of the picture, larger (+)")
        self.whole = GhostButton("maximize", "Show the whole picture (0)")
        self.farther.clicked.connect(self._zoom_out)
        self.nearer.clicked.connect(self._zoom_in)
        self.whole.clicked.connect(canvas.fit_whole)
        row = QHBoxLayout(self)
        row.setContentsMargins(*[tokens().grid // 2] * 4)
        row.setSpacing(0)
        for button in (self.farther, self.nearer, self.whole):
            row.addWidget(button)
        canvas.installEventFilter(self)
        canvas.viewing_changed.connect(self.refresh)
        self.adjustSize()
        self.refresh()

    def refresh(self) -> None:
        """Comes and goes with what is out of view."""
        drawing, canvas = self._canvas.drawing, self._canvas
        if drawing is None:
            self.hide()
            return
        seen = canvas.rect_on_screen(drawing.bounds_at(canvas.viewing.scale))
        inside = canvas.viewport().rect().adjusted(-1, -1, 1, 1).contains(seen)
        self.setVisible(self._always or not (inside and canvas.viewing.scale >= 1 - 1e-9))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.refresh()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_rounded(QPainter(self), self.rect(), tokens().radius.control, "surface", "line")

    def _place(self) -> None:
        edge = tokens().space[1]
        room = self._canvas.size()
        self.move(room.width() - self.width() - edge, room.height() - self.height() - edge)

    def _zoom_in(self) -> None:
        self._canvas.zoom(ZOOM_STEP)

    def _zoom_out(self) -> None:
        self._canvas.zoom(1 / ZOOM_STEP)
