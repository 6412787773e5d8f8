"""A piece of a text in whole lines, around the sentences of it that are marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QToolTip, QWidget

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.text_label import lay_out
from saedesk.ui.widgets.text_marks import TextMark, draw_marks, mark_rects, marked_ink, utf16

MOST_CHARACTERS = 3000
"""Of a text that are laid out; more is never visible here."""
ROLE = "excerpt"
MOST_WORDS = 400
"""Before a mark that are tried; more are never visible here."""
_GAP = re.compile(r"\s+")
CUT = "… "
"""Stands for what was left out before the first line."""


@dataclass(frozen=True)
class ExcerptMark:
    """A marked part of a text, counted in characters of the text as stored."""

    start: int
    end: int
    grade: float = 1.0
    tip: str = ""


@dataclass(frozen=True)
class Piece:
    """A part of a text in one line of words, and the marks in it."""

    text: str
    marks: tuple[TextMark, ...]


def piece_of(text: str, marks: Sequence[ExcerptMark], start: int = 0) -> Piece:
    """The text from a character on, white space squeezed, with its marks counted as Qt does."""
    cut = text[start : start + MOST_CHARACTERS]
    places, words, in_gap = [], [], True
    for sign in cut:
        places.append(len(words))
        if not sign.isspace():
            words.append(sign)
        elif not in_gap:
            words.append(" ")
        in_gap = sign.isspace()
    places.append(len(words))
    head = CUT if start else ""
    shown = head + "".join(words)

    def place(at: int) -> int:
        return len(head) + places[min(max(0, at - start), len(cut))]

    kept = [mark for mark in marks if mark.end > start and mark.start < start + len(cut)]
    return Piece(
        shown,
        tuple(
            TextMark(
                utf16(shown, place(mark.start)),
                utf16(shown, place(mark.end)),
                mark.grade,
                tip=mark.tip,
            )
            for mark in kept
        ),
    )


class Excerpt(QWidget):
    """The beginning of a text, or its strongest mark where that is further on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._role = "", ROLE
        self._marks: tuple[ExcerptMark, ...] = ()
        self._piece = Piece("", ())
        self._laid_out: tuple[tuple[int, int], QTextLayout, int] | None = None

    @property
    def text(self) -> str:
        """What is shown, as far as there is room."""
        return self._piece.text

    @property
    def marks(self) -> tuple[TextMark, ...]:
        """What is marked of it."""
        return self._piece.marks

    def set_text(self, text: str, role: str = ROLE) -> None:
        """Shows another text without marks."""
        self._text, self._role = text, role
        self.set_marks(())

    def set_marks(self, marks: Sequence[ExcerptMark]) -> None:
        """Marks other parts of the text."""
        self._marks = tuple(marks)
        self._piece = piece_of(self._text, self._marks)
        self._laid_out = None
        self.setAccessibleName(self._piece.text)
        told = [self._text[mark.start : mark.end] for mark in self._marks]
        self.setAccessibleDescription(f"Marked: {' '.join(told)}" if told else "")
        self.update()

    def fit(self, width: int, room: int) -> int:
        """Breaks the text for a width; returns the height it takes of `room` pixels."""
        if not self._text.strip():
            return 0
        lines = max(1, room // Theme.current().line_height(self._role))
        if self._laid_out is None or self._laid_out[0] != (width, lines):
            layout, height, cut = self._broken(width, lines)
            best = max(self._marks, key=lambda mark: mark.grade, default=None)
            if cut and best is not None and not self._is_visible(layout, best, 0, lines):
                layout, height = self._around(best, width, lines)
            self._laid_out = ((width, lines), layout, height)
        return self._laid_out[2]

    def _around(self, best: ExcerptMark, width: int, lines: int) -> tuple[QTextLayout, int]:
        """As many words before a mark as there is room for, so that all of it can be seen."""
        words = [found.end() for found in _GAP.finditer(self._text, 0, best.start)]
        starts = [*words[-MOST_WORDS:], best.start]
        low, high = 0, len(starts) - 1
        while low < high:
            middle = (low + high) // 2
            self._piece = piece_of(self._text, self._marks, starts[middle])
            layout, _, _ = self._broken(width, lines)
            if self._is_visible(layout, best, starts[middle], lines):
                high = middle
            else:
                low = middle + 1
        self._piece = piece_of(self._text, self._marks, starts[low])
        layout, height, _ = self._broken(width, lines)
        return layout, height

    def _broken(self, width: int, lines: int) -> tuple[QTextLayout, int, bool]:
        theme = Theme.current()
        line = theme.line_height(self._role)
        return lay_out(self._piece.text, theme.font(self._role), max(1, width), line, lines)

    def _is_visible(self, layout: QTextLayout, best: ExcerptMark, start: int, lines: int) -> bool:
        """Whether all of a mark, as far as it can be, stands in the lines that are shown."""
        last = layout.lineAt(min(lines, layout.lineCount()) - 1)
        end = utf16(self._piece.text, len(piece_of(self._text[: best.end], (), start).text))
        return end < int(last.textStart()) + int(last.textLength())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._laid_out is None:
            return
        painter, layout = QPainter(self), self._laid_out[1]
        marks = self._shown_marks(layout)
        draw_marks(painter, QPointF(0, 0), layout, marks)
        painter.setPen(shade("text2"))
        layout.draw(painter, QPointF(0, 0), marked_ink(marks))

    def _shown_marks(self, layout: QTextLayout) -> list[TextMark]:
        end = len(layout.text().encode("utf-16-le")) // 2
        return [
            replace(mark, end=min(mark.end, end)) for mark in self._piece.marks if mark.start < end
        ]

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip_at(QPointF(event.pos()))
            if tip:
                QToolTip.showText(event.globalPos(), escaped(tip), self)
                return True
        return super().event(event)

    def tip_at(self, place: QPointF) -> str:
        """What the mark under a place says; "" where nothing is marked."""
        if self._laid_out is None:
            return ""
        layout = self._laid_out[1]
        for mark in self._shown_marks(layout):
            if any(rect.contains(place) for rect in mark_rects(layout, mark.start, mark.end)):
                return mark.tip
        return ""
