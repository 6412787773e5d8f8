"""What a field has to offer a filter: its values with counts, or the ends of its range."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.jobs.corpus_columns import Binning, bins_of_dates, bins_of_numbers
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_store import CategoryCount, DocumentStore
from saedesk.task_control import TaskControl
from saedesk.ui.search_panels.filter_conditions import shown_bound

NO_FILTER = DocumentFilter()

STEPS_OF_A_RANGE = 100
"""The ends of a range are as fine as this share of it, and never coarser than whole numbers."""


@dataclass(frozen=True)
class FieldValues:
    """The answer to a FieldQuestion."""

    counts: tuple[CategoryCount, ...] = ()
    """Of a category: the most frequent values, most first."""
    ends: tuple[str, str] = ("", "")
    """Of numbers or dates: texts that enclose all values; "" where there are none."""
    numbers: np.ndarray | None = None
    """(n,) float64 of numbers or dates: the values of the documents that pass the other
    conditions, NaN where there is none; dates as years with fractions."""
    binning: Binning | None = None
    """How these fall into a few bins; None where all are the same."""
    bin_counts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    """(n_bins,) documents in each."""


@dataclass(frozen=True)
class FieldQuestion:
    """Reads a field of the documents that pass the other conditions; takes a while."""

    documents: DocumentStore
    definition: FieldDefinition
    wanted: DocumentFilter = NO_FILTER
    """The other conditions."""

    def __call__(self, control: TaskControl) -> FieldValues:
        control.checkpoint()
        name = self.definition.name
        if self.definition.type is FieldType.CATEGORY:
            return FieldValues(counts=tuple(self.documents.category_counts(name, self.wanted)))
        values = self.documents.numeric_values(name, self.wanted)
        is_date = self.definition.type is FieldType.DATE
        binning = bins_of_dates(values) if is_date else bins_of_numbers(values)
        counts = np.zeros(0, np.int64)
        if binning is not None:
            inside = binning.bin_of[binning.bin_of >= 0]
            counts = np.bincount(inside, minlength=binning.n_bins)
        ends = shown_ends(values, self.definition.type)
        return FieldValues(ends=ends, numbers=values, binning=binning, bin_counts=counts)


def shown_ends(values: np.ndarray, type_: FieldType) -> tuple[str, str]:
    """The lowest and highest of (n,) numbers, or of years with fractions, as texts.

    Numbers are rounded outwards, so that nothing lies beyond them; years are the ones in which
    the first and the last date lie. ("", "") without any finite value.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return "", ""
    low, high = float(known.min()), float(known.max())
    if type_ is FieldType.DATE:
        return f"{math.floor(low)}", f"{math.floor(high)}"
    if np.all(known == np.rint(known)):
        return shown_bound(low), shown_bound(high)
    span = high - low or abs(high)
    decimals = min(max(0, -math.floor(math.log10(span / STEPS_OF_A_RANGE))), 15)
    return _rounded(low, decimals, math.floor), _rounded(high, decimals, math.ceil)


def _rounded(value: float, decimals: int, how: Callable[[float], int]) -> str:
    # 0.29 times 100 is 28.999…96; what is that near to a step is meant to lie on it.
    steps = how(round(value * 10**decimals, 6))
    return shown_bound(round(steps / 10**decimals, decimals))
