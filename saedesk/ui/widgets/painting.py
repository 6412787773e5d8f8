"""Small acts of painting that several widgets share: text in a line, hairlines, bars, key caps."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from saedesk.ui.theme import Theme, tokens

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
LONGEST_LINE = 300
"""Characters of a text that a single line is given: more is never visible and slow to measure."""
MEASURED_LINES = 4000
"""Lines whose width in a font is kept."""


_ONE_LINE = Qt.TextFlag.TextSingleLine.value | Qt.TextFlag.TextDontClip.value


def shade(colour: str | QColor) -> QColor:
    """A colour from a token's name, or the colour itself."""
    return colour if isinstance(colour, QColor) else Theme.current().colour(colour)


def stand_on_own_ground(widget: QWidget) -> None:
    """Says that a widget fills all of itself, so that nothing behind it is painted with it.

    Its `paintEvent` begins with `fill_ground`.
    """
    widget.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)


def fill_ground(painter: QPainter, event: QPaintEvent, ground: str | QColor) -> None:
    """Fills what is to be painted with the ground that the widget stands on."""
    painter.fillRect(event.rect(), shade(ground))


@lru_cache(maxsize=MEASURED_LINES)
def _fitted(
    text: str, role: str, tabular: bool, italic: bool, room: float
) -> tuple[QFont, str, float]:
    """The font of a role, the text as one line that is elided to `room`, and its width."""
    font = Theme.current().font(role, tabular, italic)
    metrics = QFontMetricsF(font)
    line = text.replace("\n", " ")
    width = metrics.horizontalAdvance(line)
    if width > room + 0.5:
        line = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(line)
    return font, line, width


@lru_cache(maxsize=MEASURED_LINES)
def _advance(text: str, role: str, tabular: bool) -> int:
    return QFontMetrics(Theme.current().font(role, tabular)).horizontalAdvance(text)


def draw_line_of_text(
    painter: QPainter,
    rect: QRect | QRectF,
    text: str,
    role: str = "body",
    colour: str | QColor = "text1",
    align: Qt.AlignmentFlag = LEFT,
    tabular: bool = False,
    italic: bool = False,
) -> float:
    """Draws one line of plain text, elided at the right; returns the width it took."""
    shown, room = text[:LONGEST_LINE], float(rect.width())
    font, one_line, width = _fitted(shown, role, tabular, italic, room)
    painter.setFont(font)
    painter.setPen(shade(colour))
    painter.drawText(QRectF(rect), align.value | _ONE_LINE, one_line)
    return width


def text_width(text: str, role: str = "body", tabular: bool = False) -> int:
    """The width of one line of text in device-independent pixels, rounded up."""
    return _advance(text[:LONGEST_LINE], role, tabular) + 1


def draw_hairline(
    painter: QPainter, x1: float, y1: float, x2: float, y2: float, colour: str | QColor = "line"
) -> None:
    """Fills a line of one device-independent pixel from the first point to the second."""
    line = tokens().line
    if y1 == y2:
        painter.fillRect(QRectF(x1, y1, x2 - x1, line), shade(colour))
    else:
        painter.fillRect(QRectF(x1, y1, line, y2 - y1), shade(colour))


def draw_rounded(
    painter: QPainter,
    rect: QRect | QRectF,
    radius: float,
    ground: str | QColor | None,
    border: str | QColor | None = None,
    width: float = 1,
) -> None:
    """A rounded ground whose border lies inside `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = QRectF(rect)
    if border is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        inner = inner.adjusted(width / 2, width / 2, -width / 2, -width / 2)
        radius = max(0.0, radius - width / 2)
        painter.setPen(QPen(shade(border), width))
    painter.setBrush(Qt.BrushStyle.NoBrush if ground is None else shade(ground))
    painter.drawRoundedRect(inner, radius, radius)
    painter.restore()


def draw_dot(
    painter: QPainter,
    centre: QPointF,
    radius: float,
    ground: str | QColor | None,
    border: str | QColor | None = None,
    width: float = 1,
) -> None:
    """A dot around a point; the border lies inside the radius."""
    square = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    draw_rounded(painter, square, radius, ground, border, width)


def key_cap_width(key: str) -> int:
    """The width of a key cap in device-independent pixels."""
    space = tokens().space
    return max(space[5] - 2, text_width(key, "caption") + space[2] + tokens().grid)


def draw_key_cap(painter: QPainter, rect: QRect | QRectF, key: str) -> None:
    """A small key, as shown beside a command."""
    draw_rounded(painter, rect, tokens().radius.keycap, "keycap", "line")
    draw_line_of_text(painter, rect, key, "caption", "text2", CENTRE)
