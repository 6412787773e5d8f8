"""What the colours of the bars behind a score stand for, in one line or in two."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import draw_line_of_text, shade, text_width

COLOURS = {
    "up": "up",
    "place": "up",
    "down": "down",
    "less": "down",
    "typed": "text3",
    "meaning": "text3",
    "words": "accent",
    "along": "lineControl",
    "rest": "text4",
}
LEGEND = (
    ("up", "turned up"),
    ("place", "given a place"),
    ("down", "turned down"),
    ("less", "less of it"),
    ("along", "moved along"),
    ("typed", "as in the query"),
    ("meaning", "by meaning"),
    ("words", "by words"),
    ("rest", "the rest"),
)
_AFTER_MARK = 6
"""Device-independent pixels between a colour and its name."""

Place = tuple[QRect, str, str]
"""Where a colour stands with its name, the colour, and the name."""


def legend_of(kinds: Collection[str]) -> list[tuple[str, str]]:
    """The colours of these kinds and what they stand for, each colour once."""
    names: dict[str, list[str]] = {}
    for kind, name in LEGEND:
        if kind in kinds:
            names.setdefault(COLOURS[kind], []).append(name)
    return [(colour, " or ".join(own)) for colour, own in names.items()]


def legend_places(legend: Sequence[tuple[str, str]], line: QRect) -> list[Place]:
    """Where the colours stand in a line, or in two around its middle where one is too short.

    In the second one the last name may be cut.
    """
    first = _fitting(legend, line.width())
    if first == len(legend):
        return _in_line(legend, line)
    high = Theme.current().line_height("caption")
    # Not below the line: nothing would paint there.
    top = min(line.center().y() + 1 - high, line.bottom() + 1 - 2 * high)
    upper = QRect(line.left(), top, line.width(), high)
    return [
        *_in_line(legend[:first], upper),
        *_in_line(legend[first:], upper.translated(0, high)),
    ]


def paint_legend(painter: QPainter, places: Sequence[Place]) -> None:
    """Paints the colours and their names, cut where there is no room for them."""
    mark = tokens().space[2]
    for place, colour, name in places:
        middle = place.top() + place.height() / 2
        painter.fillRect(QRectF(place.left(), middle - 4, mark, mark), shade(colour))
        words = place.adjusted(mark + _AFTER_MARK, 0, 0, 0)
        draw_line_of_text(painter, words, name, "caption", "text2")


def _fitting(legend: Sequence[tuple[str, str]], room: int) -> int:
    """How many colours fit into one line, at least one."""
    x = -tokens().space[4]
    for at, (_, name) in enumerate(legend):
        x += tokens().space[4] + _width(name)
        if x > room:
            return max(1, at)
    return len(legend)


def _in_line(legend: Sequence[tuple[str, str]], line: QRect) -> list[Place]:
    places, x = [], line.left()
    for colour, name in legend:
        width = min(_width(name), line.right() + 1 - x)
        if width <= tokens().space[2]:
            break
        places.append((QRect(x, line.top(), width, line.height()), colour, name))
        x += width + tokens().space[4]
    return places


def _width(name: str) -> int:
    return tokens().space[2] + _AFTER_MARK + text_width(name, "caption")
