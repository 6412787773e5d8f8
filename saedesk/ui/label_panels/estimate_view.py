"""What a run would take, where the texts go, and the first question as it would be sent."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from saedesk.session.model_labels import Foreseen
from saedesk.ui.label_panels.label_words import (
    estimate_facts,
    left_out_sentence,
    where_sentence,
)
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.train_panels.fact_grid import FactGrid
from saedesk.ui.train_panels.fold_button import FoldButton
from saedesk.ui.widgets.text_label import TextLabel

NOT_YET = (
    "An estimate says how many questions and tokens it takes and where the texts go, and shows the "
    "first question. Nothing is sent for it."
)
WORKING = "The first questions are being written …"
_LONGEST_SHOWN = 200_000


class EstimateView(QWidget):
    """Shows an estimate, or why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.told = TextLabel(NOT_YET, "body", "text2", wrap=True)
        self.facts = FactGrid()
        self.where = TextLabel("", "label", wrap=True)
        self.left_out = TextLabel("", "caption", "text2", wrap=True)
        self.fold = FoldButton()
        self.fold.set_text("The first question, as it would be sent")
        self.question = QPlainTextEdit()
        self.question.setReadOnly(True)
        self.question.setFont(Theme.current().font("caption"))
        self.question.setAccessibleName("The first question")
        self.question.setTabChangesFocus(True)
        self.fold.toggled.connect(self.question.setVisible)
        space = tokens().space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[3])
        column.addWidget(TextLabel("What it takes", "label"))
        for part in (self.told, self.facts, self.where, self.left_out, self.fold):
            column.addWidget(part)
        column.addWidget(self.question, 1)
        column.addStretch(0)
        self.say(NOT_YET)

    def say(self, sentence: str, *, is_error: bool = False) -> None:
        """Shows a sentence instead of an estimate."""
        self._show_told(sentence, is_error)
        for part in (self.facts, self.where, self.left_out, self.fold, self.question):
            part.hide()
        self.question.clear()

    def show_estimate(self, foreseen: Foreseen) -> None:
        """Shows numbers, place and question."""
        estimate = foreseen.estimate
        left_out = left_out_sentence(estimate, foreseen.request)
        self._show_told("" if estimate.features else left_out, False)
        self.facts.set_facts(estimate_facts(estimate))
        self.facts.setVisible(bool(estimate.features))
        self.where.setText(where_sentence(foreseen))
        self.where.set_colour("warn" if estimate.leaves_this_computer else "text1")
        self.where.setVisible(bool(estimate.features))
        self.left_out.setText(left_out)
        self.left_out.setVisible(bool(estimate.features and left_out))
        self.fold.setChecked(False)
        self.fold.setVisible(bool(estimate.example))
        self.question.hide()
        self.question.setPlainText(estimate.example[:_LONGEST_SHOWN])

    def _show_told(self, sentence: str, is_error: bool) -> None:
        self.told.set_colour("error" if is_error else "text2")
        self.told.setText(sentence)
        self.told.setVisible(bool(sentence))
