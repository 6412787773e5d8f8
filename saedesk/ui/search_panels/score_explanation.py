"""Why a document is where it is: its text, and the sum behind its score."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.corpus.document import FieldType
from saedesk.jobs.query_sentences import MatchingSentence, MatchingSentences
from saedesk.jobs.search_documents import ResultRow
from saedesk.session.feature_book import FeatureBook
from saedesk.ui.document_words import is_mute, shown_heading, told_fields
from saedesk.ui.search_panels.result_excerpt import ROLE, Excerpt, ExcerptMark
from saedesk.ui.search_panels.score_parts import about_place_sum, bar_decimals, score_parts
from saedesk.ui.search_panels.score_told import number_told, score_told
from saedesk.ui.search_panels.shown_result import NameOf, place_in_words
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.marked_label import MarkedLabel
from saedesk.ui.widgets.painting import fill_ground, stand_on_own_ground
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.steering_slider import signed
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.widgets.text_marks import TextMark, utf16
from saedesk.ui.widgets.waterfall import ContributionWaterfall

SCORE, CHANGE, SUM = "Score", "Change", "Sum"
"""What the bars sum to."""
WIDEST_TEXT = 20
"""Widest text where there is no sum beside it, in units of 32 device-independent pixels."""

WIDE = 36
"""From this width on, in the same unit, the text takes two fifths instead of a third."""
NONE_STANDS_OUT = "No sentence stands out."
NONE_MARKED = "No sentence is marked."
ABOUT_NONE = (
    "A sentence is marked where the cosine with the query falls clearly without it. Here it falls "
    "about as little whichever sentence is left out."
)
USUAL_ROWS, FEWEST_ROWS = 12, 7
"""Heights of the whole in rows of the sum: where nobody chose another, and the least."""
HIGHEST_ROW = 28
"""Device-independent pixels that a row of the sum takes at most where there is room."""


class ScoreExplanation(QWidget):
    """Title and text at the left, the contributions of the features at the right."""

    feature_opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: ResultRow | None = None
        self._book: FeatureBook | None = None
        self._name_of: NameOf = str
        self._decimals, self._places = 3, ""
        self._is_steered = True
        self._fields: dict[str, FieldType] = {}
        # Placed by hand: a layout would be reckoned anew, up to the window, for every answer.
        self.head = TextLabel("", "head of a section", elide=True, parent=self)
        top = Qt.AlignmentFlag.AlignTop
        self.title = MarkedLabel(
            "", "title in a list", wrap=True, align=top, max_lines=2, parent=self
        )
        self.text = Excerpt(self)
        self.scores = TextLabel(
            "", "caption", "text3", tabular=True, wrap=True, max_lines=2, parent=self
        )
        self._note = ""
        self.waterfall = ContributionWaterfall(parent=self)
        self.waterfall.clicked.connect(self._on_clicked)
        self.switch = SegmentedControl([SCORE, CHANGE], SCORE, "What the bars sum to", self)
        set_plain_tooltip(self.switch, "What the score is made of, or what steering changed of it")
        self.switch.changed.connect(self._on_switch)
        self.switch.hide()
        stand_on_own_ground(self)
        self.setMinimumHeight(tokens().row_height.waterfall * FEWEST_ROWS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_book(self, book: FeatureBook | None, name_of: NameOf = str) -> None:
        """Sets whose labels name the features, and what names families beside them.

        Without any the sum is left out.
        """
        self._book, self._name_of = book, name_of
        self.waterfall.setVisible(book is not None)
        self.show_result(None, True)

    def set_fields(self, fields: dict[str, FieldType]) -> None:
        """Sets the fields that are told of a document without words."""
        self._fields = fields

    def show_result(
        self,
        result: ResultRow | None,
        is_steered: bool,
        decimals: int = 3,
        places: str = "",
        setting: str = "",
    ) -> None:
        """Explains a result of the steered or of the plain list; None leaves the place empty.

        `places` says what given places did to it, `setting` names the one of two it is from.
        """
        self._places = places
        before, self._result, self._is_steered = self._result, result, is_steered
        self._decimals = decimals
        for widget in (self.head, self.title, self.text, self.scores):
            widget.setVisible(result is not None)
        self.waterfall.setVisible(result is not None and self._book is not None)
        self.switch.setVisible(self._has_change)
        if result is None:
            return
        if before is None or before.document.id != result.document.id:
            document = result.document
            mute = is_mute(document)
            self.title.set_role("head of a section" if mute else "title in a list")
            self.title.setText(shown_heading(document))
            self.title.set_marks(())
            set_plain_tooltip(self.text, "")
            told = " · ".join(told_fields(document, self._fields)) if mute else document.text
            self.text.set_text(told, "body" if mute else ROLE)
            self._note = ""
            self._place()
        place = place_in_words(result.rank)
        told = f"Why this document is {place}" if self._book else f"The {place} document"
        self._set(self.head, f"{told} in {setting}" if setting else told)
        self._show_scores()
        if self._book is not None:
            self._show_parts()

    @property
    def _has_change(self) -> bool:
        """Whether steering changed the score of what is explained."""
        result = self._result
        return bool(result and result.change and self._is_steered and self._book is not None)

    def show_sentences(self, found: MatchingSentences) -> None:
        """Marks the sentences that match what was asked; of another document than shown, none."""
        result = self._result
        if result is None or result.document.id != found.document_id or is_mute(result.document):
            return
        title = self.title.text()
        self.title.set_marks(
            [
                TextMark(0, utf16(title, len(title)), one.grade, tip=_tip(one))
                for one in found.sentences
                if one.span.in_title
            ]
        )
        self.text.set_marks(
            [
                ExcerptMark(one.span.start, one.span.end, one.grade, _tip(one))
                for one in found.sentences
                if not one.span.in_title
            ]
        )
        self._note = "" if found.sentences else NONE_STANDS_OUT
        self.scores.set_explanation("" if found.sentences else ABOUT_NONE)
        self._show_scores()
        self._place()

    def show_no_sentences(self, why: str) -> None:
        """Says that no sentence of the text is marked, and in its tooltip why."""
        set_plain_tooltip(self.text, why)
        self._note = NONE_MARKED
        self.scores.set_explanation(why)
        self._show_scores()

    def _show_scores(self) -> None:
        """The line under the text; the text gives way where it needs a second one."""
        result = self._result
        if result is None:
            return
        told = f"{self._score_text(result)}. {self._note}" if self._note else ""
        self._set(self.scores, told or self._score_text(result))
        width = self.scores.width()
        if width > 0 and self.scores.heightForWidth(width) != self.scores.height():
            self._place()

    @property
    def usual_height(self) -> int:
        """The height where nobody chose another, in device-independent pixels."""
        return tokens().row_height.waterfall * USUAL_ROWS

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 24, self.usual_height)

    def take_keyboard(self) -> bool:
        """Puts the keyboard into the text; returns whether there is one."""
        if not self.text.isVisible():
            return False
        self.text.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        fill_ground(QPainter(self), event, "surface")

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
        line = self.scores.heightForWidth(width)
        height = self.text.fit(width, self.height() - y - line - 2 * space[2])
        self.text.setGeometry(side, y, width + self.text.room_of_bar, height)
        self.scores.setGeometry(side, y + height + space[2], width, line)
        left = side + width + space[8]
        high = self.waterfall.sizeHint().height()
        self.waterfall.setGeometry(left, top, max(1, self.width() - left - side), high)
        self._place_switch()

    def _place_switch(self) -> None:
        """At the end of the line of the legend."""
        size, place = self.switch.sizeHint(), self.waterfall.geometry()
        self.waterfall.keep_free(size.width() + tokens().space[4] if self._has_change else 0)
        middle = place.bottom() + 1 - self.waterfall.row_height // 2
        low = min(middle - size.height() // 2, self.height() - size.height() - tokens().space[1])
        self.switch.setGeometry(place.right() + 1 - size.width(), low, size.width(), size.height())
        self.switch.raise_()

    def _score_text(self, result: ResultRow) -> str:
        if self._book is None:
            return f"Score {number_told(result.score, self._decimals)}"
        return score_told(result, self._is_steered, self._places, self._decimals)

    def _show_parts(self) -> None:
        result, book = self._result, self._book
        if result is None or book is None:
            return
        room = self.height() - tokens().space[3] - tokens().space[2]
        of_change = self._has_change and self.switch.current == CHANGE
        most = max(2, self._rows_for(room) - 2)
        decimals = bar_decimals(result, of_change, self._decimals)
        parts = score_parts(result, of_change, most, book.text, self._name_of, decimals)
        change = 0.0 if result.score_before is None else result.score - result.score_before
        name, tip = CHANGE if of_change else SCORE, ""
        if result.place_of is not None:
            name = f"{CHANGE if of_change else SUM} for the place"
            tip = about_place_sum(result, self._name_of)
        self.waterfall.set_total(name, decimals, of_change, tip)
        self.waterfall.set_contributions(parts, change if of_change else result.score)
        # The total, the legend and their gaps come to two rows more.
        high = (room - 2 * tokens().space[3]) // (len(parts) + 2)
        self.waterfall.set_row_height(min(HIGHEST_ROW, high))
        self.waterfall.resize(self.waterfall.width(), self.waterfall.sizeHint().height())
        self._place_switch()

    def _rows_for(self, room: int) -> int:
        """How many parts fit into a height, beside the total and the legend."""
        row, space = tokens().row_height.waterfall, tokens().space
        return (room - 2 * row - 2 * space[3]) // row

    def _set(self, label: TextLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)

    def _on_switch(self, _word: str) -> None:
        self._show_parts()

    def _on_clicked(self, latent: object) -> None:
        if isinstance(latent, int):
            self.feature_opened.emit(latent)


def _tip(found: MatchingSentence) -> str:
    if found.has_phrase:
        return "Has the words in quotation marks, one after the other."
    if found.effect is None:
        return "Has the words of the query."
    return f"Without this sentence the cosine with the query changes by {signed(-found.effect)}."
