"""Why a document is where it is: its text, and the sum behind its score."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.corpus.document import FieldType
from saedesk.jobs.search_documents import ResultRow
from saedesk.session.feature_book import FeatureBook
from saedesk.ui.document_words import is_mute, shown_heading, told_fields
from saedesk.ui.search_panels.shown_result import place_in_words
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.text_label import TextLabel, lay_out
from saedesk.ui.widgets.waterfall import Contribution, ContributionWaterfall

MOST_CHARACTERS = 3000
"""The beginning of a text; more is never visible here."""
ROLE = "excerpt"
WIDEST_TEXT = 20
"""Widest text where there is no sum beside it, in units of 32 device-independent pixels."""

WIDE = 36
"""From this width on, in the same unit, the text takes two fifths instead of a third."""
HIGHEST_ROW = 28
"""Device-independent pixels that a row of the sum takes at most where there is room."""


class Excerpt(QWidget):
    """The beginning of a text, in whole lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._role = ROLE
        self._laid_out: tuple[tuple[str, int, int], QTextLayout, int] | None = None

    def set_text(self, text: str, role: str = ROLE) -> None:
        """Shows another text."""
        self._text, self._role = " ".join(text[:MOST_CHARACTERS].split()), role
        self._laid_out = None
        self.setAccessibleName(self._text)
        self.update()

    def fit(self, width: int, room: int) -> int:
        """Breaks the text for a width; returns the height it takes of `room` pixels."""
        if not self._text:
            return 0
        line = Theme.current().line_height(self._role)
        lines = max(1, room // line)
        wanted = (self._text, width, lines)
        if self._laid_out is None or self._laid_out[0] != wanted:
            font = Theme.current().font(self._role)
            made, height, _ = lay_out(self._text, font, max(1, width), line, lines)
            self._laid_out = (wanted, made, height)
        return self._laid_out[2]

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._laid_out is not None:
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
        self._fields: dict[str, FieldType] = {}
        # Placed by hand: a layout would be reckoned anew, up to the window, for every answer.
        self.head = TextLabel("", "head of a section", elide=True, parent=self)
        top = Qt.AlignmentFlag.AlignTop
        self.title = TextLabel(
            "", "title in a list", wrap=True, align=top, max_lines=2, parent=self
        )
        self.text = Excerpt(self)
        self.scores = TextLabel("", "caption", "text3", tabular=True, elide=True, parent=self)
        self.waterfall = ContributionWaterfall(parent=self)
        self.waterfall.clicked.connect(self._on_clicked)
        self.setMinimumHeight(tokens().row_height.waterfall * 12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_book(self, book: FeatureBook | None) -> None:
        """Sets whose labels name the features; without any the sum is left out."""
        self._book = book
        self.waterfall.setVisible(book is not None)
        self.show_result(None, True)

    def set_fields(self, fields: dict[str, FieldType]) -> None:
        """Sets the fields that are told of a document without words."""
        self._fields = fields

    def show_result(self, result: ResultRow | None, is_steered: bool) -> None:
        """Explains a result of the steered or of the plain list; None leaves the place empty."""
        before, self._result, self._is_steered = self._result, result, is_steered
        for widget in (self.head, self.title, self.text, self.scores):
            widget.setVisible(result is not None)
        self.waterfall.setVisible(result is not None and self._book is not None)
        if result is None:
            return
        if before is None or before.document.id != result.document.id:
            document = result.document
            mute = is_mute(document)
            self.title.set_role("head of a section" if mute else "title in a list")
            self.title.setText(shown_heading(document))
            told = " · ".join(told_fields(document, self._fields)) if mute else document.text
            self.text.set_text(told, "body" if mute else ROLE)
            self._place()
        place = place_in_words(result.rank)
        has_sum = self._book is not None
        self._set(
            self.head, f"Why this document is {place}" if has_sum else f"The {place} document"
        )
        self._set(self.scores, self._score_text(result))
        if self._book is not None:
            self._show_parts()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 24, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self._show_parts()

    def _place(self) -> None:
        """Text at the left, the sum in most of the width; scores stand right under the text."""
        space = tokens().space
        side, top = space[5], space[3] + 2
        width = self.width() - 2 * side - space[8]
        width = width * 2 // 5 if self.width() >= WIDE * space[8] else width // 3
        if self._book is None:
            width = min(self.width() - 2 * side, WIDEST_TEXT * space[8])
        y = top
        for label, gap in ((self.head, space[1] + 2), (self.title, space[1])):
            height = label.heightForWidth(width)
            label.setGeometry(side, y, width, height)
            y += height + gap
        line = self.scores.sizeHint().height()
        height = self.text.fit(width, self.height() - y - line - 2 * space[2])
        self.text.setGeometry(side, y, width, height)
        self.scores.setGeometry(side, y + height + space[2], width, line)
        left = side + width + space[8]
        high = self.waterfall.sizeHint().height()
        self.waterfall.setGeometry(left, top, max(1, self.width() - left - side), high)

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
        room = self.height() - tokens().space[3] - tokens().space[2]
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
        # The total, the legend and their gaps come to two rows more.
        high = (room - 2 * tokens().space[3]) // (len(parts) + 2)
        self.waterfall.set_row_height(min(HIGHEST_ROW, high))
        self.waterfall.resize(self.waterfall.width(), self.waterfall.sizeHint().height())

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
