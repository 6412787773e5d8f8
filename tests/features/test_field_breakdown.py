from __future__ import annotations

import numpy as np
import pytest

from saedesk.features.field_breakdown import MOST_PERIODS, category_shares, share_over_time


def test_shares_where_a_feature_fires_beside_those_of_all():
    values = ["a", "a", "b", None, "c", "d", "a"]
    shares = category_shares(values, np.array([0, 1, 2, 3]))
    assert [(s.value, s.count) for s in shares] == [("a", 2), ("b", 1)]
    assert shares[0].share_active == pytest.approx(2 / 3)
    assert shares[0].share_all == pytest.approx(3 / 6)
    flags = np.array([True, True, True, True, False, False, False])
    assert category_shares(values, flags) == shares


def test_the_rest_is_gathered_and_everything_sums_to_one():
    values = [str(i % 12) for i in range(60)]
    shares = category_shares(values, np.arange(60), top=5)
    assert len(shares) == 6
    assert shares[-1].value == "7 others"
    assert shares[-1].others == 7
    assert sum(s.share_active for s in shares) == pytest.approx(1)
    assert sum(s.share_all for s in shares) == pytest.approx(1)
    assert len(category_shares(values[:6], np.arange(6), top=5)) == 6
    assert category_shares(values[:6], np.arange(6), top=5)[-1].others == 0


def test_no_values_and_wrong_lengths():
    assert category_shares([None, None], np.array([0])) == []
    assert category_shares(["a"], np.array([], int)) == []
    with pytest.raises(ValueError, match="flags"):
        category_shares(["a", "b"], np.array([True]))


def test_whole_years_are_their_own_periods():
    years = np.array([2001, 2001, 2002, 2004, np.nan])
    edges, share = share_over_time(years, np.array([0, 3, 4]))
    assert edges.tolist() == [2001, 2002, 2003, 2004, 2005]
    assert share[[0, 1, 3]].tolist() == [0.5, 0, 1]
    assert np.isnan(share[2])


@pytest.mark.parametrize("span", [0.0, 0.9, 3, 39, 200, 5000])
def test_few_periods_that_hold_every_document(span):
    years = np.sort(np.random.default_rng(1).random(500)) * span + 1990.25
    edges, share = share_over_time(years, np.ones(500, bool))
    assert 1 <= len(share) <= MOST_PERIODS
    assert edges[0] <= years.min()
    assert years.max() < edges[-1]
    assert np.nanmin(share) == np.nanmax(share) == 1


def test_months_begin_where_they_begin():
    years = 2019 + np.arange(12) / 12
    edges, share = share_over_time(years, np.array([1]))
    assert len(edges) == 13
    assert share.tolist() == [0, 1] + [0] * 10


def test_no_years():
    edges, share = share_over_time(np.array([np.nan]), np.array([0]))
    assert len(edges) == len(share) == 0
