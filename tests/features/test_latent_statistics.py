from __future__ import annotations

import time
from dataclasses import fields

import numpy as np
import pytest

from saedesk.errors import DamagedArtifact
from saedesk.features import latent_statistics as module
from saedesk.features.latent_statistics import (
    BANDS,
    HISTOGRAM_BINS,
    QUANTILES,
    LatentStatistics,
    activation_histogram,
    latent_statistics,
)
from saedesk.features.sparse_activations import ActivationWriter
from tests.features.made_up_activations import random_dense, write_dense


@pytest.mark.parametrize("entries_at_once", [1, 100, 1 << 20])
def test_statistics_equal_those_of_each_latent_alone(tmp_path, monkeypatch, entries_at_once):
    monkeypatch.setattr(module, "ENTRIES_AT_ONCE", entries_at_once)
    dense = random_dense(200, 21, seed=5)
    dense[dense > 0] *= np.random.default_rng(2).random((dense > 0).sum()).astype(np.float32) + 0.1
    dense[:, 2] = 0.5
    statistics = latent_statistics(write_dense(tmp_path, dense))

    assert statistics.n_documents == 200
    for latent in range(21):
        values = dense[:, latent][dense[:, latent] > 0]
        assert statistics.count[latent] == len(values)
        assert statistics.density[latent] == len(values) / 200
        assert statistics.histogram[latent].sum() == len(values)
        assert statistics.never_active[latent] == (len(values) == 0)
        if len(values) == 0:
            assert np.isnan(statistics.quantiles[latent]).all()
            assert statistics.maximum[latent] == 0
            continue
        assert statistics.mean[latent] == pytest.approx(values.mean(), rel=1e-6)
        assert statistics.maximum[latent] == values.max()
        assert statistics.minimum[latent] == values.min()
        expected = np.quantile(values.astype(np.float64), QUANTILES)
        assert statistics.quantiles[latent] == pytest.approx(expected, rel=1e-6)
        if values.min() < values.max():
            span = (float(values.min()), float(values.max()))
            counts, _ = np.histogram(values.astype(np.float64), HISTOGRAM_BINS, span)
            assert statistics.histogram[latent].tolist() == counts.tolist()
    assert statistics.never_active[1]
    assert statistics.density[2] == 1
    assert statistics.histogram[2, -1] == 200


def test_saved_and_opened_again(tmp_path):
    statistics = latent_statistics(write_dense(tmp_path / "a", random_dense(50, 8)))
    statistics.save(tmp_path / "s")
    opened = LatentStatistics.open(tmp_path / "s")
    assert opened.n_documents == 50
    assert opened.n_latents == 8
    for field in fields(LatentStatistics):
        one, other = (np.asarray(getattr(s, field.name)) for s in (statistics, opened))
        assert np.array_equal(one, other, equal_nan=field.name == "quantiles")
    np.save(tmp_path / "s" / "mean.npy", np.zeros(3))
    with pytest.raises(DamagedArtifact):
        LatentStatistics.open(tmp_path / "s")
    (tmp_path / "s" / "mean.npy").unlink()
    with pytest.raises(DamagedArtifact):
        LatentStatistics.open(tmp_path / "s")


@pytest.mark.parametrize("shape", [(0, 4), (5, 4), (5, 0)])
def test_statistics_of_nothing(tmp_path, shape):
    statistics = latent_statistics(write_dense(tmp_path, np.zeros(shape, np.float32)))
    assert statistics.density.tolist() == [0.0] * shape[1]
    assert statistics.histogram.shape == (shape[1], HISTOGRAM_BINS)


def test_histogram_of_one_latent(tmp_path):
    dense = random_dense(120, 6)
    activations = write_dense(tmp_path, dense)
    values = dense[:, 3][dense[:, 3] > 0].astype(np.float64)
    found = activation_histogram(activations, 3, bins=12)
    counts, edges = np.histogram(values, 12)
    assert found.counts.tolist() == counts.tolist()
    assert found.edges == pytest.approx(edges)
    assert found.n_active == len(values)
    assert found.bands == pytest.approx(np.quantile(values, BANDS))


def test_histogram_where_all_values_are_equal_or_none(tmp_path):
    activations = write_dense(tmp_path, random_dense(30, 6))
    equal = activation_histogram(activations, 2, bins=5)
    assert equal.counts.tolist() == [0, 0, 0, 0, equal.n_active]
    assert (equal.edges[0], equal.edges[-1]) == (0.0, 0.5)
    empty = activation_histogram(activations, 1, bins=5)
    assert empty.n_active == 0
    assert np.isnan(empty.bands).all()


@pytest.mark.slow
def test_a_large_corpus_in_well_under_a_minute(tmp_path):
    generator = np.random.default_rng(0)
    writer = ActivationWriter(tmp_path, 9216)
    rows, k = 4000, 64
    for _ in range(105):
        start = generator.integers(0, 9216, (rows, 1))
        latents = (start + np.arange(k) * 131) % 9216
        values = generator.random(rows * k, np.float32) + 0.01
        writer.append(np.full(rows, k), latents.ravel().astype(np.int32), values)
    began = time.perf_counter()
    activations = writer.finish()
    ordered = time.perf_counter()
    statistics = latent_statistics(activations)
    assert statistics.count.sum() == 420_000 * k
    assert ordered - began < 60
    assert time.perf_counter() - ordered < 30
    print(f"order by latent {ordered - began:.1f} s")  # noqa: T201
    print(f"statistics {time.perf_counter() - ordered:.1f} s")  # noqa: T201
