"""Histogram, bands, thresholds and groups against numpy over the dense codes."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.features.activation_histogram import feature_histogram, group_overlay
from saedesk.features.activation_thresholds import (
    count_at_or_above,
    documents_at_or_above,
    histogram_of_sorted,
    quantiles_of_sorted,
)
from saedesk.features.field_columns import CategoryColumn, category_column
from saedesk.features.latent_statistics import activation_histogram
from tests.features.made_up_activations import random_dense, write_dense


@pytest.fixture
def dense() -> np.ndarray:
    dense = random_dense(400, 6, seed=3)
    dense[:, 4] = 0
    dense[3, 4] = 0.7
    dense[:, 5] = np.float32(0.1) + np.random.default_rng(1).random(400, np.float32)
    return dense


@pytest.fixture
def activations(tmp_path, dense):
    return write_dense(tmp_path, dense)


@pytest.fixture
def column() -> CategoryColumn:
    codes = np.random.default_rng(2).choice(12, 400, p=np.arange(1, 13) / 78).astype(np.int32)
    codes[::9] = -1
    return category_column("kind", codes, [f"v{at:02}" for at in reversed(range(12))])


@pytest.mark.parametrize("latent", range(6))
@pytest.mark.parametrize("bins", [1, 7, 40])
def test_the_same_as_by_numpy(activations, dense, latent, bins):
    mine = feature_histogram(activations, latent, bins)
    reference = activation_histogram(activations, latent, bins)
    assert mine.edges.tolist() == reference.edges.tolist()
    assert mine.counts.tolist() == reference.counts.tolist()
    assert mine.bands == pytest.approx(reference.bands, nan_ok=True)
    active = int((dense[:, latent] > 0).sum())
    assert mine.n_active == active
    assert mine.zero_share == pytest.approx(1 - active / 400)
    assert mine.log_counts.tolist() == np.log10(1 + reference.counts).tolist()


def test_thresholds_are_exact_at_values_and_beside_them(activations, dense):
    ids = np.arange(400, dtype=np.int64) * 3 + 7
    for latent in range(6):
        values = dense[:, latent].astype(np.float64)
        edges = np.unique(values)
        for threshold in [*edges, *(edges + 1e-12), *(edges - 1e-12), -1.0, 0.0, 1e9, np.inf]:
            above = (values >= threshold) & (values > 0)
            stored = activations.latent(latent)[1]
            assert count_at_or_above(stored, threshold) == above.sum()
        found = documents_at_or_above(activations, ids, latent, 1.0)
        assert found.dtype == np.int64
        assert found.tolist() == ids[values >= 1.0].tolist()


@pytest.mark.parametrize("n", [0, 1, 2, 50])
def test_quantiles_and_counts_of_descending_values(n):
    values = np.sort(np.random.default_rng(n).integers(1, 9, n).astype(np.float32))[::-1]
    asked = (0.0, 0.1, 0.5, 0.99, 1.0)
    expected = np.quantile(values.astype(float), asked) if n else [np.nan] * 5
    assert quantiles_of_sorted(values, asked) == pytest.approx(expected, nan_ok=True)
    edges = np.array([2.0, 3.0, 5.5, 7.0])
    assert histogram_of_sorted(values, edges).tolist() == np.histogram(values, edges)[0].tolist()


@pytest.mark.parametrize("latent", range(6))
@pytest.mark.parametrize("top", [1, 5, 11, 20])
def test_groups_are_counted_one_by_one(activations, dense, column, latent, top):
    edges = feature_histogram(activations, latent, 9).edges
    groups = group_overlay(activations, latent, column, edges, top)
    values, codes = dense[:, latent].astype(float), column.codes
    is_active = values > 0
    named = [group for group in groups if group.name in column.values]
    frequency = {v: int((is_active & (codes == at)).sum()) for at, v in enumerate(column.values)}
    ranked = sorted((v for v in frequency if frequency[v]), key=lambda v: (-frequency[v], v))
    assert [group.name for group in named] == ranked[: len(named)]
    assert len(named) == min(len(ranked), top + (len(ranked) == top + 1))
    for group in named:
        mine = codes == column.values.index(group.name)
        assert group.counts.tolist() == np.histogram(values[is_active & mine], edges)[0].tolist()
        assert (group.active, group.documents) == ((is_active & mine).sum(), mine.sum())
    everything = np.histogram(values[is_active], edges)[0]
    assert sum(group.counts for group in groups).tolist() == everything.tolist()
    assert sum(group.active for group in groups) == is_active.sum()
    assert sum(group.documents for group in groups) == 400
    nothing = groups[-1]
    assert (nothing.name, nothing.documents) == ("", (codes < 0).sum())
    assert nothing.active == (is_active & (codes < 0)).sum()
    rest = [group for group in groups if group.others]
    assert sum(group.others for group in rest) + len(named) == 12


def test_groups_in_part_of_the_values(activations, dense, column):
    edges = np.array([0.3, 0.5, 0.9])
    groups = group_overlay(activations, 5, column, edges)
    inside = np.histogram(dense[:, 5].astype(float), edges)[0]
    assert sum(group.counts for group in groups).tolist() == inside.tolist()
