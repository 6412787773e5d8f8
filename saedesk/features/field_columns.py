"""Fields of all documents as arrays, made once, so that each feature costs only its documents.

Row i of every column is row i of the activations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from saedesk.features.field_breakdown import period_edges
from saedesk.features.geographic_places import Places


@dataclass(frozen=True, eq=False)
class CategoryColumn:
    """A field with values that documents share."""

    name: str
    values: tuple[str, ...]
    """Distinct values, in alphabetical order."""
    codes: np.ndarray
    """(n,) int32: an index into `values`, −1 where the document says nothing."""
    counts: np.ndarray
    """(v,) int64: documents with each value."""


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A number, or a date as a year with a fraction."""

    name: str
    values: np.ndarray
    """(n,) float64, NaN where the document says nothing."""
    is_date: bool = False

    @cached_property
    def sorted_values(self) -> np.ndarray:
        """(known,) float64, ascending; without NaN."""
        return np.sort(self.values[~np.isnan(self.values)])

    @cached_property
    def standing(self) -> np.ndarray:
        """(n,) int32: documents with a smaller value plus those with one not larger.

        Twice the mean rank of the document's value, from ½; meaningless without a value.
        """
        ordered = self.sorted_values
        both = np.searchsorted(ordered, self.values, "left")
        both += np.searchsorted(ordered, self.values, "right")
        return both.astype(np.int32)

    @cached_property
    def tied(self) -> float:
        """Σ (t³ − t) over the groups of t equal values."""
        ordered = self.sorted_values
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        sizes = np.diff(np.append(starts, len(ordered))).astype(np.float64)
        return float((sizes**3 - sizes).sum())

    @cached_property
    def periods(self) -> Periods:
        """The documents by time; only for dates."""
        known = self.sorted_values
        if len(known) == 0:
            return Periods(np.empty(0), np.full(len(self.values), -1, np.int16), np.empty(0, int))
        edges = period_edges(known)
        last = len(edges) - 2
        place = np.searchsorted(edges, self.values, side="right") - 1
        place = np.where(np.isnan(self.values), -1, np.minimum(place, last)).astype(np.int16)
        counts = np.bincount(place[place >= 0], minlength=last + 1)
        return Periods(edges, place, counts)


@dataclass(frozen=True, eq=False)
class Periods:
    """Equally long periods and the documents in them."""

    edges: np.ndarray
    """(p + 1,) float64 years; empty when no document has a date."""
    period_of: np.ndarray
    """(n,) int16, −1 without a date."""
    counts: np.ndarray
    """(p,) int64: documents of each period."""


@dataclass(frozen=True, eq=False)
class FieldColumns:
    """All fields that features are contrasted by."""

    n_documents: int
    categories: tuple[CategoryColumn, ...] = ()
    numbers: tuple[NumberColumn, ...] = ()
    places: Places | None = None
    """Where the documents are; None without a latitude and a longitude."""

    def category(self, name: str) -> CategoryColumn | None:
        """The category field called `name`, or None."""
        return next((column for column in self.categories if column.name == name), None)

    @property
    def time(self) -> NumberColumn | None:
        """The first field of dates; None where there is none."""
        return next((column for column in self.numbers if column.is_date), None)


def category_column(name: str, codes: np.ndarray, values: Sequence[str]) -> CategoryColumn:
    """A column of codes (n,) into `values` in any order, −1 for nothing; values are sorted."""
    order = sorted(range(len(values)), key=values.__getitem__)
    place = np.full(len(values) + 1, -1, np.int32)
    place[order] = np.arange(len(values))
    # Code −1 reads the last entry, which stays −1.
    sorted_codes = place[codes]
    counts = np.bincount(sorted_codes[sorted_codes >= 0], minlength=len(values))
    return CategoryColumn(name, tuple(values[at] for at in order), sorted_codes, counts)
