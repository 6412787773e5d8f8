"""The histogram of a feature with what is drawn over it: bands, silent documents, groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.activation_thresholds import (
    count_at_or_above,
    histogram_of_sorted,
    quantiles_of_sorted,
)
from saedesk.features.field_columns import CategoryColumn
from saedesk.features.latent_statistics import BANDS, HISTOGRAM_BINS
from saedesk.features.sparse_activations import SparseActivations

TOP_GROUPS = 5
"""Groups of an overlay that have a line of their own."""


@dataclass(frozen=True, eq=False)
class ActivationHistogram:
    """Active values of one latent; the silent documents are told beside it, not drawn."""

    edges: np.ndarray
    """(bins + 1,) float64, ascending."""
    counts: np.ndarray
    """(bins,) int64; a value on an edge belongs to the bin above it, the maximum to the last."""
    n_active: int
    n_documents: int
    bands: np.ndarray
    """(3,) float64: active values at the 50, 90 and 99 % quantiles; NaN where it never fires."""

    @property
    def log_counts(self) -> np.ndarray:
        """(bins,) float64: log10(1 + count), 0 for an empty bin."""
        return np.log10(1.0 + self.counts)

    @property
    def zero_share(self) -> float:
        """Share of all documents in which the feature is silent."""
        return 1.0 - self.n_active / self.n_documents if self.n_documents else 1.0


@dataclass(frozen=True, eq=False)
class GroupCounts:
    """One group of documents in the bins of a histogram."""

    name: str
    """The value; "12 others" for the rest together; "" for documents that say nothing."""
    counts: np.ndarray
    """(bins,) int64."""
    active: int
    """Documents of the group in which the feature fires."""
    documents: int
    """Documents of the group in the corpus."""
    others: int = 0
    """How many values are gathered here; 0 for a single one."""


def feature_histogram(
    activations: SparseActivations, latent: int, bins: int = HISTOGRAM_BINS
) -> ActivationHistogram:
    """The active values in equal bins from the smallest to the largest.

    Where all values are equal the bins run from 0 to that value. The same as
    `latent_statistics.activation_histogram`, but by binary search in the mapped values.
    """
    values = activations.latent(latent)[1]
    if len(values) == 0:
        edges, counts = np.linspace(0.0, 1.0, bins + 1), np.zeros(bins, np.int64)
    else:
        low, high = float(values[-1]), float(values[0])
        edges = np.linspace(low if low < high else 0.0, high, bins + 1)
        counts = histogram_of_sorted(values, edges)
    bands = quantiles_of_sorted(values, BANDS)
    return ActivationHistogram(edges, counts, len(values), activations.n_documents, bands)


def group_overlay(
    activations: SparseActivations,
    latent: int,
    column: CategoryColumn,
    edges: np.ndarray,
    top: int = TOP_GROUPS,
) -> list[GroupCounts]:
    """Counts by category in the bins of `edges`: the largest groups, then all others, then none.

    Groups are ranked by their documents in which the feature fires, ties by name; those in which
    it never fires count among the others. The counts of all groups add up to the histogram's.
    """
    rows, values = activations.latent(latent)
    bins = len(edges) - 1
    counts = histogram_of_sorted(values, edges)
    # The values descend, so that bins are runs of documents, the last bin first.
    bin_of = np.repeat(np.arange(bins)[::-1], counts[::-1])
    above = count_at_or_above(values, np.nextafter(edges[-1], np.inf))
    groups = column.codes[rows[above : above + len(bin_of)]].astype(np.int64) + 1
    n_groups = len(column.values) + 1
    per_group = np.bincount(groups, minlength=n_groups)
    ranked = sorted(
        (g for g in np.flatnonzero(per_group).tolist() if g), key=lambda g: (-per_group[g], g)
    )
    own = ranked[:top] if len(ranked) != top + 1 else ranked
    line = np.full(n_groups, len(own), np.int64)
    line[own] = np.arange(len(own))
    line[0] = len(own) + 1
    table = np.bincount(line[groups] * bins + bin_of, minlength=(len(own) + 2) * bins)
    table = table.reshape(len(own) + 2, bins)
    found = [
        GroupCounts(column.values[g - 1], table[at], int(per_group[g]), int(column.counts[g - 1]))
        for at, g in enumerate(own)
    ]
    rest = len(column.values) - len(own)
    if rest:
        total = int(column.counts.sum()) - sum(group.documents for group in found)
        active = int(table[len(own)].sum())
        found.append(GroupCounts(f"{rest:,} others", table[len(own)], active, total, rest))
    nothing = len(column.codes) - int(column.counts.sum())
    if nothing:
        found.append(GroupCounts("", table[-1], int(per_group[0]), nothing))
    return found
