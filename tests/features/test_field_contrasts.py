"""Contrasts against slow references, on fields of every kind and on features of every size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from saedesk.features.field_breakdown import share_over_time
from saedesk.features.field_columns import (
    CategoryColumn,
    FieldColumns,
    NumberColumn,
    category_column,
)
from saedesk.features.field_contrasts import (
    CategoryContrast,
    NumberContrast,
    field_contrasts,
    time_shares,
)
from saedesk.features.share_intervals import wilson_interval

N = 500


@pytest.fixture
def columns() -> FieldColumns:
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 6, N).astype(np.int32)
    kind[::7] = -1
    score = rng.normal(size=N)
    score[::5] = np.nan
    grade = rng.integers(1, 4, N).astype(float)
    year = 2000 + np.floor(rng.random(N) * 240) / 12
    year[::11] = np.nan
    return FieldColumns(
        N,
        (category_column("kind", kind, list("fbadce")),),
        (
            NumberColumn("year", year, is_date=True),
            NumberColumn("score", score),
            NumberColumn("grade", grade),
            NumberColumn("same", np.full(N, 3.0)),
            NumberColumn("unknown", np.full(N, np.nan)),
        ),
    )


def active_in(columns: FieldColumns, seed: int) -> np.ndarray:
    """Rows with much of one kind and with high scores, in no order."""
    rng = np.random.default_rng(seed)
    chance = 0.05 + 0.4 * (columns.categories[0].codes == 2)
    chance = chance + 0.4 * (np.nan_to_num(columns.numbers[1].values) > 1)
    return rng.permutation(np.flatnonzero(rng.random(N) < chance)).astype(np.int32)


@pytest.mark.parametrize("rows_of", [0, 1, 2, "one", "all but one"])
def test_categories_one_by_one(columns, rows_of):
    rows = {"one": np.array([3]), "all but one": np.delete(np.arange(N), 1)}.get(rows_of)
    rows = active_in(columns, rows_of) if rows is None else rows
    column = columns.categories[0]
    found = next(c for c in field_contrasts(columns, rows) if c.field == "kind")
    assert isinstance(found, CategoryContrast)
    is_active = np.isin(np.arange(N), rows)
    known = column.codes >= 0
    assert (found.active, found.rest) == ((is_active & known).sum(), (~is_active & known).sum())
    assert sorted(v.value for v in found.values) == list("abcdef")
    for value in found.values:
        mine = column.codes == column.values.index(value.value)
        k1, k2 = int((mine & is_active).sum()), int((mine & ~is_active).sum())
        assert (value.active, value.rest) == (k1, k2)
        assert value.share_active == pytest.approx(k1 / found.active)
        assert value.share_rest == pytest.approx(k2 / found.rest)
        assert value.difference == pytest.approx(k1 / found.active - k2 / found.rest)
        assert -1 <= value.low <= value.difference <= value.high <= 1
        assert value.log_odds_low < value.log_odds < value.log_odds_high
        holds_nothing = value.low <= 0 <= value.high
        edge = min(abs(value.low), abs(value.high))
        assert value.at_least == pytest.approx(0 if holds_nothing else edge)
    keys = [(-v.at_least, -abs(v.difference), v.value) for v in found.values]
    assert keys == sorted(keys)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["score", "grade", "year", "same"])
def test_numbers_pair_by_pair(columns, seed, name):
    rows = active_in(columns, seed)
    column = next(c for c in columns.numbers if c.name == name)
    found = next(c for c in field_contrasts(columns, rows) if c.field == name)
    assert isinstance(found, NumberContrast)
    is_active = np.isin(np.arange(N), rows)
    a, b = column.values[is_active], column.values[~is_active]
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    assert (found.active, found.rest) == (len(a), len(b))
    assert found.delta == pytest.approx(np.sign(a[:, None] - b[None, :]).mean(), abs=1e-12)
    assert found.median_active == pytest.approx(np.median(a))
    assert found.median_rest == pytest.approx(np.median(b))
    assert -1 <= found.low <= found.delta <= found.high <= 1
    if name == "same":
        assert (found.delta, found.p, found.at_least) == (0, 1, 0)
    else:
        assert found.p == pytest.approx(stats.mannwhitneyu(a, b, method="asymptotic").pvalue)


def test_a_field_of_two_values_has_the_risk_difference_as_delta(columns):
    rows = active_in(columns, 5)
    is_second = np.random.default_rng(9).random(N) < 0.3
    both = FieldColumns(
        N,
        (category_column("as text", is_second.astype(np.int32), ["no", "yes"]),),
        (NumberColumn("as number", is_second.astype(float)),),
    )
    found = {c.field: c for c in field_contrasts(both, rows)}
    yes = next(v for v in found["as text"].values if v.value == "yes")
    assert found["as number"].delta == pytest.approx(yes.difference)


def test_planted_differences_lead_and_noise_is_not_found(columns):
    found = field_contrasts(columns, active_in(columns, 7))
    assert [c.field for c in found][:2] == ["kind", "score"]
    kind, score = found[0], found[1]
    assert kind.values[0].value == columns.categories[0].values[2]
    assert kind.values[0].q < 1e-6
    assert score.q < 0.01 < score.at_least
    noise = [c for c in found if c.field in ("grade", "year")]
    assert all(c.q > 0.05 and c.at_least == 0 for c in noise)
    assert "unknown" not in [c.field for c in found]


def test_q_is_over_all_comparisons_of_the_feature(columns):
    found = field_contrasts(columns, active_in(columns, 1))
    p, q = [], []
    for c in found:
        for one in c.values if isinstance(c, CategoryContrast) else [c]:
            p.append(one.p)
            q.append(one.q)
    assert len(p) == 6 + 4
    assert q == pytest.approx(stats.false_discovery_control(p).tolist())


def test_nothing_is_said_of_features_that_fire_nowhere_or_everywhere(columns):
    assert field_contrasts(columns, np.empty(0, np.int32)) == ()
    assert field_contrasts(columns, np.arange(N)) == ()
    assert field_contrasts(FieldColumns(N), np.arange(9)) == ()
    found = field_contrasts(columns, np.array([1]))
    assert all(c.low < c.high for c in found if isinstance(c, NumberContrast))
    silent_in_all_fields = FieldColumns(2, (), (NumberColumn("x", np.array([np.nan, 1.0])),))
    assert field_contrasts(silent_in_all_fields, np.array([0])) == ()


def test_the_interval_of_delta_covers_the_truth():
    rng = np.random.default_rng(4)
    truth = 2 * stats.norm.cdf(0.8 / math.sqrt(2)) - 1
    covered = 0
    for _ in range(400):
        values = rng.normal(size=120)
        values[:30] += 0.8
        columns = FieldColumns(120, (), (NumberColumn("x", values),))
        (found,) = field_contrasts(columns, np.arange(30))
        covered += found.low <= truth <= found.high
    assert 0.92 <= covered / 400 <= 0.99


def test_time_has_the_shares_of_the_plot_and_their_intervals(columns):
    rows = active_in(columns, 3)
    column = columns.time
    assert column is not None
    found = time_shares(column, rows)
    edges, share = share_over_time(column.values, rows)
    assert found.edges.tolist() == edges.tolist()
    assert found.share == pytest.approx(share, nan_ok=True)
    assert found.documents.sum() == (~np.isnan(column.values)).sum()
    low, high = wilson_interval(found.active, found.documents)
    assert (found.low.tolist(), found.high.tolist()) == (low.tolist(), high.tolist())
    nothing = time_shares(columns.numbers[-1], rows)
    assert len(nothing.edges) == len(nothing.share) == len(nothing.low) == 0


def test_a_gap_of_years_without_documents_has_no_share():
    column = NumberColumn("date", np.array([2001.0, 2001.0, 2004.0]), is_date=True)
    found = time_shares(column, np.array([0, 2]))
    assert found.share[0] == 0.5
    assert np.isnan(found.share[1])
    assert (found.low[1], found.high[1]) == (0, 1)


def test_columns_are_sorted_and_keep_their_gaps():
    column = category_column("x", np.array([2, -1, 0, 2, 1], np.int32), ["m", "z", "a"])
    assert isinstance(column, CategoryColumn)
    assert column.values == ("a", "m", "z")
    assert column.codes.tolist() == [0, -1, 1, 0, 2]
    assert column.counts.tolist() == [2, 1, 1]
    number = NumberColumn("x", np.array([3, np.nan, 1, 3, 3, 1]))
    assert number.sorted_values.tolist() == [1, 1, 3, 3, 3]
    assert number.tied == (2**3 - 2) + (3**3 - 3)
    known = np.array([0, 2, 3, 4, 5])
    reference = [(number.values < x).sum() + (number.values <= x).sum() for x in number.values]
    assert number.standing[known].tolist() == np.array(reference)[known].tolist()


def test_only_the_surest_values_are_told_but_all_are_corrected_for(columns):
    rows = active_in(columns, 2)
    everything = next(c for c in field_contrasts(columns, rows) if c.field == "kind")
    few = next(c for c in field_contrasts(columns, rows, most_values=2) if c.field == "kind")
    assert few.values == everything.values[:2]
    assert few.compared == everything.compared == 6
