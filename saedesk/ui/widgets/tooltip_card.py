"""What a tooltip looks like: a small card in the window, below the thing that it explains.

Qt's own tooltip is a window of its own, whose corners cannot be round everywhere. It goes on to
decide when a tooltip comes and goes; it is only kept from being seen.
"""

from __future__ import annotations

from typing import ClassVar

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QTextDocumentFragment,
)
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.hover_card import draw_card, shadow_edge
from saedesk.ui.widgets.painting import shade, text_width
from saedesk.ui.widgets.plain_tooltip import MARKUP
from saedesk.ui.widgets.text_label import lay_out

ROLE = "caption"
WIDEST = 10
"""Width of a card at most, in units of 32 device-independent pixels."""
HIGHEST_THING = 2
"""Below a thing higher than this, in the same unit, the card would be far from the mouse."""
MOST_LINES = 20
_QT_TOOLTIP = "QTipLabel"
_NOWHERE = QRegion(-2, -2, 1, 1)
"""A mask that lets nothing of a window be seen."""


class TooltipCard(QWidget):
    """A few lines on a raised ground; takes no input."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    @property
    def text(self) -> str:
        """What the card says."""
        return self._text

    def set_text(self, text: str) -> None:
        """Says something else and takes the size that it needs."""
        self._text = text
        self.setAccessibleName(text)
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        room = self._room()
        _, height, _ = self._laid_out(room)
        side, above = _padding()
        return QSize(room + 2 * side, height + 2 * above) + 2 * QSize(shadow_edge(), shadow_edge())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        edge, (side, above) = shadow_edge(), _padding()
        card = self.rect().adjusted(edge, edge, -edge, -edge)
        draw_card(painter, QRectF(card), tokens().radius.card)
        painter.setPen(shade("text1"))
        layout, _, _ = self._laid_out(card.width() - 2 * side)
        layout.draw(painter, QPointF(card.left() + side, card.top() + above))

    def place_below(self, thing: QRect, mouse: QPoint) -> None:
        """Stands under a thing, else above it, inside the window; both in its coordinates."""
        edge, gap = shadow_edge(), tokens().space[1] + 2
        size = self.size() - QSize(2 * edge, 2 * edge)
        window = self.parentWidget().rect().adjusted(gap, gap, -gap, -gap)
        left = thing.left()
        if thing.width() > WIDEST * tokens().space[8]:
            left = mouse.x() - tokens().space[3]
        top = thing.bottom() + 1 + gap
        if top + size.height() > window.bottom() + 1:
            top = thing.top() - gap - size.height()
        left = max(window.left(), min(left, window.right() + 1 - size.width()))
        self.move(left - edge, max(window.top(), top) - edge)

    def _room(self) -> int:
        """The width that the text takes, in device-independent pixels."""
        most = WIDEST * tokens().space[8] - 2 * _padding()[0]
        return min(most, max(text_width(line, ROLE) for line in self._text.split("\n")))

    def _laid_out(self, width: int):  # type: ignore[no-untyped-def]
        theme = Theme.current()
        return lay_out(self._text, theme.font(ROLE), width, theme.line_height(ROLE), MOST_LINES)


class Tooltips(QObject):
    """Shows a card wherever Qt would show its tooltip; one for the application."""

    _instance: ClassVar[Tooltips | None] = None

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._thing: QWidget | None = None
        self._mouse = QPoint()
        self.card: TooltipCard | None = None
        application.installEventFilter(self)

    @classmethod
    def current(cls) -> Tooltips | None:
        """The one of the running application, made at the first call."""
        if cls._instance is None or not shiboken6.isValid(cls._instance):
            application = QApplication.instance()
            if isinstance(application, QApplication):
                cls._instance = Tooltips(application)
        return cls._instance

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ToolTip:
            # It goes up to the parents until one has something to say.
            if isinstance(event, QHelpEvent) and isinstance(watched, QWidget):
                self._thing, self._mouse = watched, event.globalPos()
            return False
        if kind not in _KINDS or not isinstance(watched, QLabel):
            return False
        is_tip = watched.metaObject().className() == _QT_TOOLTIP
        return is_tip and self._follow(watched, kind)

    def _follow(self, tip: QLabel, kind: QEvent.Type) -> bool:
        if kind == QEvent.Type.Polish:
            tip.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        elif kind == QEvent.Type.Hide:
            self._hide()
        elif kind == QEvent.Type.Show or (kind == QEvent.Type.Move and tip.isVisible()):
            self._show(tip)
        return kind == QEvent.Type.Paint and self.card is not None

    def _show(self, tip: QLabel) -> None:
        thing = self._thing
        if thing is None or not shiboken6.isValid(thing) or not thing.isVisible():
            self._hide()
            return
        window, text = thing.window(), _plain(tip.text())
        if self.card is None or not shiboken6.isValid(self.card):
            self.card = TooltipCard(window)
        elif self.card.parentWidget() is not window:
            self.card.setParent(window)
        self.card.set_text(text)
        if not _fits(self.card.size(), window.size()):
            # A small window of its own cannot hold a card; Qt's tooltip looks out of it.
            self._hide()
            _mask(tip, None)
            return
        _mask(tip, _NOWHERE)
        mouse = window.mapFromGlobal(self._mouse)
        self.card.place_below(self._place(thing, mouse, tip), mouse)
        self.card.show()
        self.card.raise_()

    def _place(self, thing: QWidget, mouse: QPoint, tip: QLabel) -> QRect:
        """The thing that is explained: a whole widget, or the place of the mouse in it."""
        unit = tokens().space[8]
        if thing.toolTip() == tip.text() and thing.height() <= HIGHEST_THING * unit:
            return QRect(thing.mapTo(thing.window(), QPoint(0, 0)), thing.size())
        below = unit // 2
        return QRect(mouse.x() - tokens().space[1], mouse.y() - below, 1, 2 * below)

    def _hide(self) -> None:
        if self.card is not None and shiboken6.isValid(self.card):
            self.card.hide()
            self.card.deleteLater()
        self.card = None


_KINDS = frozenset(
    (
        QEvent.Type.Polish,
        QEvent.Type.Show,
        QEvent.Type.Hide,
        QEvent.Type.Move,
        QEvent.Type.Paint,
    )
)


def _mask(tip: QLabel, region: QRegion | None) -> None:
    """Without a compositor only a mask keeps a window from being seen."""
    if QGuiApplication.platformName() != "xcb":
        return
    if region is None:
        tip.clearMask()
    else:
        tip.setMask(region)


def _padding() -> tuple[int, int]:
    """Beside and above the text, in device-independent pixels."""
    return tokens().padding.hover_card, tokens().space[2]


def _plain(text: str) -> str:
    if text.startswith(MARKUP):
        return QTextDocumentFragment.fromHtml(text).toPlainText()
    return text


def _fits(card: QSize, window: QSize) -> bool:
    return card.width() <= window.width() and card.height() <= window.height()
