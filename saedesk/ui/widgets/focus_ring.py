"""The ring around the widget that has the keyboard, two pixels outside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import draw_rounded

BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
    Qt.FocusReason.OtherFocusReason,
)
_COMES_BACK = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


def shows_keyboard(event: QFocusEvent, shown_before: bool) -> bool:
    """Whether what gets the keyboard shows it.

    A click shows by itself where it went; a window that becomes active again, or a menu that
    closes, leaves all as it was.
    """
    return shown_before if event.reason() in _COMES_BACK else event.reason() in BY_KEYBOARD


class FocusRing(QWidget):
    """A ring around one widget; it lies in the nearest ancestor that has room for it."""

    def __init__(self, target: QWidget, radius: int) -> None:
        super().__init__(target.parentWidget())
        self._target, self._radius = target, radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def follow(self) -> list[QWidget]:
        """Places and raises the ring; returns the ancestors whose moves move it too."""
        ring = tokens().focus_ring
        edge = ring.width + ring.gap
        host, between = self._target.parentWidget(), []
        place = self._around(host, edge)
        while not _holds(host, place) and host.parentWidget() and not host.isWindow():
            between.append(host)
            host = host.parentWidget()
            place = self._around(host, edge)
        if host is not self.parentWidget():
            self.setParent(host)
        self.setGeometry(place)
        self.raise_()
        self.show()
        return between

    def _around(self, host: QWidget, edge: int) -> QRect:
        origin = self._target.mapTo(host, QPoint(0, 0))
        return QRect(origin, self._target.size()).adjusted(-edge, -edge, edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        ring = tokens().focus_ring
        painter = QPainter(self)
        radius = self._radius + ring.gap + ring.width
        draw_rounded(painter, QRectF(self.rect()), radius, None, "focus", ring.width)


def _holds(host: QWidget, place: QRect) -> bool:
    if isinstance(host.parentWidget(), QAbstractScrollArea):
        return True
    return host.rect().contains(place)


class FocusRingFilter(QObject):
    """Shows the ring of a widget that got the keyboard by key or by code."""

    def __init__(self, target: QWidget, radius: int) -> None:
        super().__init__(target)
        self._target, self._radius = target, radius
        self._ring: FocusRing | None = None
        self._by_keyboard = True
        self._between: list[QWidget] = []
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if "_ring" not in self.__dict__:
            # A garbage collection has emptied it; Qt destroys it together with its widget.
            return False
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            self._by_keyboard = shows_keyboard(event, self._by_keyboard)
            if self._by_keyboard and self._target.parentWidget():
                self._ring = self._ring or FocusRing(self._target, self._radius)
                self._follow()
        elif self._ring is None:
            return False
        elif kind in (QEvent.Type.Move, QEvent.Type.Resize) and self._ring.isVisible():
            self._follow()
        elif watched is self._target and kind in (
            QEvent.Type.FocusOut,
            QEvent.Type.Hide,
            QEvent.Type.EnabledChange,
        ):
            self._hide()
        return False

    def _follow(self) -> None:
        assert self._ring is not None
        between = self._ring.follow()
        for ancestor in between:
            if ancestor not in self._between:
                ancestor.installEventFilter(self)
        self._between = between

    def _hide(self) -> None:
        if self._ring is not None:
            self._ring.hide()
        for ancestor in self._between:
            ancestor.removeEventFilter(self)
        self._between = []
