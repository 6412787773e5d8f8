"""What surrounds a feature: neighbours, categories, time. Worked out in the query lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.features.feature_neighbours import active_together, nearest_by_direction
from saedesk.features.field_breakdown import CategoryShare, category_shares, share_over_time
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.document_columns import read_document_columns
from saedesk.project.document_store import year_with_fraction
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

NEIGHBOURS = 5
_MOST_VALUES = 2000
"""A category with more values than this is a name or a key, not a category."""


@dataclass(frozen=True)
class FieldColumns:
    """Fields of all documents that have a vector, in the order of the vectors' rows."""

    categories: dict[str, Sequence[str | None]]
    """By field name, for fields with values that several documents share."""
    years: np.ndarray | None
    """(n,) float64 from the first date or year field, NaN where there is none; or None."""
    time_field: str
    """Name of that field; "" without one."""


@dataclass(frozen=True)
class Surroundings:
    """The answer for one feature."""

    latent: int
    nearest: tuple[np.ndarray, np.ndarray]
    """Latents and decoder cosines."""
    together: tuple[np.ndarray, np.ndarray]
    """Latents and the share of this feature's documents in which they are active too."""
    category_names: tuple[str, ...]
    """All category fields."""
    category: str
    """The one that was broken down; "" without any."""
    shares: list[CategoryShare]
    time_field: str
    edges: np.ndarray
    """(p + 1,) years."""
    share_by_time: np.ndarray
    """(p,) share of each period's documents."""


class FieldCache:
    """Reads the fields once; used in the query lane only."""

    def __init__(self, project: Project, document_ids: np.ndarray) -> None:
        self._project, self._ids = project, document_ids
        self._columns: FieldColumns | None = None

    def columns(self, control: TaskControl) -> FieldColumns:
        """The fields of all documents."""
        if self._columns is None:
            self._columns = _read(self._project, np.asarray(self._ids), control)
        return self._columns


class SurroundingsQuestion:
    """Work for the query lane: returns Surroundings."""

    def __init__(self, sae: LoadedSae, latent: int, fields: FieldCache, category: str) -> None:
        """`category` names the field to break down; the first one where there is no such."""
        self._sae, self._latent = sae, latent
        self._fields, self._category = fields, category

    def __call__(self, control: TaskControl) -> Surroundings:
        sae, latent = self._sae, self._latent
        nearest = nearest_by_direction(sae.directions, latent, NEIGHBOURS)
        control.checkpoint()
        together = active_together(sae.activations, latent, NEIGHBOURS)
        control.checkpoint()
        columns = self._fields.columns(control)
        rows, _ = sae.activations.latent(latent)
        names = tuple(columns.categories)
        name = self._category if self._category in names else (names[0] if names else "")
        shares: list[CategoryShare] = []
        if name and len(rows):
            shares = category_shares(columns.categories[name], rows)
        control.checkpoint()
        edges, by_time = np.empty(0), np.empty(0)
        if columns.years is not None and len(rows):
            edges, by_time = share_over_time(columns.years, rows)
        return Surroundings(
            latent, nearest, together, names, name, shares, columns.time_field, edges, by_time
        )


def _read(project: Project, ids: np.ndarray, control: TaskControl) -> FieldColumns:
    definitions = project.documents.fields()
    wanted = [
        field
        for field in definitions
        if field.type in (FieldType.CATEGORY, FieldType.DATE) or _may_be_year(field)
    ]
    read = read_document_columns(
        project.database, definitions, [field.name for field in wanted], control
    )
    rows = np.searchsorted(read.ids, ids).tolist()
    categories: dict[str, Sequence[str | None]] = {}
    years, time_field = None, ""
    for field in sorted(wanted, key=_may_be_year):
        control.checkpoint()
        cells = read.cells[field.name]
        values = [cells[row] for row in rows]
        if field.type is FieldType.CATEGORY:
            if _is_shared(values):
                categories[field.name] = values  # type: ignore[assignment]
        elif years is None:
            found = _years(field, values)
            if np.isfinite(found).any():
                years, time_field = found, field.name
    return FieldColumns(categories, years, time_field)


def _is_shared(values: Sequence[object]) -> bool:
    distinct = {value for value in values if value is not None}
    return 2 <= len(distinct) <= min(_MOST_VALUES, max(2, len(values) // 2))


def _may_be_year(field: FieldDefinition) -> bool:
    return field.type is FieldType.NUMBER and "year" in field.name.casefold()


def _years(field: FieldDefinition, values: Sequence[object]) -> np.ndarray:
    if field.type is FieldType.DATE:
        years = {value: year_with_fraction(value) for value in set(values)}  # type: ignore[arg-type]
        return np.array([years[value] for value in values], np.float64)
    numbers = np.array([np.nan if v is None else v for v in values], np.float64)
    numbers[(numbers < 1) | (numbers > 3000)] = np.nan
    return numbers
