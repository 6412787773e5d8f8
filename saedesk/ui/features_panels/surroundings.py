"""What the right column asks the query lane: what is near a feature, and what fields say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.absorption_of_feature import SuspectedAbsorption
from saedesk.features.field_breakdown import CategoryShare
from saedesk.features.field_columns import CategoryColumn
from saedesk.features.place_marks import PlaceMarks, place_marks
from saedesk.features.spatial_autocorrelation import SpatialStructure
from saedesk.jobs.feature_details import FeatureDetails, FieldAnswers, Neighbours
from saedesk.task_control import TaskControl

TOP_VALUES = 5
"""Values of a category that have a row of their own."""


@dataclass(frozen=True, eq=False)
class Near:
    """What is near one feature."""

    latent: int
    neighbours: Neighbours
    absorption: SuspectedAbsorption


@dataclass(frozen=True, eq=False)
class FieldsOfFeature:
    """What the fields of the documents say about one feature."""

    latent: int
    answers: FieldAnswers
    shares: dict[str, list[CategoryShare]]
    """By category field, in the order of the corpus."""
    places: SpatialStructure | None
    marks: PlaceMarks | None = None
    """For the map, wherever there are `places`."""


@dataclass(frozen=True)
class NearQuestion:
    """Quick, so that it is asked first."""

    latent: int

    def __call__(self, details: FeatureDetails, control: TaskControl) -> Near:
        neighbours = details.neighbours(self.latent)
        control.checkpoint()
        return Near(self.latent, neighbours, details.absorption(self.latent))


@dataclass(frozen=True)
class FieldsQuestion:
    """Reads the fields of the whole corpus the first time."""

    latent: int

    def __call__(self, details: FeatureDetails, control: TaskControl) -> FieldsOfFeature:
        columns = details.fields(control)
        rows = np.asarray(details.sae.activations.latent(self.latent)[0])
        shares = {
            column.name: category_shares(column, rows) if len(rows) else []
            for column in columns.categories
        }
        control.checkpoint()
        answers = details.field_answers(self.latent, control)
        control.checkpoint()
        places = details.spatial_structure(self.latent, control)
        marks = None
        if places is not None and columns.places is not None:
            marks = place_marks(columns.places, places.active_documents)
        return FieldsOfFeature(self.latent, answers, shares, places, marks)


@dataclass(frozen=True, eq=False)
class PlaceRows:
    """The documents of a feature at some places."""

    latent: int
    rows: np.ndarray
    """(m,) rows in the vectors."""


@dataclass(frozen=True, eq=False)
class PlaceQuestion:
    """Which documents of a feature lie at some places."""

    latent: int
    places: np.ndarray
    """(k,) int."""

    def __call__(self, details: FeatureDetails, control: TaskControl) -> PlaceRows:
        known = details.fields(control).places
        rows = np.asarray(details.sae.activations.latent(self.latent)[0])
        if known is None:
            return PlaceRows(self.latent, rows[:0])
        return PlaceRows(self.latent, rows[np.isin(known.place_of[rows], self.places)])


def category_shares(column: CategoryColumn, rows: np.ndarray) -> list[CategoryShare]:
    """The values most frequent in some rows, ties by name, then the others together."""
    codes = column.codes[rows]
    here = np.bincount(codes[codes >= 0], minlength=len(column.values))
    n_here, n_all = max(1, int(here.sum())), max(1, int(column.counts.sum()))
    ranked = np.argsort(-here, kind="stable")[: np.count_nonzero(here)]
    # "1 other" would take the place of its own name.
    top = TOP_VALUES + 1 if len(ranked) == TOP_VALUES + 1 else TOP_VALUES
    shares = [
        CategoryShare(
            column.values[at], here[at] / n_here, column.counts[at] / n_all, int(here[at])
        )
        for at in ranked[:top].tolist()
    ]
    rest = ranked[top:]
    if len(rest):
        count, everywhere = int(here[rest].sum()), int(column.counts[rest].sum())
        name = f"{len(rest):,} others"
        shares.append(
            CategoryShare(name, count / n_here, everywhere / n_all, count, others=len(rest))
        )
    return shares
