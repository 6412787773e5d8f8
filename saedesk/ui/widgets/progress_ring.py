"""How far a task is: a ring beside its name, a thin meter beside its percent."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import shade

RING_WIDTH = 2
UNKNOWN_SHARE = 0.25
"""The part of the ring that is drawn while nobody knows how much there is to do."""


def draw_ring(painter: QPainter, rect: QRectF, share: float | None) -> None:
    """A ring filled clockwise from the top to `share`; None draws a quarter."""
    edge = min(rect.width(), rect.height()) - RING_WIDTH
    place = QRectF(0, 0, edge, edge)
    place.moveCenter(rect.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(shade("track2"), RING_WIDTH))
    painter.drawEllipse(place)
    pen = QPen(shade("accent"), RING_WIDTH)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    filled = UNKNOWN_SHARE if share is None else min(max(share, 0.0), 1.0)
    painter.drawArc(place, 90 * 16, -round(filled * 360 * 16))
    painter.restore()


def draw_footer_meter(
    painter: QPainter, rect: QRectF, share: float, colour: str = "accent"
) -> None:
    """The thin bar of the footer."""
    draw_bar(painter, rect, share, colour, thickness=tokens().bar.footer)


class ProgressRing(QWidget):
    """A ring, or at rest a check mark; it says its percent to assistive technology."""

    def __init__(self, accessible_name: str = "Progress", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = accessible_name
        self._share: float | None = None
        self._resting = True
        self.setFixedSize(self.sizeHint())
        self.set_resting()

    def set_share(self, share: float | None) -> None:
        """Shows how far the task is, 0 to 1; None where nobody knows."""
        self._share, self._resting = share, False
        told = "under way" if share is None else f"{share:.0%}"
        self.setAccessibleName(f"{self._name} {told}")
        self.update()

    def set_resting(self) -> None:
        """Shows that nothing is running."""
        self._resting = True
        self.setAccessibleName("Nothing is running")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().icon, tokens().icon)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._resting:
            paint_icon(painter, "check", self.rect(), "text2")
        else:
            draw_ring(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), self._share)
