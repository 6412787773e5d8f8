"""A card that explains what is under the mouse, beside it and never over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import (
    RIGHT,
    draw_dot,
    draw_hairline,
    draw_line_of_text,
    draw_rounded,
    text_width,
)


@dataclass(frozen=True)
class CardLine:
    """One line of a card."""

    text: str
    value: str = ""
    """Stands at the right, semibold, in tabular figures."""
    dot: QColor | None = None
    """The colour of a dot before the text, e.g. of a plot's series."""
    colour: str = "text2"
    icon: str | None = None
    lead: str = ""
    """Stands first, semibold, in tabular figures: the number that the text explains."""


class HoverCard(QWidget):
    """Title, lines and a hint on a raised ground; lies in its host's window, takes no input."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._title, self._title_role, self._hint, self._hint_icon = "", "head of a section", "", ""
        self._lines: list[CardLine] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_beside(
        self,
        target: QRect,
        title: str,
        lines: Sequence[CardLine | str] = (),
        hint: str = "",
        hint_icon: str = "mouse-pointer-click",
        title_role: str = "head of a section",
    ) -> None:
        """Shows the card beside `target`, a rectangle in the host's coordinates."""
        self._title, self._title_role = title, title_role
        self._hint, self._hint_icon = hint, hint_icon
        self._lines = [CardLine(line) if isinstance(line, str) else line for line in lines]
        window = self._host.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        size = self.sizeHint()
        place = QRect(self._host.mapTo(window, target.topLeft()), target.size())
        self.setGeometry(QRect(self._place(place, size, window.rect()), size))
        self.setAccessibleName(
            ". ".join([title, *(f"{line.lead} {line.text}".strip() for line in self._lines)])
        )
        self.show()
        self.raise_()
        self.update()

    def sizeHint(self) -> QSize:
        pad, space = tokens().padding.hover_card, tokens().space
        height = 2 * pad + (self._line_height(self._title_role) if self._title else 0)
        height += len(self._lines) * tokens().line_height[tokens().type["body"]]
        width = text_width(self._title, self._title_role, tabular=True)
        for line in self._lines:
            wide = text_width(line.text, tabular=True) + (
                space[4] + 2 if line.dot or line.icon else 0
            )
            if line.value:
                wide += space[6] + text_width(line.value, "head of a section", tabular=True)
            if line.lead:
                wide += space[2] + text_width(line.lead, "head of a section", tabular=True)
            width = max(width, wide)
        if self._hint:
            height += space[3] + tokens().line_height[tokens().type["small"]]
            hint = text_width(self._hint, "caption") + space[5]
            width = max(width, hint)
        edge = shadow_edge()
        width = max(width, space[8] * 3) + 2 * pad
        return QSize(min(width, space[8] * 11) + 2 * edge, height + 2 * edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        edge, pad = shadow_edge(), tokens().padding.hover_card
        card = self.rect().adjusted(edge, edge, -edge, -edge)
        draw_card(painter, QRectF(card))
        inner = card.adjusted(pad, pad, -pad, -pad)
        top = inner.top()
        if self._title:
            height = self._line_height(self._title_role)
            colour = "text2" if self._title_role == "caption" else "text1"
            place = QRect(inner.left(), top, inner.width(), height)
            draw_line_of_text(painter, place, self._title, self._title_role, colour, tabular=True)
            top += height
        height = tokens().line_height[tokens().type["body"]]
        for line in self._lines:
            self._paint_line(painter, QRect(inner.left(), top, inner.width(), height), line)
            top += height
        if self._hint:
            self._paint_hint(painter, QRect(inner.left(), top, inner.width(), inner.bottom() - top))

    def _paint_line(self, painter: QPainter, place: QRect, line: CardLine) -> None:
        left = place.left()
        if line.dot is not None:
            draw_dot(painter, QPointF(left + 4, place.center().y() + 0.5), 4, line.dot)
            left += tokens().space[4] + 2
        elif line.icon:
            size = tokens().icon_sizes.small
            square = QRect(left, place.top(), size, place.height())
            paint_icon(painter, line.icon, square, "text3", size)
            left += tokens().space[4] + 2
        if line.lead:
            start = QRect(left, place.top(), place.right() + 1 - left, place.height())
            role = "head of a section"
            left += round(draw_line_of_text(painter, start, line.lead, role, tabular=True))
            left += tokens().space[2]
        room = QRect(left, place.top(), place.right() + 1 - left, place.height())
        colour = "text1" if line.dot is not None else line.colour
        if line.value:
            used = draw_line_of_text(
                painter, room, line.value, "head of a section", "text1", RIGHT, tabular=True
            )
            room.setRight(int(room.right() - used - tokens().space[2]))
        draw_line_of_text(painter, room, line.text, "body", colour, tabular=True)

    def _paint_hint(self, painter: QPainter, place: QRect) -> None:
        y = place.top() + tokens().space[1] + 2
        draw_hairline(painter, place.left(), y, place.right() + 1, y)
        size = tokens().icon_sizes.inline
        line = QRect(
            place.left(),
            y + tokens().space[1] + 1,
            place.width(),
            tokens().line_height[tokens().type["small"]],
        )
        square = QRect(line.left(), line.top(), size, line.height())
        paint_icon(painter, self._hint_icon, square, "text2", size)
        line.setLeft(line.left() + tokens().space[5])
        draw_line_of_text(painter, line, self._hint, "caption", "text2")

    @staticmethod
    def _line_height(role: str) -> int:
        return Theme.current().line_height(role)

    @staticmethod
    def _place(target: QRect, size: QSize, window: QRect) -> QPoint:
        """Right of the target, else left, else under it, else above; inside the window."""
        edge, gap = shadow_edge(), tokens().space[2]
        x = target.right() + gap - edge
        y = target.top() - edge
        card_width = size.width() - 2 * edge
        if x + edge + card_width > window.right():
            x = target.left() - gap - card_width - edge
        if x + edge < window.left():
            x = min(
                max(target.left() - edge, window.left() - edge), window.right() - card_width - edge
            )
            y = target.bottom() + gap - edge
            if y + size.height() - edge > window.bottom():
                y = target.top() - gap - size.height() + edge
        y = min(max(y, window.top() - edge), window.bottom() - size.height() + edge)
        return QPoint(x, y)


def shadow_edge() -> int:
    """Device-independent pixels that the shadow of a card needs around it."""
    shadow = tokens().shadow.card
    return shadow.dy + shadow.blur // 2 + 2


def draw_card(painter: QPainter, card: QRectF, radius: int | None = None) -> None:
    """A raised ground with its soft shadow; the shadow needs room around `card`."""
    theme = Theme.current()
    radius = radius or tokens().radius.card
    edge = shadow_edge()
    ratio = painter.device().devicePixelRatio()
    shadow = _shadow(
        int(card.width()),
        int(card.height()),
        radius,
        theme.colour("shadow").rgb(),
        theme.number("shadowAlpha"),
        ratio,
    )
    painter.drawPixmap(QPointF(card.left() - edge, card.top() - edge), shadow)
    draw_rounded(painter, card, radius, "raised", "line")


@lru_cache(maxsize=64)
def _shadow(width: int, height: int, radius: int, rgb: int, alpha: float, ratio: float) -> QPixmap:
    """The shadow alone, built from nested rounded rectangles that add up to a soft edge."""
    edge, shadow = shadow_edge(), tokens().shadow.card
    size = QSize(width + 2 * edge, height + 2 * edge)
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    colour = QColor.fromRgb(rgb)
    steps = shadow.blur // 2
    colour.setAlphaF(alpha / steps * 1.6)
    painter.setBrush(colour)
    for step in range(steps):
        grow = steps - step - steps * 0.3
        place = QRectF(
            edge - grow, edge - grow + shadow.dy * 0.7, width + 2 * grow, height + 2 * grow
        )
        painter.drawRoundedRect(place, radius + max(0.0, grow), radius + max(0.0, grow))
    painter.end()
    return made
