"""The fields of all documents as columns in the order of the vectors, for contrasts and groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def read_document_fields(
    project: Project, document_ids: np.ndarray, control: TaskControl
) -> FieldColumns:
    """Columns whose row i is document `document_ids[i]` (n,) int64, ascending.

    Categories with 2 to 2,000 values that documents share, numbers, dates (as years with
    fractions; a number field called a year is one too), and the places of the first latitude with
    the first longitude. Reads about a second for a field of a million documents.
    """
    reader = _FieldReader(project, np.asarray(document_ids, np.int64), control)
    categories: list[CategoryColumn] = []
    numbers: list[NumberColumn] = []
    for field in reader.definitions:
        if field.type is FieldType.CATEGORY:
            column = reader.category(field)
            if _is_shared(column):
                categories.append(column)
        elif field.type in (FieldType.NUMBER, FieldType.DATE):
            number = reader.number(field)
            if not np.isnan(number.values).all():
                numbers.append(number)
    # Dates before numbers that are called years: the first is the field of time.
    of_type = {field.name: field.type for field in reader.definitions}
    numbers.sort(key=lambda column: of_type[column.name] is not FieldType.DATE)
    north = reader.first(FieldType.LATITUDE)
    east = reader.first(FieldType.LONGITUDE)
    places = None
    if north is not None and east is not None:
        places = places_of(reader.number(north).values, reader.number(east).values)
    return FieldColumns(len(document_ids), tuple(categories), tuple(numbers), places)


class _FieldReader:
    def __init__(self, project: Project, ids: np.ndarray, control: TaskControl) -> None:
        self._project, self._ids, self._control = project, ids, control
        self.definitions = project.documents.fields()

    def first(self, wanted: FieldType) -> FieldDefinition | None:
        return next((field for field in self.definitions if field.type is wanted), None)

    def category(self, field: FieldDefinition) -> CategoryColumn:
        codes_of: dict[str, int] = {}
        codes = np.full(len(self._ids), -1, np.int32)
        for rows, cells in self._pieces(field):
            codes[rows] = [
                codes_of.setdefault(cell, len(codes_of)) if cell else -1 for cell in cells
            ]
        return category_column(field.name, codes, tuple(codes_of))

    def number(self, field: FieldDefinition) -> NumberColumn:
        values = np.full(len(self._ids), np.nan)
        for rows, cells in self._pieces(field):
            if field.type is FieldType.DATE:
                values[rows] = [year_with_fraction(cell) for cell in cells]
            else:
                values[rows] = [np.nan if cell is None else float(cell) for cell in cells]
        values[~np.isfinite(values)] = np.nan
        is_year = field.type is FieldType.NUMBER and "year" in field.name.casefold()
        if is_year:
            values[(values < _YEARS[0]) | (values > _YEARS[1])] = np.nan
        return NumberColumn(field.name, values, is_year or field.type is FieldType.DATE)

    def _pieces(self, field: FieldDefinition) -> Iterator[tuple[np.ndarray, Sequence[Any]]]:
        """Rows of the vectors and the cells of their documents, some at a time."""
        done = 0
        for ids, cells in field_cells(
            self._project.database, self.definitions, field.name, self._control
        ):
            done += len(ids)
            self._control.report(Progress(done, None, "documents", f"Reading “{field.name}”"))
            rows = np.searchsorted(self._ids, ids)
            there = rows < len(self._ids)
            there[there] = self._ids[rows[there]] == ids[there]
            if there.all():
                yield rows, cells
            else:
                kept = np.flatnonzero(there)
                yield rows[kept], [cells[at] for at in kept.tolist()]


def _is_shared(column: CategoryColumn) -> bool:
    known = int(column.counts.sum())
    return 2 <= len(column.values) <= min(MOST_VALUES, max(2, known // 2))
