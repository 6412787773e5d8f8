"""How far steering has moved the query: results kept, cosine, and a bar."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.jobs.search_documents import SearchAnswer
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import LEFT, RIGHT, draw_line_of_text, text_width
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

FARTHEST = 0.60
"""The cosine at the right end of the bar; beyond it hardly a result is kept."""

TITLE = "How far the query has moved"
NONE = "\u2013"
"""Stands for a number where no result is left to count."""

EXPLANATION = (
    "The cosine between the query as typed and the steered one: 1.00 is unchanged.\n"
    "At 0.90 about six of ten results are kept, at 0.80 three, at 0.70 one."
)


class DistanceMeter(QWidget):
    """“How far the query has moved”, with its numbers and a bar from 1.00 to 0.60."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cosine: float | None = None
        self._kept = self._results = 0
        self._has_failed = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.sizeHint().height())
        set_plain_tooltip(self, EXPLANATION)
        self.show_answer(None)

    def show_answer(self, answer: SearchAnswer | None) -> None:
        """Shows the numbers of an answer, or that there is none."""
        before = (self._cosine, self._kept, self._results)
        self._has_failed = False
        self._cosine = None if answer is None else answer.cosine
        self._kept = 0 if answer is None else answer.kept
        self._results = 0 if answer is None else len(answer.plain)
        if before != (self._cosine, self._kept, self._results) or answer is None:
            self.setAccessibleName(f"How far the query has moved: {self.text()}")
            self.update()

    def show_failure(self) -> None:
        """Shows dashes: there was a query, but it has no results."""
        self.show_answer(None)
        self._has_failed = True
        self.setAccessibleName(f"{TITLE}: {self.text()}")

    def text(self) -> str:
        """The numbers as a sentence."""
        if self._has_failed:
            return "no results"
        if self._cosine is None:
            return "no query yet"
        return f"cosine {self._number()}, {self._kept_text()}"

    def sizeHint(self) -> QSize:
        theme = Theme.current()
        lines = 1 if self._is_one_line() else 2
        height = theme.line_height("body") * lines + theme.line_height("caption")
        height += tokens().bar.meter + tokens().space[2] + tokens().space[1]
        return QSize(tokens().space[8] * 8, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setFixedHeight(self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        body, caption = (Theme.current().line_height(role) for role in ("body", "caption"))
        line = QRect(0, 0, self.width(), body)
        draw_line_of_text(painter, line, TITLE, "head of a section")
        if not self._is_one_line():
            line.translate(0, body)
        self._paint_numbers(painter, line)
        top = line.bottom() + 1 + tokens().space[1] + 2
        bar = QRect(0, top, self.width(), tokens().bar.meter)
        draw_bar(painter, bar, self._share(), thickness=tokens().bar.meter)
        ends = QRect(0, self.height() - caption, self.width(), caption)
        draw_line_of_text(painter, ends, "1.00, unchanged", "caption", "text3", LEFT)
        draw_line_of_text(painter, ends, f"{FARTHEST:.2f}", "caption", "text3", RIGHT, tabular=True)

    def _paint_numbers(self, painter: QPainter, line: QRect) -> None:
        """Both at the right of the title; under it the kept results begin at the left."""
        told, is_one_line = f"cosine {self._number()}", self._is_one_line()
        if self._cosine is None and not self._has_failed and is_one_line:
            return
        used = draw_line_of_text(
            painter, line, told, "head of a section", "text1", RIGHT, tabular=True
        )
        line = QRect(line)
        line.setRight(int(line.right() - used - tokens().space[3]))
        align = RIGHT if is_one_line else LEFT
        draw_line_of_text(painter, line, self._kept_text(), "body", "text2", align)

    def _is_one_line(self) -> bool:
        """Whether the title and the widest numbers stand beside each other."""
        cosine = text_width("cosine 0.00", "head of a section", tabular=True)
        numbers = text_width("keeps 10 of 10") + cosine
        gaps = tokens().space[3] + tokens().space[1]
        return text_width(TITLE, "head of a section") + numbers + gaps <= self.width()

    def _share(self) -> float:
        return 0.0 if self._cosine is None else (1 - self._cosine) / (1 - FARTHEST)

    def _number(self) -> str:
        if self._cosine is None:
            return NONE
        return f"{self._cosine:.2f}".replace("-", "\u2212")

    def _kept_text(self) -> str:
        if self._cosine is None:
            return f"keeps {NONE} of {NONE}"
        return f"keeps {self._kept} of {self._results}"
