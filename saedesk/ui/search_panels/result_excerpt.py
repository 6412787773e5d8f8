"""A piece of a text in whole lines, around the sentences of it that are marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QScrollBar, QToolTip, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.text_label import lay_out
from saedesk.ui.widgets.text_marks import TextMark, draw_marks, mark_rects, marked_ink, utf16

MOST_CHARACTERS = 3000
"""Of a text that are laid out for an excerpt; more is never visible in it."""
MOST_READ = 20_000
"""Characters of a text that can be read here; a longer one is read in Corpus."""
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


def piece_of(
    text: str, marks: Sequence[ExcerptMark], start: int = 0, most: int = MOST_CHARACTERS
) -> Piece:
    """The text from a character on, white space squeezed, with its marks counted as Qt does."""
    cut = text[start : start + most]
    head = CUT if start else ""
    shown = head + _squeezed(cut)

    def place(at: int) -> int:
        return len(head) + len(_squeezed(cut[: max(0, at - start)]))

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


def _squeezed(text: str) -> str:
    """One space for each gap between words, none before the first."""
    return _GAP.sub(" ", text).removeprefix(" ")


class Excerpt(QWidget):
    """The beginning of a text, or its strongest mark where that is further on.

    Where it is cut, the wheel and the keys of a page go on in the whole text.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._role = "", ROLE
        self._marks: tuple[ExcerptMark, ...] = ()
        self._start = 0
        self._piece = Piece("", ())
        self._laid_out: tuple[tuple[int, int], QTextLayout, int] | None = None
        self._whole: tuple[QTextLayout, Piece] | None = None
        """All of the text, where there is more than the excerpt."""
        self._is_read = False
        """Whether the whole text is shown, at the line where the bar stands."""
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bar.setAccessibleName("Line of the text")
        self._bar.valueChanged.connect(self._on_scrolled)
        self._bar.hide()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        FocusRingFilter(self, tokens().radius.control)

    @property
    def text(self) -> str:
        """What is shown, as far as there is room."""
        if self._is_read and self._whole is not None:
            layout = self._whole[0]
            start = layout.lineAt(self._bar.value()).textStart()
            return layout.text().encode("utf-16-le")[2 * start :].decode("utf-16-le")
        return self._piece.text

    @property
    def marks(self) -> tuple[TextMark, ...]:
        """What is marked of it."""
        return self._piece.marks

    @property
    def room_of_bar(self) -> int:
        """Device-independent pixels right of the text, for the scroll bar."""
        return tokens().space[1] + self._bar.sizeHint().width()

    def set_text(self, text: str, role: str = ROLE) -> None:
        """Shows another text without marks."""
        self._text, self._role = text, role
        self._is_read = False
        self.set_marks(())

    def set_marks(self, marks: Sequence[ExcerptMark]) -> None:
        """Marks other parts of the text; who reads on in it stays where he is."""
        self._marks, self._start = tuple(marks), 0
        self._piece = piece_of(self._text, self._marks)
        self._laid_out = self._whole = None
        self.setAccessibleName(self._piece.text)
        told = [self._text[mark.start : mark.end] for mark in self._marks]
        self.setAccessibleDescription(f"Marked: {' '.join(told)}" if told else "")
        self.update()

    def fit(self, width: int, room: int) -> int:
        """Breaks the text for a width; returns the height it takes of `room` pixels."""
        if not self._text.strip():
            self._bar.hide()
            return 0
        lines = max(1, room // Theme.current().line_height(self._role))
        if self._laid_out is None or self._laid_out[0] != (width, lines):
            self._start, self._piece = 0, piece_of(self._text, self._marks)
            layout, height, cut = self._broken(width, lines)
            best = max(self._marks, key=lambda mark: mark.grade, default=None)
            if cut and best is not None and not self._is_visible(layout, best, 0, lines):
                layout, height = self._around(best, width, lines)
            self._laid_out = ((width, lines), layout, height)
            self._set_bar(width, lines, cut)
        return self._laid_out[2]

    def _set_bar(self, width: int, lines: int, cut: bool) -> None:
        """Lays out all of a text that was cut; the bar stands at the line that is shown first."""
        self._whole = None
        self._bar.setVisible(cut)
        if not cut:
            self._is_read = False
            return
        whole = piece_of(self._text, self._marks, most=MOST_READ)
        text = whole.text if len(self._text) <= MOST_READ else f"{whole.text} \u2026"
        theme = Theme.current()
        line = theme.line_height(self._role)
        layout = lay_out(text, theme.font(self._role), max(1, width), line)[0]
        at = layout.lineForTextPosition(
            utf16(text, len(piece_of(self._text[: self._start], (), most=MOST_READ).text))
        )
        first = self._bar.value() if self._is_read else at.lineNumber() if at.isValid() else 0
        self._whole = (layout, whole)
        blocked = self._bar.blockSignals(True)
        self._bar.setRange(0, max(0, layout.lineCount() - lines))
        self._bar.setPageStep(max(1, lines - 1))
        self._bar.setValue(first)
        self._bar.blockSignals(blocked)

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
        self._start = starts[low]
        self._piece = piece_of(self._text, self._marks, self._start)
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

    # -- reading on ----------------------------------------------------------------------------

    @Slot()
    def _on_scrolled(self, *_: object) -> None:
        self._is_read = self._whole is not None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._bar.isVisible():
            QApplication.sendEvent(self._bar, event)
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self._bar
        places = {
            Qt.Key.Key_Up: bar.value() - 1,
            Qt.Key.Key_Down: bar.value() + 1,
            Qt.Key.Key_PageUp: bar.value() - bar.pageStep(),
            Qt.Key.Key_PageDown: bar.value() + bar.pageStep(),
            Qt.Key.Key_Home: bar.minimum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        key = Qt.Key(event.key())
        if key in places and not bar.isHidden():
            bar.setValue(places[key])
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self._bar.sizeHint().width()
        self._bar.setGeometry(self.width() - width, 0, width, self.height())

    # -- painting ------------------------------------------------------------------------------

    def _shown(self) -> tuple[QTextLayout, tuple[TextMark, ...], QPointF] | None:
        """The layout that is painted, what is marked in it, and where it begins."""
        if self._laid_out is None:
            return None
        if self._is_read and self._whole is not None:
            layout, piece = self._whole
            line = Theme.current().line_height(self._role)
            return layout, piece.marks, QPointF(0, -self._bar.value() * line)
        return self._laid_out[1], self._piece.marks, QPointF(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._shown()
        if shown is None:
            return
        layout, marks, origin = shown
        painter = QPainter(self)
        marks = _within(layout, marks)
        draw_marks(painter, origin, layout, marks)
        painter.setPen(shade("text2"))
        layout.draw(painter, origin, marked_ink(marks), QRectF(self.rect()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip_at(QPointF(event.pos()))
            if tip:
                QToolTip.showText(event.globalPos(), escaped(tip), self)
                return True
        return super().event(event)

    def tip_at(self, place: QPointF) -> str:
        """What the mark under a place says; "" where nothing is marked."""
        shown = self._shown()
        if shown is None:
            return ""
        layout, marks, origin = shown
        for mark in _within(layout, marks):
            rects = mark_rects(layout, mark.start, mark.end)
            if any(rect.translated(origin).contains(place) for rect in rects):
                return mark.tip
        return ""


def _within(layout: QTextLayout, marks: Sequence[TextMark]) -> tuple[TextMark, ...]:
    """The marks as far as the text that is laid out goes."""
    end = len(layout.text().encode("utf-16-le")) // 2
    return tuple(replace(mark, end=min(mark.end, end)) for mark in marks if mark.start < end)
