from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from saedesk.features.labels.roc_area import area_interval, roc_area


def test_it_is_the_mann_whitney_statistic_with_ties() -> None:
    generator = np.random.default_rng(0)
    for digits in (0, 1, 6):
        scores = np.round(generator.normal(size=90), digits)
        is_positive = generator.random(90) < 0.3
        wanted = mannwhitneyu(scores[is_positive], scores[~is_positive]).statistic
        wanted /= is_positive.sum() * (~is_positive).sum()
        assert roc_area(scores, is_positive) == pytest.approx(wanted, abs=1e-12)
    assert roc_area(np.ones(10), np.arange(10) < 4) == 0.5
    assert roc_area(np.arange(10.0), np.arange(10) > 4) == 1
    with pytest.raises(ValueError, match="both groups"):
        roc_area(np.ones(3), np.ones(3, bool))


@pytest.mark.parametrize("distance", [0.0, 1.19, 2.5])
def test_the_interval_holds_the_true_area_nineteen_times_in_twenty(distance: float) -> None:
    from scipy.stats import norm

    generator = np.random.default_rng(1)
    true = norm.cdf(distance / np.sqrt(2))
    is_positive = np.arange(60) < 30
    held = 0
    for _ in range(600):
        area = roc_area(generator.normal(size=60) + distance * is_positive, is_positive)
        low, high = area_interval(area, 30, 30)
        assert 0 <= low <= area <= high <= 1
        held += low <= true <= high
    assert 0.93 <= held / 600 <= 0.985


def test_perfect_on_few_documents_is_no_certainty() -> None:
    low, high = area_interval(1.0, 10, 10)
    assert high == 1
    assert 0.75 < low < 0.9
    more, _ = area_interval(1.0, 100, 100)
    assert more > 0.97
    low, high = area_interval(0.5, 40, 40)
    assert low == pytest.approx(1 - high, abs=1e-6)
    assert 0.36 < low < 0.4
