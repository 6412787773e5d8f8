"""The fields of all documents as columns in the order of the vectors, for contrasts and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.features.field_columns import (
    CategoryColumn,
    FieldColumns,
    NumberColumn,
    category_column,
)
from saedesk.features.geographic_places import places_of
from saedesk.project.document_store import year_with_fraction
from saedesk.project.field_cells import field_cells
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

MOST_VALUES = 2000
"""A category with more values than this is a name or a key, not a category."""
_YEARS = (1, 3000)
_COMPARED = (FieldType.NUMBER, FieldType.DATE)
_OF_NUMBERS = (*_COMPARED, FieldType.LATITUDE, FieldType.LONGITUDE)


def read_document_fields(
    project: Project, document_ids: np.ndarray, control: TaskControl
) -> FieldColumns:
    """Columns whose row i is document `document_ids[i]` (n,) int64, ascending.

    Categories with 2 to 2,000 values that documents share, numbers, dates (as years with
    fractions; a number field called a year is one too), and the places of the first latitude with
    the first longitude. A million documents take some seconds.
    """
    ids = np.asarray(document_ids, np.int64)
    definitions = project.documents.fields()
    gathered: dict[str, _Categories | _Numbers] = {}
    for field in definitions:
        if field.type is FieldType.CATEGORY:
            gathered[field.name] = _Categories(field, len(ids))
        elif field.type in _OF_NUMBERS:
            gathered[field.name] = _Numbers(field, len(ids))
    if gathered:
        _fill(project, definitions, gathered, ids, control)
    every_category = [one.column() for one in gathered.values() if isinstance(one, _Categories)]
    numbers = [one for one in gathered.values() if isinstance(one, _Numbers)]
    # Dates before numbers that are called years: the first is the field of time.
    numbers.sort(key=lambda one: one.field.type is not FieldType.DATE)
    north, east = (
        next((one.values for one in numbers if one.field.type is wanted), None)
        for wanted in (FieldType.LATITUDE, FieldType.LONGITUDE)
    )
    of_numbers = [one.column() for one in numbers if one.field.type in _COMPARED]
    return FieldColumns(
        len(ids),
        tuple(column for column in every_category if _is_shared(column)),
        tuple(column for column in of_numbers if not np.isnan(column.values).all()),
        places_of(north, east) if north is not None and east is not None else None,
    )


class _Categories:
    """Gathers a category."""

    def __init__(self, field: FieldDefinition, n: int) -> None:
        self.field = field
        self._codes = np.full(n, -1, np.int32)
        self._code_of: dict[str, int] = {}

    def add(self, rows: np.ndarray, cells: Sequence[Any]) -> None:
        known = self._code_of
        self._codes[rows] = [known.setdefault(cell, len(known)) if cell else -1 for cell in cells]

    def column(self) -> CategoryColumn:
        return category_column(self.field.name, self._codes, tuple(self._code_of))


class _Numbers:
    """Gathers numbers, coordinates, or dates."""

    def __init__(self, field: FieldDefinition, n: int) -> None:
        self.field = field
        self.values = np.full(n, np.nan)
        is_number = field.type is FieldType.NUMBER
        self._is_year = is_number and "year" in field.name.casefold()
        self._year_of: dict[str, float] = {}

    def add(self, rows: np.ndarray, cells: Sequence[Any]) -> None:
        if self.field.type is FieldType.DATE:
            for cell in set(cells).difference(self._year_of):
                self._year_of[cell] = year_with_fraction(cell)
            self.values[rows] = [self._year_of[cell] for cell in cells]
            return
        values = np.array([np.nan if cell is None else cell for cell in cells], np.float64)
        values[~np.isfinite(values)] = np.nan
        if self._is_year:
            values[(values < _YEARS[0]) | (values > _YEARS[1])] = np.nan
        self.values[rows] = values

    def column(self) -> NumberColumn:
        is_date = self._is_year or self.field.type is FieldType.DATE
        return NumberColumn(self.field.name, self.values, is_date)


def _fill(
    project: Project,
    definitions: Sequence[FieldDefinition],
    gathered: Mapping[str, _Categories | _Numbers],
    ids: np.ndarray,
    control: TaskControl,
) -> None:
    """Read all fields in one pass; documents without a vector are passed over."""
    done = 0
    for found, columns in field_cells(project.database, definitions, list(gathered), control):
        done += len(found)
        control.report(Progress(done, None, "documents", "Reading the fields"))
        rows = np.searchsorted(ids, found)
        there = rows < len(ids)
        there[there] = ids[rows[there]] == found[there]
        kept = np.flatnonzero(there).tolist()
        for one, cells in zip(gathered.values(), columns, strict=True):
            one.add(rows[there], cells if there.all() else [cells[at] for at in kept])


def _is_shared(column: CategoryColumn) -> bool:
    known = int(column.counts.sum())
    return 2 <= len(column.values) <= min(MOST_VALUES, max(2, known // 2))
