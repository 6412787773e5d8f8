"""What a person lets through in Corpus, and which documents that leaves in every facet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.corpus_columns import (
    NO_VALUE,
    CategoryColumn,
    CorpusColumns,
    NumberColumn,
)
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_store import DocumentStore
from saedesk.task_control import TaskControl

LENGTH = ""
"""The name of the length among the ranges; no field has an empty name."""


@dataclass(frozen=True)
class CorpusFilter:
    """Conditions that all have to hold."""

    words: str = ""
    """As typed into the full-text field."""
    categories: dict[str, frozenset[str]] = field(default_factory=dict)
    """By field: the values that are ticked, at least one."""
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By number or date field, or LENGTH: the first and last bin let through."""
    required: tuple[int, ...] = ()
    """Features that have to be active."""
    left_out: tuple[int, ...] = ()
    """Features that must not be active."""
    without_text: bool = False
    """Only documents whose text is blank."""
    without_value: str | None = None
    """A field that must be empty."""
    chosen: DocumentFilter | None = None
    """Documents that another workspace asked to see."""
    chosen_of: int | None = None
    """The feature that is active in all of those documents, where they were asked for by it."""

    @property
    def names_features(self) -> bool:
        """Whether it only makes sense with the SAE in use."""
        return bool(self.required or self.left_out or self.chosen_of is not None)

    @property
    def is_empty(self) -> bool:
        """Whether every document passes."""
        return not self.words.strip() and not self.has_facets

    @property
    def has_facets(self) -> bool:
        """Whether anything but the words is asked for."""
        return bool(
            self.categories
            or self.ranges
            or self.required
            or self.left_out
            or self.without_text
            or self.without_value is not None
            or self.chosen is not None
        )


@dataclass(frozen=True)
class FeatureRows:
    """The activations of the SAE in use, and where their documents stand in the corpus."""

    activations: SparseActivations
    positions: np.ndarray
    """(n_rows,) int64: row of each activations' document in the columns, −1 where it is gone."""

    def documents_with(self, latent: int) -> np.ndarray:
        """Positions of the documents in which the feature is active, (m,) int64."""
        rows, _ = self.activations.latent(latent)
        found = self.positions[rows]
        return found[found >= 0]


@dataclass(frozen=True)
class CorpusAnswer:
    """The documents that pass a filter."""

    asked: CorpusFilter
    positions: np.ndarray
    """(m,) int64, ascending: rows of the columns."""
    facets: dict[str, np.ndarray]
    """By field, or LENGTH: documents in each category or bin that pass all other conditions."""


@dataclass(frozen=True)
class FilterQuestion:
    """Everything an answer depends on; called with the control in the query lane."""

    wanted: CorpusFilter
    columns: CorpusColumns
    store: DocumentStore
    features: FeatureRows | None

    def __call__(self, control: TaskControl) -> CorpusAnswer:
        masks = self._facet_masks()
        rest = self._other_conditions(control)
        control.checkpoint()
        facets = {
            name: self._counts(name, _all_of(rest, masks, but=name)) for name in self._facets()
        }
        passing = _all_of(rest, masks)
        return CorpusAnswer(self.wanted, np.flatnonzero(passing), facets)

    def _facets(self) -> list[str]:
        named = [
            name
            for name, column in self.columns.fields.items()
            if (column.is_facet if isinstance(column, CategoryColumn) else column.binning)
        ]
        return [*named, *([LENGTH] if self.columns.length.binning else [])]

    def _facet_masks(self) -> dict[str, np.ndarray]:
        masks: dict[str, np.ndarray] = {}
        for name, values in self.wanted.categories.items():
            column = self.columns.fields.get(name)
            if isinstance(column, CategoryColumn):
                ticked = np.array([value in values for value in column.values], bool)
                masks[name] = ticked[column.codes]
        for name, (low, high) in self.wanted.ranges.items():
            binning = self.columns.number(name).binning
            if binning is not None:
                masks[name] = (binning.bin_of >= low) & (binning.bin_of <= high)
        return masks

    def _other_conditions(self, control: TaskControl) -> np.ndarray:
        wanted, columns = self.wanted, self.columns
        passing = np.ones(len(columns), bool)
        if wanted.words.strip():
            passing &= self._mask(self.store.find(DocumentFilter(words=wanted.words)))
            control.checkpoint()
        if wanted.chosen is not None:
            passing &= self._mask(self.store.find(wanted.chosen))
        if wanted.without_text:
            passing &= ~columns.has_text
        if wanted.without_value is not None:
            passing &= missing_values(columns, wanted.without_value)
        for latents, needed in ((wanted.required, True), (wanted.left_out, False)):
            for latent in latents:
                if self.features is not None:
                    active = np.zeros(len(columns), bool)
                    active[self.features.documents_with(latent)] = True
                    passing &= active if needed else ~active
        return passing

    def _mask(self, ids: np.ndarray) -> np.ndarray:
        mask = np.zeros(len(self.columns), bool)
        mask[self.columns.positions(ids)] = True
        return mask

    def _counts(self, name: str, passing: np.ndarray) -> np.ndarray:
        column = self.columns.fields[name] if name else self.columns.length
        if isinstance(column, CategoryColumn):
            return np.bincount(column.codes[passing], minlength=len(column.values))
        assert isinstance(column, NumberColumn)
        assert column.binning is not None
        bins = column.binning.bin_of[passing]
        return np.bincount(bins[bins >= 0], minlength=column.binning.n_bins)


def _all_of(rest: np.ndarray, masks: dict[str, np.ndarray], but: str | None = None) -> np.ndarray:
    passing = rest
    for name, mask in masks.items():
        if name != but:
            passing = passing & mask
    return passing


def missing_values(columns: CorpusColumns, name: str) -> np.ndarray:
    """(n,) bool: whether documents say nothing in a field that is a column."""
    column = columns.fields.get(name)
    if isinstance(column, NumberColumn):
        return np.isnan(column.values)
    if isinstance(column, CategoryColumn) and NO_VALUE in column.values:
        return column.codes == column.values.index(NO_VALUE)
    return np.zeros(len(columns), bool)
