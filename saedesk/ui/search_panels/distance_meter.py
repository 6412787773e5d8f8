"""How far steering has moved the query: results kept, cosine, and a bar."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.jobs.search_documents import SearchAnswer
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import LEFT, RIGHT, draw_line_of_text, text_width
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

FARTHEST = 0.60
"""The cosine at the right end of the bar; beyond it hardly a result is kept."""

TITLE = "How far the query has moved"
SHORT_TITLE = "Query moved"
"""Where there is no room for the whole title beside the numbers."""

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
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.sizeHint().height())
        set_plain_tooltip(self, EXPLANATION)
        self.show_answer(None)

    def show_answer(self, answer: SearchAnswer | None) -> None:
        """Shows the numbers of an answer, or that there is none."""
        before = (self._cosine, self._kept, self._results)
        self._cosine = None if answer is None else answer.cosine
        self._kept = 0 if answer is None else answer.kept
        self._results = 0 if answer is None else len(answer.plain)
        if before != (self._cosine, self._kept, self._results) or answer is None:
            self.setAccessibleName(f"How far the query has moved: {self.text()}")
            self.update()

    def text(self) -> str:
        """The numbers as a sentence."""
        if self._cosine is None:
            return "no query yet"
        return f"cosine {self._number()}, {self._kept_text()}"

    def sizeHint(self) -> QSize:
        theme = Theme.current()
        height = theme.line_height("body") + tokens().bar.meter + theme.line_height("caption")
        return QSize(tokens().space[8] * 8, height + tokens().space[2] + tokens().space[1])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        body, caption = (Theme.current().line_height(role) for role in ("body", "caption"))
        line = QRect(0, 0, self.width(), body)
        room = line.width()
        if self._cosine is not None:
            told = f"cosine {self._number()}"
            used = draw_line_of_text(
                painter, line, told, "head of a section", "text1", RIGHT, tabular=True
            )
            line.setRight(int(line.right() - used - tokens().space[3]))
            kept = draw_line_of_text(painter, line, self._kept_text(), "body", "text2", RIGHT)
            room = int(line.right() - kept)
        fits = text_width(TITLE, "head of a section") + tokens().space[1] <= room
        title = TITLE if fits else SHORT_TITLE
        draw_line_of_text(painter, QRect(0, 0, self.width(), body), title, "head of a section")
        top = body + tokens().space[1] + 2
        bar = QRect(0, top, self.width(), tokens().bar.meter)
        draw_bar(painter, bar, self._share(), thickness=tokens().bar.meter)
        ends = QRect(0, self.height() - caption, self.width(), caption)
        draw_line_of_text(painter, ends, "1.00, unchanged", "caption", "text3", LEFT)
        draw_line_of_text(painter, ends, f"{FARTHEST:.2f}", "caption", "text3", RIGHT, tabular=True)

    def _share(self) -> float:
        return 0.0 if self._cosine is None else (1 - self._cosine) / (1 - FARTHEST)

    def _number(self) -> str:
        return f"{self._cosine or 0.0:.2f}".replace("-", "\u2212")

    def _kept_text(self) -> str:
        return f"keeps {self._kept} of {self._results}"
