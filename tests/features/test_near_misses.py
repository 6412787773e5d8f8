"""Near-misses against a dense computation in float64; samples stay within their bounds."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.features import near_misses as module
from saedesk.features.near_misses import closest_rows, feature_mean, near_misses, sampled_rows
from tests.features.made_up_activations import random_dense, write_dense

N, D, LATENT = 300, 12, 3
NEVER = 1
BAD = np.array([7, 70])


@pytest.fixture
def vectors() -> np.ndarray:
    vectors = np.random.default_rng(0).normal(size=(N, D)).astype(np.float32)
    vectors[20] = vectors[21]
    vectors[7], vectors[70] = 0, np.nan
    return vectors


@pytest.fixture
def dense() -> np.ndarray:
    dense = random_dense(N, 4, seed=2)
    dense[:, LATENT] = np.where(np.random.default_rng(1).random(N) < 0.2, dense[:, 2] + 1, 0)
    dense[np.ix_([7, 70, 20, 21], [LATENT])] = 0
    return dense


@pytest.fixture
def activations(tmp_path, dense):
    return write_dense(tmp_path, dense)


def reference(vectors, dense, latent) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(all="ignore"):
        unit = vectors.astype(float) / np.linalg.norm(vectors.astype(float), axis=1, keepdims=True)
    weight = dense[:, latent].astype(float)
    active = weight > 0
    mean = (weight[active, None] * unit[active]).sum(0) / weight[active].sum()
    cosines = unit @ (mean / np.linalg.norm(mean))
    return mean, np.where(active, np.nan, cosines)


def test_the_silent_documents_nearest_to_the_weighted_mean(vectors, dense, activations):
    mean, cosines = reference(vectors, dense, LATENT)
    found = near_misses(vectors, activations, LATENT, bad_rows=BAD)
    silent = np.flatnonzero(np.isfinite(cosines))
    assert sorted(found.rows.tolist()) == silent.tolist()
    assert found.cosines == pytest.approx(cosines[found.rows], abs=1e-6)
    assert (np.diff(found.cosines) <= 0).all()
    together = found.rows.tolist().index(20)
    assert found.rows[together + 1] == 21, "equal cosines by row"
    assert (found.searched, found.silent, found.proposed) == (len(silent), len(silent), 0)
    assert found.active_read == (dense[:, LATENT] > 0).sum()
    assert feature_mean(vectors, activations, LATENT)[0] == pytest.approx(mean, abs=1e-6)
    few = near_misses(vectors, activations, LATENT, bad_rows=BAD, most=5)
    assert few.rows.tolist() == found.rows[:5].tolist()


def test_a_feature_that_fires_nowhere_has_none(vectors, activations):
    found = near_misses(vectors, activations, NEVER, bad_rows=BAD)
    assert (len(found.rows), found.searched, found.active_read) == (0, 0, 0)
    assert found.silent == N - 2


def test_a_feature_that_fires_everywhere_has_no_silent_documents(vectors, tmp_path):
    activations = write_dense(tmp_path, np.ones((N, 1), np.float32))
    found = near_misses(np.abs(vectors) + 1, activations, 0)
    assert (len(found.rows), found.silent) == (0, 0)


def test_a_large_corpus_is_sampled_and_an_index_adds_to_it(
    vectors, dense, activations, monkeypatch
):
    whole = near_misses(vectors, activations, LATENT, bad_rows=BAD)
    monkeypatch.setattr(module, "VALUES_SCANNED", 64 * D)
    monkeypatch.setattr(module, "_BLOCK", 8)
    sample = near_misses(vectors, activations, LATENT, bad_rows=BAD, seed=3)
    again = near_misses(vectors, activations, LATENT, bad_rows=BAD, seed=3)
    other = near_misses(vectors, activations, LATENT, bad_rows=BAD, seed=4)
    assert 20 < sample.searched <= 64 < sample.silent == whole.silent
    assert sample.rows.tolist() == again.rows.tolist() != other.rows.tolist()
    order = whole.rows.tolist()
    assert np.diff([order.index(row) for row in sample.rows.tolist()]).min() > 0
    asked = []

    def index(vector: np.ndarray) -> np.ndarray:
        asked.append(vector)
        return np.concatenate([whole.rows[:10], np.flatnonzero(dense[:, LATENT])[:4], BAD])

    helped = near_misses(vectors, activations, LATENT, bad_rows=BAD, seed=3, index=index)
    assert helped.rows[:10].tolist() == whole.rows[:10].tolist()
    assert helped.proposed == 10
    assert asked[0] == pytest.approx(reference(vectors, dense, LATENT)[0], abs=1e-6)


def test_the_mean_of_a_dense_feature_is_that_of_a_sample(vectors, dense, activations, monkeypatch):
    monkeypatch.setattr(module, "ACTIVE_READ", 40)
    mean, read = feature_mean(vectors, activations, LATENT, seed=1)
    assert read == 40
    again, _ = feature_mean(vectors, activations, LATENT, seed=1)
    other, _ = feature_mean(vectors, activations, LATENT, seed=2)
    assert mean.tolist() == again.tolist() != other.tolist()
    truth = reference(vectors, dense, LATENT)[0]
    assert np.linalg.norm(mean - truth) < 0.2


@pytest.mark.parametrize("rows_at_once", [1, 13, 10_000])
def test_closest_rows_in_pieces(vectors, monkeypatch, rows_at_once):
    monkeypatch.setattr(module, "_VALUES_AT_ONCE", rows_at_once * D)
    query = vectors[20] * 5
    everything, cosines = closest_rows(vectors, query, 1000)
    assert len(everything) == N - 2, "rows without direction are never near"
    assert everything[:2].tolist() == [20, 21]
    assert cosines[0] == pytest.approx(1)
    few, _ = closest_rows(vectors, query, 4, left_out=np.array([20, 7]))
    assert few.tolist() == everything[1:5].tolist()
    chosen = np.arange(0, N, 3)
    of_some, _ = closest_rows(vectors, query, 9, rows=chosen, left_out=np.array([21]))
    expected = [row for row in everything.tolist() if row % 3 == 0 and row != 21]
    assert of_some.tolist() == expected[:9]


@pytest.mark.parametrize("total", [1, 63, 64, 65, 1000, 12_345])
@pytest.mark.parametrize("most", [1, 64, 640, 20_000])
def test_samples_are_spread_over_the_whole_corpus(total, most, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 64)
    rows = sampled_rows(total, most, seed=2)
    assert (np.diff(rows) > 0).all()
    assert rows[0] >= 0
    assert rows[-1] < total
    if total <= most:
        assert len(rows) == total
        return
    assert len(rows) <= max(most, 64)
    if most >= 640:
        per_tenth = np.histogram(rows, np.linspace(0, total, 11))[0]
        assert per_tenth.min() > 0
        assert len(rows) >= 0.9 * most
