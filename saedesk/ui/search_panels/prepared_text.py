"""Lines of text that are painted again and again while a slider moves, laid out only once."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.painting import LONGEST_LINE, shade

PREPARED_LINES = 4000
"""Lines kept; two lists of ten rows need some two hundred for each state of a drag."""


@lru_cache(maxsize=PREPARED_LINES)
def _prepared(
    text: str, role: str, tabular: bool, room: int
) -> tuple[QStaticText, QFont, float, float]:
    """The text elided to `room` pixels, its font, width and height."""
    font = Theme.current().font(role, tabular)
    metrics = QFontMetricsF(font)
    line = text[:LONGEST_LINE].replace("\n", " ")
    if metrics.horizontalAdvance(line) > room + 0.5:
        line = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
    made = QStaticText(line)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    made.prepare(font=font)
    return made, font, metrics.horizontalAdvance(line), metrics.height()


def prepared_width(text: str, role: str, room: int) -> float:
    """Width of a line as `draw_prepared` draws it into `room` pixels."""
    return _prepared(text, role, False, max(0, room))[2]


def draw_prepared(
    painter: QPainter,
    place: QRect,
    text: str,
    role: str = "body",
    colour: str | QColor = "text1",
    right: bool = False,
    tabular: bool = False,
) -> float:
    """Draws one line of plain text in the vertical middle of `place`; returns its width.

    Looks like `draw_line_of_text` and takes a third of its time for a line drawn before.
    """
    left, top, room, high = place.getRect()  # type: ignore[misc]
    made, font, width, height = _prepared(text, role, tabular, max(0, room))
    painter.setFont(font)
    painter.setPen(colour if isinstance(colour, QColor) else shade(colour))
    x = left + room - width if right else left
    painter.drawStaticText(QPointF(x, top + (high - height) / 2), made)
    return width
