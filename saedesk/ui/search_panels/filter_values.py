"""What a field has to offer a filter: its values with counts, or the ends of its range."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.jobs.corpus_columns import Binning
from saedesk.jobs.search_facets import (
    SAID_TYPES,
    CategoryCounts,
    FieldCounts,
    RangeCounts,
    SearchFacets,
)
from saedesk.project.document_filter import DocumentFilter, words_and_phrases
from saedesk.project.document_store import CategoryCount
from saedesk.project.field_words import ids_with_value
from saedesk.project.filter_bounds import shown_bound
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

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
    said: tuple[int, int] | None = None
    """Of texts and links: documents that have the words, or anything without words, and all that
    pass the other conditions."""


class KnownFacets:
    """The facets of the documents that can be found; read when they are first needed.

    Used in the query lane only.
    """

    def __init__(self, project: Project, document_ids: np.ndarray) -> None:
        """`document_ids` (n,) int64, ascending, are those of the rows of the vectors."""
        self.project, self.document_ids = project, document_ids
        self._facets: SearchFacets | None = None

    def counts(self, among: np.ndarray | None, control: TaskControl) -> dict[str, FieldCounts]:
        """All fields by name among the rows `among` (n,) bool; None for all."""
        if self._facets is None:
            self._facets = SearchFacets.read(self.project, self.document_ids, control)
        return self._facets.counts(among)


@dataclass(frozen=True, eq=False)
class FieldQuestion:
    """Counts a field among the documents that pass the other conditions; takes a while."""

    facets: KnownFacets
    definition: FieldDefinition
    wanted: DocumentFilter = NO_FILTER
    """The other conditions."""
    words: str = ""
    """Of a field of texts or links: what to look for in it."""

    def __call__(self, control: TaskControl) -> FieldValues:
        control.checkpoint()
        documents, ids = self.facets.project.documents, self.facets.document_ids
        passes = None
        if not self.wanted.is_empty:
            passes = np.isin(ids, documents.find(self.wanted))
        name = self.definition.name
        if self.definition.type in SAID_TYPES:
            return FieldValues(said=self._said(ids if passes is None else ids[passes]))
        facet = self.facets.counts(passes, control).get(name)
        if self.definition.type is FieldType.CATEGORY:
            if isinstance(facet, CategoryCounts):
                return FieldValues(counts=_with_unknown(facet))
            return FieldValues(counts=tuple(documents.category_counts(name, self.wanted)))
        rows = np.searchsorted(np.sort(documents.find(NO_FILTER)), ids)
        rows = rows if passes is None else rows[passes]
        values = documents.numeric_values(name)[rows]
        ends = shown_ends(values, self.definition.type)
        if not isinstance(facet, RangeCounts):
            return FieldValues(ends=ends, numbers=values)
        binning = replace(facet.binning, bin_of=facet.binning.bin_of[rows])
        return FieldValues(ends=ends, numbers=values, binning=binning, bin_counts=facet.counts)

    def _said(self, ids: np.ndarray) -> tuple[int, int]:
        """How many of some documents have the words, or say anything where there are none."""
        project, name = self.facets.project, self.definition.name
        if words_and_phrases(self.words):
            found = project.documents.find(DocumentFilter(field_words={name: self.words}))
        else:
            found = ids_with_value(project.database, name)
        return int(np.isin(ids, found).sum()), len(ids)


def _with_unknown(facet: CategoryCounts) -> tuple[CategoryCount, ...]:
    counts = [CategoryCount(value, count) for value, count in facet.values]
    if facet.unknown:
        counts.append(CategoryCount("", facet.unknown))
        counts.sort(key=lambda one: -one.count)
    return tuple(counts)


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
