"""A card over the dimmed window: the palette, the keys, what saedesk is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.hover_card import draw_card
from saedesk.ui.widgets.painting import shade

_TOP = 96


class Overlay(QWidget):
    """Covers its window while it is open; Escape or a click beside the card closes it.

    The keyboard goes back to where it was.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._before: QWidget | None = None
        self.card = QWidget(self)
        self.column = QVBoxLayout(self.card)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        window.installEventFilter(self)

    def open(self) -> None:
        """Shows the card and takes the keyboard."""
        was_open = self.isVisible()
        self.place()
        self.show()
        if not was_open:
            # Small cards close when this comes, and give the keyboard back.
            self._before = QApplication.focusWidget()
        self.raise_()
        self.setFocus()

    def close_card(self) -> None:
        """Hides the card and gives the keyboard back."""
        if not self.isVisible():
            return
        before, self._before = self._before, None
        self.hide()
        try:
            if before is not None and before.isVisible():
                before.setFocus()
        except RuntimeError:
            return  # It was deleted meanwhile.

    def place(self) -> None:
        """Puts the card into the upper middle of the window."""
        window = self.parentWidget()
        self.setGeometry(window.rect())
        width = min(self.card_width(), self.width() - 2 * tokens().space[6])
        top = min(_TOP, self.height() // 10)
        height = min(self.card_height(), self.height() - 2 * top)
        # In the middle of the work area, as what it lies over.
        rail = tokens().layout.rail
        left = rail + (self.width() - rail - width) // 2
        self.card.setGeometry(QRect(max(tokens().space[6], left), top, width, height))

    def card_width(self) -> int:
        """How wide the card wants to be."""
        return tokens().layout.palette

    def card_height(self) -> int:
        """How high the card wants to be."""
        return self.card.sizeHint().height()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = Theme.current()
        painter.fillRect(self.rect(), theme.colour("scrim", theme.number("scrimAlpha")))
        draw_card(painter, QRectF(self.card.geometry()), tokens().radius.palette)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_card()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_card()
            return
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays inside the card."""
        found = [
            child
            for child in self.card.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus
            and child.isVisible()
            and child.isEnabled()
        ]
        if not found:
            return True
        found.sort(key=lambda child: _reading_order(child, self))
        focus = QApplication.focusWidget()
        at = found.index(focus) if focus in found else -1
        found[(at + (1 if forward else -1)) % len(found)].setFocus(Qt.FocusReason.TabFocusReason)
        return True


def _reading_order(child: QWidget, host: QWidget) -> tuple[int, int]:
    place = child.mapTo(host, QPoint(0, 0))
    return place.y(), place.x()


class CardFoot(QWidget):
    """The strip at the bottom of a card, in the ground of a side panel with round corners."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens().space[8] + tokens().space[2])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = tokens().radius.palette - 1
        painter.setClipRect(self.rect())
        place = QRectF(self.rect()).adjusted(1, -2 * radius, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade("panel"))
        painter.drawRoundedRect(place, radius, radius)
        painter.fillRect(QRect(0, 0, self.width(), tokens().line), shade("line"))
