"""How often each value of every typed field occurs among documents, for the filter of a search.

The fields are the columns that the filter of the corpus works with, read once; a count is then
one pass over numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.corpus.document import FieldType
from saedesk.jobs.corpus_columns import (
    NO_VALUE,
    Binning,
    CategoryColumn,
    CorpusColumns,
    NumberColumn,
    read_columns,
)
from saedesk.project.field_words import ids_with_value
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

SAID_TYPES = (FieldType.TEXT, FieldType.URL)
"""Fields of which hardly two documents say the same: counted is who says something."""
MOST_VALUES = 200
"""Values of a category that are told, the most frequent first."""


@dataclass(frozen=True)
class CategoryCounts:
    """A category among some documents."""

    name: str
    values: tuple[tuple[str, int], ...]
    """(value, documents), the most frequent first and equal ones by name; none with 0. No more
    than were asked for."""
    unknown: int
    """Documents that say nothing."""


@dataclass(frozen=True, eq=False)
class RangeCounts:
    """A number, a coordinate or a date among some documents."""

    name: str
    """The name of the field; "" for the length in words."""
    binning: Binning
    """The bins, the same whatever documents are counted."""
    counts: np.ndarray
    """(n_bins,) int64."""
    unknown: int
    """Documents that say nothing."""


@dataclass(frozen=True)
class TextCounts:
    """A field of texts or links among some documents."""

    name: str
    known: int
    """Documents that say something."""
    unknown: int
    """Documents that say nothing."""


FieldCounts = CategoryCounts | RangeCounts


class SearchFacets:
    """Counts fields among the documents of rows; keeps 1 to 4 bytes for each row and field.

    Fields in which all documents say the same are left out. Not from two threads at once.
    """

    def __init__(self, columns: CorpusColumns, document_ids: np.ndarray) -> None:
        """`document_ids` (n,) int64, ascending, are those of the rows of the vectors."""
        places = None
        if not np.array_equal(columns.ids, document_ids):
            places = np.searchsorted(columns.ids, document_ids)
        self._n = len(document_ids)
        self._counted: list[_Category | _Range] = []
        for column in (*columns.fields.values(), columns.length):
            if isinstance(column, CategoryColumn) and len(column.values) > 1:
                self._counted.append(_Category(column, places))
            elif isinstance(column, NumberColumn) and column.binning is not None:
                self._counted.append(_Range(column, column.binning, places))

    @classmethod
    def read(cls, project: Project, document_ids: np.ndarray, control: TaskControl) -> SearchFacets:
        """Read the fields of a project; a million documents take some seconds."""
        return cls(read_columns(project, control), document_ids)

    def counts(
        self, among: np.ndarray | None = None, most: int | None = MOST_VALUES
    ) -> dict[str, FieldCounts]:
        """All fields, by name, among the rows `among`: (n,) bool or (m,) row numbers; None for all.

        Of a category at most the `most` frequent values, None for all of them.

        In the order in which the fields were imported, the length, whose name is empty, last.
        """
        if among is not None and among.dtype == np.bool_:
            # Numbers of rows are faster to take from several columns than a mask.
            among = None if among.all() else np.flatnonzero(among)
        return {one.name: one.facet(among, most) for one in self._counted}


class TextFacets:
    """Counts who says something in the fields of texts and links; 1 byte a row and field."""

    def __init__(self, project: Project, document_ids: np.ndarray) -> None:
        """`document_ids` (n,) int64 are those of the rows of the vectors."""
        self._says = {
            field.name: np.isin(document_ids, ids_with_value(project.database, field.name))
            for field in project.documents.fields()
            if field.type in SAID_TYPES
        }

    def counts(self, among: np.ndarray | None = None) -> dict[str, TextCounts]:
        """The fields by name among the rows `among`, as `SearchFacets.counts` takes them."""
        found = {}
        for name, says in self._says.items():
            some = says if among is None else says[among]
            known = int(some.sum())
            found[name] = TextCounts(name, known, len(some) - known)
        return found


class _Category:
    def __init__(self, column: CategoryColumn, places: np.ndarray | None) -> None:
        self.name, self._values = column.name, column.values
        self._codes = _small(column.codes, len(column.values), places)

    def facet(self, among: np.ndarray | None, most: int | None) -> FieldCounts:
        counted = _count(self._codes, among, len(self._values)).tolist()
        pairs = zip(self._values, counted, strict=True)
        some = [(value, n) for value, n in pairs if n and value != NO_VALUE]
        some.sort(key=lambda pair: (-pair[1], pair[0]))
        unknown = counted[self._values.index(NO_VALUE)] if NO_VALUE in self._values else 0
        return CategoryCounts(self.name, tuple(some[:most]), unknown)


class _Range:
    def __init__(self, column: NumberColumn, binning: Binning, places: np.ndarray | None) -> None:
        self.name, self._binning = column.name, binning
        # The bin behind the last one stands for no value.
        bins = np.where(binning.bin_of < 0, binning.n_bins, binning.bin_of)
        self._bins = _small(bins, binning.n_bins + 1, places)

    def facet(self, among: np.ndarray | None, _most: int | None) -> FieldCounts:
        counted = _count(self._bins, among, self._binning.n_bins + 1)
        return RangeCounts(self.name, self._binning, counted[:-1], int(counted[-1]))


def _small(codes: np.ndarray, n_values: int, places: np.ndarray | None) -> np.ndarray:
    """Codes of the rows in as few bytes as they fit into: a count reads all of them."""
    kind = np.uint8 if n_values <= 2**8 else np.uint16 if n_values <= 2**16 else np.int32
    return (codes if places is None else codes[places]).astype(kind)


def _count(codes: np.ndarray, among: np.ndarray | None, n_values: int) -> np.ndarray:
    return np.bincount(codes if among is None else codes[among], minlength=n_values)
