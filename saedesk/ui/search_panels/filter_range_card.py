"""The small window that sets a range of numbers or dates."""

from __future__ import annotations

import re

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.corpus.document import FieldDefinition
from saedesk.errors import BadSetting
from saedesk.jobs.corpus_columns import MONTHS, Binning
from saedesk.project.document_store import year_with_fraction
from saedesk.project.filter_bounds import Bound, check_order, read_bound, shown_bound
from saedesk.ui.corpus_panels.range_facet import RangeBrush
from saedesk.ui.search_panels.filter_card import NOT_YET, FilterCard
from saedesk.ui.search_panels.filter_conditions import Condition, shown_name
from saedesk.ui.search_panels.filter_values import FieldValues
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.fields import TextField
from saedesk.ui.widgets.text_label import TextLabel

_MONTH = re.compile(r"(\w{3}) (\d{1,4})")


class RangeCard(FilterCard):
    """From and to, of numbers or dates, typed or drawn over bars of how many there are."""

    def __init__(
        self,
        definition: FieldDefinition,
        bounds: tuple[float | str | None, float | str | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(definition, parent)
        self.brush: RangeBrush | None = None
        self._binning: Binning | None = None
        self._values: np.ndarray | None = None
        self._is_brushing = False
        row = QHBoxLayout()
        row.setSpacing(tokens().space[2])
        self.low = TextField(NOT_YET, accessible_name="From")
        self.high = TextField(NOT_YET, accessible_name="To")
        for name, field, bound in (("from", self.low, bounds[0]), ("to", self.high, bounds[1])):
            field.setText(shown_bound(bound))
            field.returnPressed.connect(self.apply)
            row.addWidget(TextLabel(name, "body", "text2"))
            row.addWidget(field, 1)
        self.body.addLayout(row)
        self.count = TextLabel(NOT_YET, "caption", "text3", tabular=True)
        self.body.addWidget(self.count)
        for field in (self.low, self.high):
            field.text_changed.connect(self._on_typed)
        self.error = TextLabel("", "caption", "error", wrap=True)
        self.error.setFixedWidth(self._card().width() - 2 * tokens().padding.hover_card)
        self.error.hide()
        self.body.addWidget(self.error)
        self.add_buttons(bounds != (None, None))

    def take_keyboard(self) -> None:
        self.low.setFocus()

    def set_values(self, values: FieldValues) -> None:
        for field, end in zip((self.low, self.high), values.ends, strict=True):
            field.setPlaceholderText(end)
        self._values = values.numbers
        if values.binning is not None and self.brush is None:
            self._binning = values.binning
            name = shown_name(self.definition.name)
            self.brush = RangeBrush(values.binning, name, tokens().space[8] + tokens().space[4])
            self.brush.set_counts(values.bin_counts)
            self.brush.range_changed.connect(self._on_range)
            self.body.insertWidget(1, self.brush)
            self.brush.show()
        self._on_typed("")
        self.fit()

    def _on_range(self, bins: tuple[int, int] | None) -> None:
        """What is drawn with the mouse is typed into the fields."""
        low, high = ("", "") if bins is None else bounds_of_bins(self._binning, *bins)
        self._is_brushing = True
        self.low.setText(low)
        self.high.setText(high)
        self._is_brushing = False
        self._count()

    def _on_typed(self, _text: str) -> None:
        if not self._is_brushing:
            if self.brush is not None:
                self.brush.set_range(self._bins())
            self._count()

    def _bounds(self) -> tuple[float, float] | None:
        """What is typed as numbers, dates as years with fractions; None while it is no range."""
        try:
            low = read_bound(self.low.text(), self.definition, False)
            high = read_bound(self.high.text(), self.definition, True)
        except BadSetting:
            return None
        return as_number(low, -np.inf), as_number(high, np.inf)

    def _count(self) -> None:
        bounds, numbers = self._bounds(), self._values
        if numbers is None or bounds is None:
            self.count.setText("")
            return
        among = int(((numbers >= bounds[0]) & (numbers <= bounds[1])).sum())
        everything = bounds == (-np.inf, np.inf)
        passing = len(numbers) if everything else among
        self.count.setText(f"{passing:,} of {len(numbers):,} documents")

    def _bins(self) -> tuple[int, int] | None:
        """The bins in which a document lies that is between what is typed."""
        bounds, numbers, binning = self._bounds(), self._values, self._binning
        if bounds is None or numbers is None or binning is None or bounds == (-np.inf, np.inf):
            return None
        inside = binning.bin_of[(numbers >= bounds[0]) & (numbers <= bounds[1])]
        inside = inside[inside >= 0]
        return (int(inside.min()), int(inside.max())) if len(inside) else None

    def show_failure(self, sentence: str) -> None:
        self.set_values(FieldValues())
        self._show_error(sentence)

    def condition(self) -> Condition | None:
        read: list[float | str | None] = []
        for field, is_high in ((self.low, False), (self.high, True)):
            try:
                read.append(read_bound(field.text(), self.definition, is_high))
                field.set_error(None)
            except BadSetting as error:
                field.set_error(error.sentence)
                self._show_error(error.sentence)
                return None
        try:
            check_order(read[0], read[1])
        except BadSetting as error:
            self.high.set_error(error.sentence)
            self._show_error(error.sentence)
            return None
        return Condition(self.definition.name, bounds=(read[0], read[1]))

    def _show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setFixedHeight(self.error.heightForWidth(self.error.width()))
        self.error.show()
        self.fit()


def bounds_of_bins(binning: Binning | None, low: int, high: int) -> tuple[str, str]:
    """What is typed for the bins from `low` to `high`, both included."""
    if binning is None:
        return "", ""
    last = binning.high_texts[high]
    # The last bin of a long tail has no upper end.
    return _typed(binning.low_texts[low]), "" if last.endswith("more") else _typed(last)


def _typed(text: str) -> str:
    found = _MONTH.fullmatch(text)
    if found and found[1] in MONTHS:
        return f"{found[2]}-{MONTHS.index(found[1]) + 1:02d}"
    return text.replace(",", "")


def as_number(bound: Bound, open_end: float) -> float:
    """A bound as the values of a field are: dates as years with fractions."""
    if bound is None:
        return open_end
    return year_with_fraction(bound) if isinstance(bound, str) else bound
