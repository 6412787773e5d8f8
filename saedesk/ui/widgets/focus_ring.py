"""The ring around the widget that has the keyboard, two pixels outside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import draw_rounded


class FocusRing(QWidget):
    """Follows one widget and shows a ring around it while it has the keyboard.

    It lies in the widget's parent, so it needs no room inside the widget; it appears for Tab,
    shortcuts and code, not for a click, which shows by itself where it went.
    """

    def __init__(self, target: QWidget, radius: int) -> None:
        super().__init__(target.parentWidget())
        self._target, self._radius = target, radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def follow(self) -> None:
        """Places the ring around its widget and raises it."""
        ring = tokens().focus_ring
        edge = ring.width + ring.gap
        parent = self._target.parentWidget()
        if parent is not self.parentWidget():
            self.setParent(parent)
        self.setGeometry(self._target.geometry().adjusted(-edge, -edge, edge, edge))
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        ring = tokens().focus_ring
        painter = QPainter(self)
        radius = self._radius + ring.gap + ring.width
        draw_rounded(painter, QRectF(self.rect()), radius, None, "focus", ring.width)


class FocusRingFilter(QObject):
    """Shows and hides a widget's focus ring; made on the first focus by keyboard."""

    def __init__(self, target: QWidget, radius: int) -> None:
        super().__init__(target)
        self._target, self._radius = target, radius
        self._ring: FocusRing | None = None
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            if event.reason() != Qt.FocusReason.MouseFocusReason and self._target.parentWidget():
                self._ring = self._ring or FocusRing(self._target, self._radius)
                self._ring.follow()
        elif self._ring is None:
            return False
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.Hide, QEvent.Type.EnabledChange):
            self._ring.hide()
        elif kind in (QEvent.Type.Move, QEvent.Type.Resize) and self._ring.isVisible():
            self._ring.follow()
        return False
