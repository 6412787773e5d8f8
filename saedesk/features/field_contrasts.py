"""How the documents of a feature differ from all the rest, field by field, with intervals.

All effects are differences of probabilities and so can be sorted together: for a value of a
category the risk difference share(active) − share(rest); for numbers and dates Cliff's delta
P(active > rest) − P(active < rest), which for a field of two values is the same number. Documents
that say nothing in a field take no part in it. Sources: `share_intervals` and `roc_area`; Cliff
1993; the p-value of Mann and Whitney 1947 with the correction for ties.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from saedesk.features.field_columns import CategoryColumn, FieldColumns, NumberColumn
from saedesk.features.labels.roc_area import area_interval
from saedesk.features.share_intervals import (
    association_p,
    false_discovery_q,
    log_odds_ratio,
    risk_difference_interval,
    wilson_interval,
)

MOST_VALUES = 50
"""Values of one category that are told; all are compared."""


@dataclass(frozen=True)
class ValueContrast:
    """One value of a category among the documents of a feature and among the rest."""

    value: str
    active: int
    """Documents with this value in which the feature fires."""
    rest: int
    """Documents with this value in which it is silent."""
    share_active: float
    share_rest: float
    difference: float
    """share_active − share_rest."""
    low: float
    high: float
    """95 % interval of the difference (Newcombe)."""
    log_odds: float
    """ln of the odds ratio, half a document added to each cell."""
    log_odds_low: float
    log_odds_high: float
    p: float
    q: float
    """False discovery rate over all comparisons of the feature (Benjamini-Hochberg)."""

    @property
    def at_least(self) -> float:
        """The smallest size of the difference that its interval allows; 0 where it holds 0."""
        return _at_least(self.low, self.high)


@dataclass(frozen=True)
class CategoryContrast:
    """A category field."""

    field: str
    active: int
    """Documents of the feature that have a value."""
    rest: int
    """Other documents that have a value."""
    compared: int
    """Values the field has."""
    values: tuple[ValueContrast, ...]
    """The surest differences first: by `at_least`, then by size, then by name."""

    @property
    def at_least(self) -> float:
        """That of the surest value."""
        return max((value.at_least for value in self.values), default=0.0)

    @property
    def effect(self) -> float:
        """Difference of the surest value."""
        return self.values[0].difference if self.values else 0.0


@dataclass(frozen=True)
class NumberContrast:
    """A field of numbers, or of dates as years with fractions."""

    field: str
    is_date: bool
    active: int
    rest: int
    """Documents with a value in which the feature fires, and in which it does not."""
    median_active: float
    median_rest: float
    delta: float
    """Cliff's delta, −1 … 1; above 0 where the feature's documents have larger numbers."""
    low: float
    high: float
    """95 % interval of delta: Newcombe's for the area under the curve, (1 + delta)/2."""
    p: float
    q: float

    @property
    def at_least(self) -> float:
        """The smallest size of delta that its interval allows; 0 where it holds 0."""
        return _at_least(self.low, self.high)

    @property
    def effect(self) -> float:
        """Delta."""
        return self.delta


@dataclass(frozen=True, eq=False)
class TimeShares:
    """Share of each period's documents in which a feature fires."""

    field: str
    edges: np.ndarray
    """(p + 1,) float64 years."""
    active: np.ndarray
    """(p,) int64: documents in which it fires."""
    documents: np.ndarray
    """(p,) int64: all documents of the period."""
    share: np.ndarray
    """(p,) float64, NaN where a period has no document."""
    low: np.ndarray
    high: np.ndarray
    """(p,) float64: ends of the 95 % interval (Wilson)."""


FieldContrast = CategoryContrast | NumberContrast


def field_contrasts(
    columns: FieldColumns, rows: np.ndarray, most_values: int = MOST_VALUES
) -> tuple[FieldContrast, ...]:
    """Every field, the surest effect first; q is corrected over all values of all fields.

    rows: those in which the feature fires, each once; of each category the `most_values` surest
    values are told. Fields in which one of the two groups has no value are left out, so nothing
    is said of a feature that fires nowhere or everywhere.
    """
    categories = [_compared(column, rows) for column in columns.categories]
    numbers = [_number_contrast(column, rows) for column in columns.numbers]
    compared = [one for one in categories if one is not None]
    found = [one for one in numbers if one is not None]
    p = [one.p for one in compared] + [np.array([one.p]) for one in found]
    if not p:
        return ()
    # Every value of every field is a comparison, also those that are not told.
    q = false_discovery_q(np.concatenate(p))
    of_field = np.split(q, np.cumsum([len(part) for part in p])[:-1])
    told: list[FieldContrast] = [
        _category_contrast(one, of_values, most_values)
        for one, of_values in zip(compared, of_field[: len(compared)], strict=True)
    ]
    told += [
        replace(one, q=float(own[0]))
        for one, own in zip(found, of_field[len(compared) :], strict=True)
    ]
    return tuple(sorted(told, key=lambda c: (-c.at_least, -abs(c.effect), c.field)))


def time_shares(column: NumberColumn, rows: np.ndarray) -> TimeShares:
    """A field of dates by period; arrays are empty when no document has a date."""
    periods = column.periods
    place = periods.period_of[rows]
    active = np.bincount(place[place >= 0], minlength=len(periods.counts))
    low, high = wilson_interval(active, periods.counts)
    share = np.full(len(periods.counts), np.nan)
    np.divide(active, periods.counts, out=share, where=periods.counts > 0)
    return TimeShares(column.name, periods.edges, active, periods.counts, share, low, high)


@dataclass(frozen=True, eq=False)
class _Compared:
    """All values of a category; arrays are (v,)."""

    column: CategoryColumn
    active: np.ndarray
    rest: np.ndarray
    low: np.ndarray
    high: np.ndarray
    log_odds: tuple[np.ndarray, np.ndarray, np.ndarray]
    p: np.ndarray


def _compared(column: CategoryColumn, rows: np.ndarray) -> _Compared | None:
    codes = column.codes[rows]
    k1 = np.bincount(codes[codes >= 0], minlength=len(column.values))
    k2 = column.counts - k1
    n1, n2 = int(k1.sum()), int(k2.sum())
    if not n1 or not n2:
        return None
    low, high = risk_difference_interval(k1, n1, k2, n2)
    odds = log_odds_ratio(k1, n1, k2, n2)
    return _Compared(column, k1, k2, low, high, odds, association_p(k1, n1, k2, n2))


def _category_contrast(compared: _Compared, q: np.ndarray, most: int) -> CategoryContrast:
    k1, k2 = compared.active, compared.rest
    n1, n2 = int(k1.sum()), int(k2.sum())
    share1, share2 = k1 / n1, k2 / n2
    surest = np.maximum(np.maximum(compared.low, -compared.high), 0.0)
    # Values stand in alphabetical order, which the stable sort keeps among equals.
    order = np.lexsort((-np.abs(share1 - share2), -surest))[:most]
    odds, odds_low, odds_high = compared.log_odds
    values = tuple(
        ValueContrast(
            value=compared.column.values[at],
            active=int(k1[at]),
            rest=int(k2[at]),
            share_active=float(share1[at]),
            share_rest=float(share2[at]),
            difference=float(share1[at] - share2[at]),
            low=float(compared.low[at]),
            high=float(compared.high[at]),
            log_odds=float(odds[at]),
            log_odds_low=float(odds_low[at]),
            log_odds_high=float(odds_high[at]),
            p=float(compared.p[at]),
            q=float(q[at]),
        )
        for at in order.tolist()
    )
    return CategoryContrast(compared.column.name, n1, n2, len(k1), values)


def _number_contrast(column: NumberColumn, rows: np.ndarray) -> NumberContrast | None:
    everywhere = column.sorted_values
    here = column.values[rows]
    known = ~np.isnan(here)
    here = here[known]
    n1, n2 = len(here), len(everywhere) - len(here)
    if not n1 or not n2:
        return None
    # Pairs won count twice, ties once; the n1² pairs among the feature's own documents go.
    twice_wins = int(column.standing[rows][known].sum(dtype=np.int64)) - n1 * n1
    wins = twice_wins / 2
    area = wins / (n1 * n2)
    low, high = area_interval(area, n1, n2)
    return NumberContrast(
        column.name,
        column.is_date,
        n1,
        n2,
        float(np.median(here)),
        _median_of_rest(everywhere, here),
        2 * area - 1,
        2 * low - 1,
        2 * high - 1,
        _rank_p(wins, n1, n2, column.tied),
        math.nan,
    )


def _rank_p(wins: float, n1: int, n2: int, tied: float) -> float:
    """Two-sided p of Mann and Whitney's U, normal with ties and continuity corrected."""
    n = n1 + n2
    variance = n1 * n2 / 12 * (n + 1 - tied / (n * (n - 1)))
    if variance <= 0:
        return 1.0
    z = max(0.0, abs(wins - n1 * n2 / 2) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def _median_of_rest(everywhere: np.ndarray, here: np.ndarray) -> float:
    """Median of what is left of sorted values when some are taken out, without copying them."""
    left = len(everywhere) - len(here)
    middle = {(left - 1) // 2, left // 2}
    return float(np.mean([_left_at(everywhere, here, rank) for rank in middle]))


def _left_at(everywhere: np.ndarray, here: np.ndarray, rank: int) -> float:
    """The value of this rank (from 0) among those left."""
    low, high = 0, len(everywhere) - 1
    while low < high:
        at = (low + high) // 2
        value = everywhere[at]
        up_to = np.searchsorted(everywhere, value, "right")
        if up_to - np.count_nonzero(here <= value) > rank:
            high = at
        else:
            low = at + 1
    return float(everywhere[low])


def _at_least(low: float, high: float) -> float:
    return max(low, -high, 0.0)
