"""Marks under a text: a ground behind some of its signs, a line below them, a tip on hover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QTextCharFormat, QTextLayout

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import draw_rounded, shade

WEAKEST = 0.4
"""Opacity of a mark of the lowest grade, as a share of that of the highest."""
LOWEST_GRADE = 2 / 3
_REACH = 2
"""Device-independent pixels that a ground stands out at the sides."""


@dataclass(frozen=True)
class TextMark:
    """A marked part of a text."""

    start: int
    """In UTF-16 code units, as Qt counts."""
    end: int
    grade: float = 1.0
    """0 to 1: how strongly it is marked."""
    series: int | None = None
    """Which series colour; None is the ochre of a single thing that is marked."""
    tip: str = ""
    """What it says on hover."""


def utf16(text: str, at: int) -> int:
    """The place in Qt's count of the character `at` of a Python text."""
    return at + sum(sign > "\uffff" for sign in text[:at])


def mark_rects(layout: QTextLayout, start: int, end: int) -> list[QRectF]:
    """Where a part of a laid-out text stands, one rectangle for each line, in its coordinates."""
    found = []
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first = max(start, line.textStart())
        last = min(end, line.textStart() + line.textLength())
        if first < last:
            # The place comes with the cursor as a pair.
            left, right = _x(line, first), _x(line, last)
            found.append(QRectF(min(left, right), line.y(), abs(right - left), line.height()))
    return found


def _x(line, at: int) -> float:  # type: ignore[no-untyped-def]
    place = line.cursorToX(at)
    return float(place[0] if isinstance(place, tuple) else place)


def draw_marks(
    painter: QPainter, origin: QPointF, layout: QTextLayout, marks: Iterable[TextMark]
) -> None:
    """Paint the grounds of marks; to be called before the text itself is drawn."""
    for mark in marks:
        for rect in mark_rects(layout, mark.start, mark.end):
            draw_mark(painter, rect.translated(origin), mark)


def draw_mark(painter: QPainter, rect: QRectF, mark: TextMark) -> None:
    """Paint the ground of one line of a mark."""
    around = rect.adjusted(-_REACH, 0, _REACH, 0)
    theme = Theme.current()
    height = max(0.0, (mark.grade - LOWEST_GRADE) / (1 - LOWEST_GRADE))
    opacity = WEAKEST + (1 - WEAKEST) * min(1.0, height)
    if mark.series is None:
        draw_rounded(painter, around, tokens().radius.mark, theme.colour("mark", opacity))
        return
    colour, ground = theme.series(mark.series), theme.series(mark.series)
    tint = tokens().plot.series_mark_alpha["dark" if theme.is_dark else "light"]
    ground.setAlphaF(tint * opacity)
    colour.setAlphaF(opacity)
    draw_rounded(painter, around, tokens().radius.mark, ground)
    line = QRectF(around.left(), around.bottom() - _REACH, around.width(), _REACH)
    painter.fillRect(line, colour)


def marked_ink(marks: Iterable[TextMark]) -> list[QTextLayout.FormatRange]:
    """What lets marked signs of a paler text stand in full ink; for `QTextLayout.draw`."""
    ink = QTextCharFormat()
    ink.setForeground(shade("text1"))
    ranges = []
    for mark in marks:
        part = QTextLayout.FormatRange()
        part.start, part.length, part.format = mark.start, mark.end - mark.start, ink
        ranges.append(part)
    return ranges


def mark_at(marks: Sequence[TextMark], place: int) -> TextMark | None:
    """The mark that covers a place of the text."""
    return next((mark for mark in marks if mark.start <= place < mark.end), None)
