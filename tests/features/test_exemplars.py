from __future__ import annotations

import numpy as np
import pytest

from saedesk.features.exemplars import (
    documents_in_range,
    quantile_band_documents,
    random_active_documents,
    strongest_documents,
)
from saedesk.features.latent_statistics import activation_histogram
from tests.features.made_up_activations import random_dense, write_dense


@pytest.fixture
def dense() -> np.ndarray:
    dense = random_dense(300, 5, seed=2)
    dense[:, 3] = np.where(np.random.default_rng(0).random(300) < 0.5, dense[:, 0] + 1, 0)
    return dense


@pytest.fixture
def activations(tmp_path, dense):
    return write_dense(tmp_path, dense)


def test_strongest_page_by_page(activations, dense):
    order = sorted(np.flatnonzero(dense[:, 3]), key=lambda row: (-dense[row, 3], row))
    pages = [strongest_documents(activations, 3, 40, start)[0] for start in range(0, 400, 40)]
    assert np.concatenate(pages).tolist() == order
    assert len(strongest_documents(activations, 1, 40)[0]) == 0


def test_every_bin_of_the_histogram_has_its_documents(activations, dense):
    counts = activation_histogram(activations, 3, bins=13)
    seen = []
    for i in range(13):
        low, high = counts.edges[i], counts.edges[i + 1]
        rows, values = documents_in_range(activations, 3, low, high)
        assert len(rows) == counts.counts[i]
        assert all(values[:-1] >= values[1:])
        seen.extend(rows.tolist())
    assert sorted(seen) == np.flatnonzero(dense[:, 3]).tolist()


def test_a_range_with_nothing_in_it(activations):
    assert len(documents_in_range(activations, 3, 50, 60)[0]) == 0
    assert len(documents_in_range(activations, 3, 2, 1)[0]) == 0
    assert len(documents_in_range(activations, 1, 0, 1)[0]) == 0


def test_random_documents_fire_and_follow_the_seed(activations, dense):
    rows, values = random_active_documents(activations, 3, 20, seed=4)
    assert len(set(rows.tolist())) == 20
    assert values.tolist() == dense[rows, 3].tolist()
    assert rows.tolist() == random_active_documents(activations, 3, 20, seed=4)[0].tolist()
    assert rows.tolist() != random_active_documents(activations, 3, 20, seed=5)[0].tolist()
    assert (
        len(random_active_documents(activations, 3, 10_000, seed=4)[0]) == (dense[:, 3] > 0).sum()
    )


def test_a_band_lies_between_its_quantiles(activations, dense):
    active = dense[:, 3][dense[:, 3] > 0]
    low, high = np.quantile(active.astype(float), (0.5, 0.9))
    rows, _ = quantile_band_documents(activations, 3, 0.5, 0.9, 10_000, seed=0)
    expected = np.flatnonzero((dense[:, 3] >= low) & (dense[:, 3] <= high))
    assert sorted(rows.tolist()) == expected.tolist()
    assert len(quantile_band_documents(activations, 3, 0.5, 0.9, 7, seed=0)[0]) == 7
    assert len(quantile_band_documents(activations, 1, 0.5, 0.9, 7, seed=0)[0]) == 0
    with pytest.raises(ValueError, match="quantiles"):
        quantile_band_documents(activations, 3, 0.9, 0.5, 7, seed=0)
