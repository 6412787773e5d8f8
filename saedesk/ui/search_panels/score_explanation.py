"""Why a document is where it is: its text, and the sum behind its score."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.jobs.search_documents import ResultRow
from saedesk.session.feature_book import FeatureBook
from saedesk.ui.search_panels.shown_result import place_in_words
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.text_label import TextLabel, lay_out
from saedesk.ui.widgets.waterfall import Contribution, ContributionWaterfall

MOST_CHARACTERS = 3000
"""The beginning of a text; more is never visible here."""
ROLE = "excerpt"


class Excerpt(QWidget):
    """The beginning of a text, in as many whole lines as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._most_lines = 4
        self._laid_out: tuple[QSize, QTextLayout] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        """Shows another text."""
        self._text = " ".join(text[:MOST_CHARACTERS].split())
        self._laid_out = None
        self.setAccessibleName(self._text)
        self._limit_height()
        self.update()

    def set_room(self, height: int) -> None:
        """Sets how much room there is: whole lines of it are used."""
        self._most_lines = max(1, height // Theme.current().line_height(ROLE))
        self._limit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.oldSize().width() != self.width():
            self._limit_height()

    def _limit_height(self) -> None:
        """What comes after a short text stands right under it."""
        font, line = Theme.current().font(ROLE), Theme.current().line_height(ROLE)
        natural = lay_out(self._text, font, max(1, self.width()), line)[1]
        self.setFixedHeight(min(max(line, natural), self._most_lines * line))

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 6, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 3, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._laid_out is None or self._laid_out[0] != self.size():
            line = Theme.current().line_height(ROLE)
            lines = max(1, self.height() // line)
            font = Theme.current().font(ROLE)
            made = lay_out(self._text, font, self.width(), line, lines)[0]
            self._laid_out = (self.size(), made)
        painter = QPainter(self)
        painter.setPen(shade("text2"))
        self._laid_out[1].draw(painter, QPointF(0, 0))


class ScoreExplanation(QWidget):
    """Title and text at the left, the contributions of the features at the right."""

    feature_opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: ResultRow | None = None
        self._book: FeatureBook | None = None
        self._is_steered = True
        space = tokens().space
        self.head = TextLabel("", "head of a section")
        top = Qt.AlignmentFlag.AlignTop
        self.title = TextLabel("", "title in a list", wrap=True, align=top, max_lines=2)
        self.text = Excerpt()
        self.scores = TextLabel("", "caption", "text3", tabular=True)
        self.waterfall = ContributionWaterfall()
        self.waterfall.clicked.connect(self._on_clicked)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.head)
        left.addSpacing(space[1] + 2)
        left.addWidget(self.title)
        left.addSpacing(space[1])
        left.addWidget(self.text)
        left.addSpacing(space[2])
        left.addWidget(self.scores)
        left.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(space[5], space[3] + 2, space[5], space[2])
        row.setSpacing(space[8])
        row.addLayout(left, 1)
        row.addWidget(self.waterfall, 2, top)
        self.setMinimumHeight(tokens().row_height.waterfall * 12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_book(self, book: FeatureBook | None) -> None:
        """Sets whose labels name the features; without any the sum is left out."""
        self._book = book
        self.waterfall.setVisible(book is not None)
        self.show_result(None, True)

    def show_result(self, result: ResultRow | None, is_steered: bool) -> None:
        """Explains a result of the steered or of the plain list; None leaves the place empty."""
        before, self._result, self._is_steered = self._result, result, is_steered
        for widget in (self.head, self.title, self.text, self.scores):
            widget.setVisible(result is not None)
        self.waterfall.setVisible(result is not None and self._book is not None)
        if result is None:
            return
        if before is None or before.document.id != result.document.id:
            self.title.setText(result.document.heading)
            self.text.set_text(result.document.text)
            self._fit_text()
        self._set(self.head, f"Why this document is {place_in_words(result.rank)}")
        self._set(self.scores, self._score_text(result))
        if self._book is not None:
            self._show_parts()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 24, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_text()
        self._show_parts()

    def _fit_text(self) -> None:
        """Gives the text the room that head, title and scores leave."""
        space, margins = tokens().space, self.layout().contentsMargins()
        taken = self.head.sizeHint().height() + self.scores.sizeHint().height()
        taken += self.title.heightForWidth(max(1, self.title.width()))
        taken += margins.top() + margins.bottom() + 2 * space[1] + space[2] + 2
        self.text.set_room(self.height() - taken)

    def _score_text(self, result: ResultRow) -> str:
        score = _number(result.score)
        if self._book is None:
            return f"Score {score}"
        if not self._is_steered:
            return f"Score {score} with the query as typed"
        is_steered = any(part.kind in ("up", "down") for part in result.contributions)
        if result.score_before is None or not is_steered:
            return f"Score {score}, nothing is steered"
        return f"Score {_number(result.score_before)} before steering, {score} after"

    def _show_parts(self) -> None:
        result, book = self._result, self._book
        if result is None or book is None:
            return
        room = self.height() - self.layout().contentsMargins().top() - tokens().space[2]
        count = max(2, self._rows_for(room) - 2)
        features = [part for part in result.contributions if part.latent is not None]
        rest = sum(part.value for part in result.contributions if part.latent is None)
        parts = [
            Contribution(book.text(part.latent), part.value, part.kind, part.latent)
            for part in features[:count]
            if part.latent is not None
        ]
        others = features[count:]
        if others:
            name = f"{len(others)} other feature{'s' if len(others) > 1 else ''}"
            parts.append(Contribution(name, sum(part.value for part in others), "rest"))
        parts.append(Contribution("Not explained by features", rest, "rest"))
        self.waterfall.set_contributions(parts, result.score)

    def _rows_for(self, room: int) -> int:
        """How many parts fit into a height, beside the total and the legend."""
        row, space = tokens().row_height.waterfall, tokens().space
        return (room - 2 * row - 2 * space[3]) // row

    def _set(self, label: TextLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)

    def _on_clicked(self, latent: object) -> None:
        if isinstance(latent, int):
            self.feature_opened.emit(latent)


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "\u2212")
