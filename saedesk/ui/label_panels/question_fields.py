"""What to ask about: which features, scores too, and the limits."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.jobs.feature_choice import (
    ALL,
    NUMBERS,
    STARRED,
    UNLABELLED,
    FeatureChoice,
    feature_choice,
)
from saedesk.jobs.model_budget import Prices
from saedesk.jobs.model_questions import MOST_CONCURRENT
from saedesk.session.feature_book import FeatureBook
from saedesk.ui.label_panels.server_fields import FIELD_WIDTH
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.fold_button import FoldButton
from saedesk.ui.widgets.check_marks import CheckBox
from saedesk.ui.widgets.fields import ChoiceField, FieldRow, NumberField, TextField

CHOICES = {
    UNLABELLED: "Without a label",
    STARRED: "With a star",
    ALL: "All",
    NUMBERS: "By number",
}
LIMITS = "Limits and prices"
NO_LIMIT, NO_PRICE = "no limit", "no price"
_SCORE_HELP = "The model judges every label on documents it was not shown: F1 and Pearson."


class QuestionFields(QWidget):
    """The fields, and what they mean for a request."""

    changed = Signal()

    def __init__(self, book: FeatureBook | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.which = ChoiceField(
            list(CHOICES.values()), current=CHOICES[first_choice(book)], accessible_name="Features"
        )
        self.numbers = TextField("3, 17, 20-29", accessible_name="Numbers of features")
        self.score = CheckBox("Score the labels too", tooltip=_SCORE_HELP)
        self.fold = FoldButton()
        self.fold.set_text(LIMITS)
        self.concurrency = NumberField(1, MOST_CONCURRENT, unit="at once", value=2)
        self.tokens = NumberField(0, 1e12, unit=NO_LIMIT, value=0)
        self.price_in = NumberField(0, 1e6, 4, unit=NO_PRICE, value=0)
        self.price_out = NumberField(0, 1e6, 4, unit=NO_PRICE, value=0)
        self.money = NumberField(0, 1e9, 2, unit=NO_LIMIT, value=0)
        self._lay_out()
        self.which.changed.connect(self._on_which)
        self.fold.toggled.connect(self._limits.setVisible)
        self.numbers.text_changed.connect(self._on_change)
        self.score.toggled.connect(self._on_change)
        for field in (self.concurrency, self.tokens, self.price_in, self.price_out, self.money):
            field.value_changed.connect(self._on_change)
        self._on_which()

    def _lay_out(self) -> None:
        space = tokens().space
        self._numbers_row = FieldRow("Their numbers", self.numbers, "", FIELD_WIDTH)
        self._limits = QWidget()
        limits = QVBoxLayout(self._limits)
        limits.setContentsMargins(0, 0, 0, 0)
        limits.setSpacing(space[2])
        million = "For a million tokens, in any currency."
        narrow = FIELD_WIDTH - space[8]
        for title, field, help_ in (
            ("Questions", self.concurrency, "How many are under way at the same time."),
            ("Most tokens", self.tokens, "In and out together; it stops before it passes them."),
            ("Price of tokens in", self.price_in, million),
            ("Price of tokens out", self.price_out, million),
            ("Most money", self.money, "By these prices; it stops before it passes it."),
        ):
            row = FieldRow(title, field, help_, narrow)
            row.layout().setContentsMargins(0, 0, 0, 0)
            limits.addWidget(row)
        self._limits.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[2])
        which = FieldRow("Features", self.which, "", FIELD_WIDTH)
        for row in (which, self._numbers_row):
            row.layout().setContentsMargins(0, 0, 0, 0)
            column.addWidget(row)
        column.addWidget(self.score)
        column.addWidget(self.fold)
        column.addWidget(self._limits)

    # -- what is chosen ----------------------------------------------------------------------

    def features(self) -> FeatureChoice:
        """The features; raises BadSetting for text that names none."""
        which = next(name for name, title in CHOICES.items() if title == self.which.currentText())
        return feature_choice(self.numbers.text()) if which == NUMBERS else FeatureChoice(which)

    def prices(self) -> Prices:
        """The prices; none where both fields are 0."""
        price_in, price_out = self.price_in.value(), self.price_out.value()
        return Prices(price_in, price_out) if price_in or price_out else Prices()

    @property
    def most_tokens(self) -> int | None:
        """The budget of tokens, or None."""
        return round(self.tokens.value()) or None

    @property
    def most_money(self) -> float | None:
        """The budget of money, or None."""
        return self.money.value() or None

    @Slot()
    def _on_which(self, *_: object) -> None:
        self._numbers_row.setVisible(self.which.currentText() == CHOICES[NUMBERS])
        self._on_change()

    @Slot()
    def _on_change(self, *_: object) -> None:
        self.tokens.set_unit("tokens" if self.tokens.value() else NO_LIMIT)
        self.money.set_unit("" if self.money.value() else NO_LIMIT)
        has_price = bool(self.price_in.value() or self.price_out.value())
        for field in (self.price_in, self.price_out):
            field.set_unit("a million" if has_price else NO_PRICE)
        self.changed.emit()


def first_choice(book: FeatureBook | None) -> str:
    """The starred features where there are any, else the unlabelled ones, else all."""
    if book is None:
        return UNLABELLED
    if book.stars:
        return STARRED
    active = book.sae.statistics.count > 0
    is_any_bare = any(i not in book.labels for i in range(len(active)) if active[i])
    return UNLABELLED if is_any_bare else ALL
