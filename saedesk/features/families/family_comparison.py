"""Two families beside each other: what they share, what joins them, and how their fields differ."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_matrices import firing_in
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.features.field_columns import FieldColumns
from saedesk.features.field_contrasts import FieldContrast, field_contrasts
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import TaskControl, Unattended

MOST_PAIRS = 8
FEWEST_TOGETHER = 5
"""Documents in which two features have to meet before the pair is told."""
DOCUMENTS_AT_ONCE = 20_000


@dataclass(frozen=True)
class JoiningPair:
    """A feature of the first family and one of the second that fire together."""

    first: int
    second: int
    together: int
    """Documents in which both are active."""
    documents: int
    """Documents of the rarer of the two."""

    @property
    def share(self) -> float:
        """Of the rarer one's documents, those that have both."""
        return self.together / max(1, self.documents)


@dataclass(frozen=True)
class FamilyComparison:
    """What two families have in common and what not."""

    first: int
    second: int
    """Roots."""
    members: tuple[int, ...]
    """In both, from the densest of the first family to its rarest."""
    documents: tuple[int, int]
    """Documents of each family."""
    documents_in_both: int
    pairs: tuple[JoiningPair, ...]
    """Of features that are in one of the families only; the largest shares first."""
    contrasts: tuple[FieldContrast, ...]
    """Fields of documents of the first family only against those of the second only."""

    @property
    def overlap(self) -> float:
        """Documents in both over documents in either (Jaccard)."""
        either = sum(self.documents) - self.documents_in_both
        return self.documents_in_both / max(1, either)


def compare_families(
    activations: SparseActivations,
    first: FeatureFamily,
    second: FeatureFamily,
    columns: FieldColumns,
    control: TaskControl | None = None,
) -> FamilyComparison:
    """Compare two families over all documents; `columns` are the fields of the same rows."""
    control = control or Unattended()
    in_first = family_documents(activations, first.root, first.children)
    in_second = family_documents(activations, second.root, second.children)
    common = np.intersect1d(in_first, in_second, assume_unique=True)
    control.checkpoint()
    pairs = _joining_pairs(activations, first, second, control)
    control.checkpoint()
    only_first = np.setdiff1d(in_first, common, assume_unique=True)
    only_second = np.setdiff1d(in_second, common, assume_unique=True)
    return FamilyComparison(
        first.root,
        second.root,
        tuple(latent for latent in first.members if latent in set(second.members)),
        (len(in_first), len(in_second)),
        len(common),
        pairs,
        _contrasts(columns, only_first, only_second),
    )


def _joining_pairs(
    activations: SparseActivations, a: FeatureFamily, b: FeatureFamily, control: TaskControl
) -> tuple[JoiningPair, ...]:
    first = np.array([latent for latent in a.members if latent not in set(b.members)], np.int64)
    second = np.array([latent for latent in b.members if latent not in set(a.members)], np.int64)
    if not len(first) or not len(second):
        return ()
    rows = np.unique(np.concatenate([activations.latent(int(latent))[0] for latent in first]))
    together = np.zeros((len(first), len(second)), np.int64)
    for start in range(0, len(rows), DOCUMENTS_AT_ONCE):
        control.checkpoint()
        firing = firing_in(activations, rows[start : start + DOCUMENTS_AT_ONCE])
        together += (firing[:, first].T @ firing[:, second]).toarray()
    counts = np.diff(np.asarray(activations.latent_offsets))
    rarer = np.minimum.outer(counts[first], counts[second])
    shares = np.where(together >= FEWEST_TOGETHER, together / np.maximum(rarer, 1), 0.0)
    best = np.argsort(-shares, axis=None, kind="stable")[:MOST_PAIRS]
    places = [np.unravel_index(at, shares.shape) for at in best]
    return tuple(
        JoiningPair(int(first[i]), int(second[j]), int(together[i, j]), int(rarer[i, j]))
        for i, j in places
        if shares[i, j] > 0
    )


def _contrasts(
    columns: FieldColumns, first: np.ndarray, second: np.ndarray
) -> tuple[FieldContrast, ...]:
    """The documents of the two groups as if there were no others."""
    rows = np.concatenate([first, second])
    if not len(first) or not len(second):
        return ()
    categories = tuple(
        replace(column, codes=codes, counts=_counts(codes, len(column.values)))
        for column in columns.categories
        for codes in [column.codes[rows]]
    )
    numbers = tuple(replace(column, values=column.values[rows]) for column in columns.numbers)
    return field_contrasts(FieldColumns(len(rows), categories, numbers), np.arange(len(first)))


def _counts(codes: np.ndarray, values: int) -> np.ndarray:
    return np.bincount(codes[codes >= 0], minlength=values)
