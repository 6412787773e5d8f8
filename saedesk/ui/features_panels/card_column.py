"""Cards of documents under one another: where everything stands, and how it is painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.features_panels.card_marks import CardMarks, marked_excerpt
from saedesk.ui.features_panels.document_card import DocumentCard
from saedesk.ui.features_panels.number_texts import activation_text
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import draw_hairline, draw_line_of_text, shade, text_width
from saedesk.ui.widgets.text_label import lay_out
from saedesk.ui.widgets.text_marks import TextMark, draw_mark, draw_marks, mark_rects, marked_ink

EXCERPT_LINES = 3
_WIDEST_LINE = 800
"""Device-independent pixels of a line of text; longer ones are hard to read."""


class CardColumn(QWidget):
    """Paints cards as high as their texts need."""

    def __init__(self, left: int = 0, right: int = 0, parent: QWidget | None = None) -> None:
        """`left` and `right` are what is left free beside the cards; tints fill it."""
        super().__init__(parent)
        self._left, self._right = left, right
        self._cards: list[DocumentCard] = []
        self._layouts: list[tuple[QTextLayout, int] | None] = []
        self._marks: dict[int, CardMarks] = {}
        self._placed: dict[int, tuple[TextMark, ...]] = {}
        self._tops: list[int] = [0]
        self._laid_out_for = 0
        self._current = self._hovered = -1
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def cards(self) -> tuple[DocumentCard, ...]:
        """What is shown."""
        return tuple(self._cards)

    def set_cards(self, cards: Sequence[DocumentCard]) -> None:
        """Show other documents."""
        self._cards, self._layouts, self._tops = list(cards), [], [0]
        self._marks, self._placed = {}, {}
        self._current = self._hovered = -1
        self._lay_out()

    def add_cards(self, cards: Sequence[DocumentCard]) -> None:
        """Show more documents under those that are there."""
        self._cards.extend(cards)
        self._lay_out()

    def set_marks(self, document_id: int, marks: CardMarks) -> None:
        """Mark the sentences of a document; no card moves or grows."""
        self._marks[document_id] = marks
        for at, card in enumerate(self._cards):
            if card.document_id == document_id:
                self._layouts[at] = None
                self.update(self.place_of(at))

    def clear_marks(self) -> None:
        """Mark nothing; no card moves or shrinks."""
        self._marks, self._placed = {}, {}
        self._layouts = [None] * len(self._cards)
        self.update()

    def marks_of(self, at: int) -> tuple[TextMark, ...]:
        """The marks in the lines of a card, in the order of the text."""
        self._excerpt_of(at)
        return self._placed.get(at, ())

    def place_of(self, at: int) -> QRect:
        """Where a card stands."""
        return QRect(0, self._tops[at], self.width(), self._tops[at + 1] - self._tops[at])

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 10, self._tops[-1])

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        if self.width() != self._laid_out_for:
            self._layouts, self._tops, self._placed = [], [0], {}
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for at in range(len(self._cards)):
            place = self.place_of(at)
            if place.intersects(event.rect()):
                self._paint_card(painter, at, place)

    def _paint_card(self, painter: QPainter, at: int, place: QRect) -> None:
        card, size = self._cards[at], tokens()
        left, right = self._text_left(), self.width() - self._right
        self._paint_ground(painter, at, place.adjusted(0, 0, 0, -size.line))
        top = place.top() + _pad()
        title_height = Theme.current().line_height("title in a list")
        value = QRect(self._left, top, left - self._left, title_height)
        draw_line_of_text(
            painter, value, activation_text(card.value), "head of a section", tabular=True
        )
        bar_width = size.space[8] + size.space[2]
        bar = QRectF(self._left, top + title_height + 1, bar_width, size.bar.cell)
        draw_bar(painter, bar, card.share)
        line = self._title_rect(at)
        known = self._marks.get(card.document_id, CardMarks())
        if known.title is not None:
            draw_mark(painter, self._marked_places(at)[0][0], known.title)
        role = "head of a section" if card.is_key else "title in a list"
        draw_line_of_text(painter, line, card.title, role)
        top = round(self._text_origin(at).y())
        layout = self._excerpt_of(at)[0]
        marks = self.marks_of(at)
        draw_marks(painter, QPointF(left, top), layout, marks)
        painter.setPen(shade("text2"))
        layout.draw(painter, QPointF(left, top), marked_ink(marks))
        facts = self._facts_rect(at)
        said = "   ".join([*card.facts, known.note] if card.facts and known.note else card.facts)
        draw_line_of_text(painter, facts, said, "caption", "text3", tabular=True)
        if at < len(self._cards) - 1:
            bottom = place.bottom()
            draw_hairline(painter, left, bottom, right, bottom)

    def _paint_ground(self, painter: QPainter, at: int, place: QRect) -> None:
        if at == self._current:
            focused = self.hasFocus()
            painter.fillRect(place, shade("selection" if focused else "selectionDim"))
            bar = QRect(place.left(), place.top(), tokens().selection_bar, place.height())
            painter.fillRect(bar, shade("accent" if focused else "lineControl"))
        elif at == self._hovered:
            painter.fillRect(place, shade("hover"))

    def _marked_places(self, at: int) -> list[tuple[QRectF, TextMark]]:
        """Each line of each mark of a card, the title first."""
        known = self._marks.get(self._cards[at].document_id)
        if known is None:
            return []
        title, text = self._title_rect(at), self._text_origin(at)
        found = []
        if known.title is not None:
            wide = min(text_width(self._cards[at].title, "title in a list"), title.width())
            found.append((QRectF(title.left(), title.top(), wide, title.height()), known.title))
        for mark in self.marks_of(at):
            rects = mark_rects(self._excerpt_of(at)[0], mark.start, mark.end)
            found += [(rect.translated(text), mark) for rect in rects]
        return found

    def _title_rect(self, at: int) -> QRect:
        left, top = self._text_left(), self.place_of(at).top() + _pad()
        return QRect(left, top, self.width() - self._right - left, self._title_height(at))

    def _title_height(self, at: int) -> int:
        has_title = bool(self._cards[at].title)
        return Theme.current().line_height("title in a list") if has_title else 0

    def _text_origin(self, at: int) -> QPointF:
        title = self._title_rect(at)
        return QPointF(title.left(), title.top() + title.height() + (2 if title.height() else 0))

    def _facts_rect(self, at: int) -> QRect:
        """The last line of a card."""
        top = round(self._text_origin(at).y()) + self._excerpt_of(at)[1] + tokens().grid
        left, size = self._text_left(), tokens()
        return QRect(
            left, top, self.width() - self._right - left, size.line_height[size.type["small"]]
        )

    def _text_left(self) -> int:
        return self._left + 2 * tokens().space[8] + tokens().grid

    def _lay_out(self) -> None:
        """Find how high the cards are; their lines are broken when they are first painted."""
        self._laid_out_for = self.width()
        line = Theme.current().line_height("excerpt")
        small = tokens().line_height[tokens().type["small"]]
        narrowest = QFontMetricsF(Theme.current().font("excerpt")).horizontalAdvance("i")
        for at in range(len(self._layouts), len(self._cards)):
            text = self._cards[at].text
            self._layouts.append(None)
            if len(text) * narrowest > EXCERPT_LINES * self._line_width():
                height = EXCERPT_LINES * line
            else:
                height = self._excerpt_of(at)[1] if text else 0
            facts = tokens().grid + small if self._cards[at].facts else 0
            title = self._title_height(at)
            # Beside a single line of text there is room for the number and its bar.
            height = max(height + (title + 2 if title else 0), line + 2 + tokens().bar.cell)
            self._tops.append(self._tops[-1] + height + facts + 2 * _pad())
        self.setFixedHeight(max(1, self._tops[-1]))
        self.update()

    def _excerpt_of(self, at: int) -> tuple[QTextLayout, int]:
        """The broken lines of a card's text and their height."""
        found = self._layouts[at]
        if found is None:
            card = self._cards[at]
            layout, height = self._broken(card.text)
            marks = self._marks.get(card.document_id, CardMarks()).text
            if marks and card.text:
                text, placed = marked_excerpt(card.source, marks, len(layout.text()))
                layout, self._placed[at] = self._broken(text)[0], placed
            # The height stays that of the beginning, so that no card moves.
            found = self._layouts[at] = (layout, height if card.text else 0)
        return found

    def _broken(self, text: str) -> tuple[QTextLayout, int]:
        theme = Theme.current()
        font, line = theme.font("excerpt"), theme.line_height("excerpt")
        layout, height, _cut = lay_out(text, font, self._line_width(), line, EXCERPT_LINES)
        return layout, height

    def _line_width(self) -> int:
        room = min(self.width() - self._right - self._text_left(), _WIDEST_LINE)
        return max(tokens().space[8], room)

    def _at(self, place: QPoint) -> int:
        for at in range(len(self._cards)):
            if self.place_of(at).contains(place):
                return at
        return -1


def _pad() -> int:
    return tokens().space[3] + 2
