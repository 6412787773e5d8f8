"""In which categories and at which times a feature fires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_PERIODS = 40
"""Periods of `share_over_time` at most."""

PERIOD_YEARS = (1 / 12, 1 / 4, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
"""Lengths a period may have, in years."""


@dataclass(frozen=True)
class CategoryShare:
    """One value of a field among the documents in which a feature fires."""

    value: str
    """The value, or "12 others" for the rest together."""
    share_active: float
    """Share of the documents in which the feature fires (of those that have a value)."""
    share_all: float
    """Share of all documents that have a value."""
    count: int
    """Documents with this value in which the feature fires."""
    others: int = 0
    """How many values are gathered here; 0 for a single value."""


def category_shares(
    values: Sequence[str | None], active: np.ndarray, top: int = 5
) -> list[CategoryShare]:
    """The `top` most frequent values where a feature fires, then the others together.

    values: of all documents, None where one has none; active: (n,) bool or an array of rows.
    The others are those values that occur where the feature fires beyond the first `top`.
    """
    everywhere = Counter(value for value in values if value is not None)
    here = Counter(
        value for row in _rows(active, len(values)) if (value := values[row]) is not None
    )
    n_here, n_all = here.total(), everywhere.total()
    ranked = sorted(here.items(), key=lambda item: (-item[1], item[0]))
    if len(ranked) == top + 1:
        # "1 other" would take the place of its own name.
        top += 1
    shares = [
        CategoryShare(value, count / n_here, everywhere[value] / n_all, count)
        for value, count in ranked[:top]
    ]
    rest = ranked[top:]
    if rest:
        count = sum(count for _, count in rest)
        of_all = sum(everywhere[value] for value, _ in rest) / n_all
        name = f"{len(rest):,} others"
        shares.append(CategoryShare(name, count / n_here, of_all, count, len(rest)))
    return shares


def share_over_time(years: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges of periods (p + 1,) in years and the share of each period's documents that fire (p,).

    years: (n,) float such as 2019.5, NaN where unknown; rows: those in which the feature fires,
    numbers or (n,) bool. Periods are equally long, at most 40; the share is NaN where a period
    has no document. Both arrays are empty when no document has a year.
    """
    years = np.asarray(years, np.float64)
    known = years[np.isfinite(years)]
    if len(known) == 0:
        return np.empty(0), np.empty(0)
    edges = period_edges(known)
    chosen = years[_rows(rows, len(years))]
    everywhere, _ = np.histogram(known, edges)
    here, _ = np.histogram(chosen[np.isfinite(chosen)], edges)
    share = np.full(len(everywhere), np.nan)
    np.divide(here, everywhere, out=share, where=everywhere > 0)
    return edges, share


def period_edges(years: np.ndarray) -> np.ndarray:
    """Periods that begin at round dates; years without months are never cut into parts."""
    low, high = float(years.min()), float(years.max())
    whole_years = bool((years == np.floor(years)).all())
    for length in PERIOD_YEARS:
        if whole_years and length < 1:
            continue
        # A hair's breadth keeps 2019 + 1/12, which is no binary number, in February.
        first = np.floor(low / length + 1e-9)
        periods = int(np.floor(high / length + 1e-9) - first) + 1
        if periods <= MOST_PERIODS:
            break
    return (first + np.arange(periods + 1)) * length - (0 if length >= 1 else 1e-9)


def _rows(active: np.ndarray, n_documents: int) -> np.ndarray:
    active = np.asarray(active)
    if active.dtype == bool:
        if len(active) != n_documents:
            raise ValueError(f"{len(active)} flags for {n_documents} documents")
        return np.flatnonzero(active)
    return active.astype(np.int64)
