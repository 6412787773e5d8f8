"""The labels a feature ever had, in a card under the link that opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.shown_score import shown_score
from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON, FeatureLabel
from saedesk.ui.features_panels.number_texts import day_text, moment_text
from saedesk.ui.features_panels.score_words import interval_text, score_explanation
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.chips import ScoreChip
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.painting import shade, text_width
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

_ROWS_IN_VIEW = 6
_NARROWEST = 16
"""Of the card, in the largest step of space."""
_WIDEST_NOTE = 18
"""Of who, when and how good, in the same step; a longer one is cut."""
_USE = "Use this one"


def author_text(label: FeatureLabel) -> str:
    """Who wrote a label: "you", "keywords", "the language model small-7b"."""
    if label.source == PERSON:
        file = label.details.get("imported_from")
        if file and label.author == file:
            return f"somebody in {file}"
        return "you" if label.author in ("", "you") else label.author
    if label.source == LANGUAGE_MODEL:
        return f"the language model {label.author}" if label.author else "a language model"
    return "keywords" if label.source == KEYWORDS else label.source


def provenance_text(labels: list[FeatureLabel], in_force: FeatureLabel | None) -> str:
    """Who gave the label in force, and when: "Named by keywords on 12 November."."""
    if in_force is None:
        # That there is no label is said where the label would stand.
        return ""
    when = day_text(in_force.created)
    on = f" on {when}" if when else ""
    if not in_force.text:
        return f"The label was taken away by {author_text(in_force)}{on}."
    made = next((one for one in labels if _is_by_program(one) and one.id < in_force.id), None)
    if in_force.source == PERSON and made is not None:
        return f"Named by {author_text(made)}, changed by {author_text(in_force)}{on}."
    return f"Named by {author_text(in_force)}{on}."


def _note(label: FeatureLabel, scores: Mapping[str, LabelScore]) -> str:
    """Who, when, and what the score was measured on."""
    when = moment_text(label.created)
    parts = [f"By {author_text(label)}" + (f" on {when}" if when else "")]
    shown = shown_score(scores)
    if shown is not None:
        parts.append(f"{interval_text(shown)} on {shown.documents:,} documents")
    elif label.text:
        parts.append("no score")
    return " · ".join(parts)


def _is_by_program(label: FeatureLabel) -> bool:
    return bool(label.text) and label.source != PERSON


class LabelHistory(QFrame):
    """Every label with who wrote it, when, and its score; earlier ones can be used again."""

    wanted = Signal(object)
    """FeatureLabel to put in force again."""

    def __init__(
        self,
        labels: Sequence[FeatureLabel],
        in_force: int,
        scores_of: Callable[[FeatureLabel], Mapping[str, LabelScore]],
        parent: QWidget | None = None,
    ) -> None:
        """`labels` newest first; `in_force` is the id of the one that counts."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "raised")
        self.setAccessibleName("Earlier labels")
        self.uses: list[LinkButton] = []
        self.scores: list[ScoreChip] = []
        self._scores_of = scores_of
        self._offered: list[FeatureLabel] = []
        size = tokens()
        content = QWidget()
        column = QVBoxLayout(content)
        pad = size.padding.hover_card
        column.setContentsMargins(pad, pad // 2, pad, pad // 2)
        column.setSpacing(size.space[1])
        for at, label in enumerate(labels):
            if at:
                column.addWidget(Hairline())
            column.addLayout(self._row(label, label.id == in_force))
        column.addStretch(1)
        area = ScrollArea(content, "raised", "Earlier labels")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*[size.line] * 4)
        outer.addWidget(area)
        row = size.row_height.feature_list + size.space[2] + size.line
        # As wide as the longest line, so that nobody has to guess how many documents.
        wanted = content.sizeHint().width() + area.verticalScrollBar().sizeHint().width()
        self.setFixedWidth(max(wanted + 2 * size.line, _NARROWEST * size.space[8]))
        self.setFixedHeight(pad + 2 + min(len(labels), _ROWS_IN_VIEW) * row)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade("lineStrong"))
        line = tokens().line
        painter.fillRect(self.rect().adjusted(line, line, -line, -line), shade("raised"))

    def open_under(self, widget: QWidget) -> None:
        """Show the card under a widget."""
        place = widget.mapToGlobal(QPoint(0, widget.height() + tokens().grid))
        room = widget.window().frameGeometry()
        place.setX(max(room.left(), min(place.x(), room.right() - self.width())))
        self.move(place)
        self.show()
        if self.uses:
            self.uses[0].setFocus()

    def _row(self, label: FeatureLabel, is_in_force: bool) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        if label.text:
            words.addWidget(TextLabel(label.text, "label", elide=True))
        else:
            words.addWidget(TextLabel("No label", "body", "text3", italic=True))
        found = self._scores_of(label) if label.text else {}
        note = TextLabel(_note(label, found), "caption", "text3", elide=True)
        whole = text_width(note.text(), "caption") + 1
        note.setMinimumWidth(min(whole, _WIDEST_NOTE * tokens().space[8]))
        words.addWidget(note)
        row = QHBoxLayout()
        row.setContentsMargins(0, tokens().grid, 0, tokens().grid)
        row.setSpacing(tokens().space[3])
        row.addLayout(words, 1)
        shown = shown_score(found)
        about = score_explanation(found) if label.text else "No label, no score."
        chip = ScoreChip(None if shown is None else shown.score, about)
        self.scores.append(chip)
        row.addWidget(chip)
        use_or_not = QHBoxLayout()
        use_or_not.addWidget(self._in_use() if is_in_force else self._use(label))
        row.addLayout(use_or_not)
        return row

    def _in_use(self) -> TextLabel:
        in_use = TextLabel("In use", "caption", "text3")
        in_use.setMinimumWidth(text_width(_USE, "label"))
        return in_use

    def _use(self, label: FeatureLabel) -> LinkButton:
        words = f"“{label.text}”" if label.text else "no label"
        use = LinkButton(_USE, accessible_name=f"Use {words} by {author_text(label)}")
        use.clicked.connect(self._on_use)
        self.uses.append(use)
        self._offered.append(label)
        return use

    @Slot()
    def _on_use(self) -> None:
        sender = self.sender()
        pairs = zip(self._offered, self.uses, strict=True)
        self.wanted.emit(next(label for label, use in pairs if use is sender))
        self.close()
