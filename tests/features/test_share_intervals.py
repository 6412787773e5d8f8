"""Intervals and p-values against published numbers, scipy, and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from saedesk.features.share_intervals import (
    association_p,
    false_discovery_q,
    log_odds_ratio,
    risk_difference_interval,
    wilson_interval,
)


def test_wilson_is_that_of_scipy():
    for n in (1, 2, 9, 400):
        for k in {0, 1, n // 3, n - 1, n}:
            reference = stats.binomtest(k, n).proportion_ci(method="wilson")
            assert wilson_interval(k, n) == pytest.approx((reference.low, reference.high))
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_the_difference_is_as_newcombe_published_it():
    # Newcombe 1998, table II, method 10: cases a, b, d, e, g.
    for k1, n1, k2, n2, low, high in [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
    ]:
        found = risk_difference_interval(np.array([k1]), n1, np.array([k2]), n2)
        assert [float(end[0]) for end in found] == pytest.approx([low, high], abs=6e-5)


def test_log_odds_by_hand():
    ratio, low, high = log_odds_ratio(np.array([3, 0]), 10, np.array([5, 0]), 40)
    expected = np.log(3.5 / 7.5) - np.log(5.5 / 35.5)
    half = 1.959964 * np.sqrt(1 / 3.5 + 1 / 7.5 + 1 / 5.5 + 1 / 35.5)
    assert (ratio[0], low[0], high[0]) == pytest.approx(
        (expected, expected - half, expected + half)
    )
    assert low[1] < 0 < high[1]


@pytest.mark.parametrize(
    ("n1", "n2"), [(1, 1), (1, 30), (7, 5), (12, 999_988), (400, 900), (900, 40), (500_000, 3)]
)
def test_p_is_exact_where_little_is_expected_and_chi_square_elsewhere(n1, n2):
    rng = np.random.default_rng(n1)
    k1 = np.unique(np.concatenate([[0, n1], rng.integers(0, n1 + 1, 8), np.arange(min(n1, 4))]))
    k1 = np.repeat(k1, 4)
    k2 = rng.integers(0, n2 + 1, len(k1))
    k2[::4] = np.minimum(3, n2)
    k2[1::4] = n2
    k2[2::4] = np.minimum(k1[2::4] * n2 // n1, n2)
    found = association_p(k1, n1, k2, n2)
    for a, b, p in zip(k1.tolist(), k2.tolist(), found, strict=True):
        table = np.array([[a, n1 - a], [b, n2 - b]])
        fewest = np.outer(table.sum(1), table.sum(0)).min() / table.sum()
        if fewest >= 5:
            reference = stats.chi2_contingency(table, correction=False).pvalue
        else:
            drawn = stats.hypergeom(n1 + n2, a + b, n1)
            reference = min(1.0, 2 * min(drawn.cdf(a), drawn.sf(a - 1)))
        assert p == pytest.approx(reference, rel=2e-4, abs=1e-9), (a, n1, b, n2)


def test_benjamini_hochberg_as_in_scipy_with_gaps():
    p = np.random.default_rng(0).random(40) ** 3
    with_gaps = np.insert(p, [3, 17], np.nan)
    q = false_discovery_q(with_gaps)
    assert np.isnan(q[[3, 18]]).all()
    assert q[~np.isnan(q)] == pytest.approx(stats.false_discovery_control(p))
    assert len(false_discovery_q(np.zeros(0))) == 0
