"""The error of single vectors against the sums written out, and against the SAE itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import saedesk
from saedesk.features import reconstruction_error as module
from saedesk.features.reconstruction_error import (
    Rebuilding,
    corpus_errors,
    reconstruction_error,
)
from saedesk.features.sparse_activations import SparseActivations
from saedesk.sae.sparse_autoencoder import folded
from tests.features.made_up_activations import random_dense, write_dense

N, WIDTH, LATENTS = 90, 12, 20


def made_up(folder: Path) -> tuple[Rebuilding, np.ndarray, SparseActivations, np.ndarray]:
    draw = np.random.default_rng(4)
    dense = random_dense(N, LATENTS, 2)
    decoder = draw.normal(size=(LATENTS, WIDTH)).astype(np.float32)
    bias = draw.normal(size=WIDTH).astype(np.float32)
    vectors = (dense @ decoder + bias + draw.normal(size=(N, WIDTH))).astype(np.float32)
    return Rebuilding(decoder, bias), vectors, write_dense(folder, dense), dense


def test_errors_are_those_of_the_sums_and_their_mean_is_the_fvu(tmp_path: Path) -> None:
    rebuilding, vectors, activations, dense = made_up(tmp_path)
    x = vectors.astype(np.float64)
    rebuilt = dense.astype(np.float64) @ rebuilding.decoder + rebuilding.pre_bias
    squared = ((x - rebuilt) ** 2).sum(axis=1)
    fvu = squared.sum() / ((x - x.mean(axis=0)) ** 2).sum()
    corpus = corpus_errors(rebuilding, vectors, activations)
    assert corpus is not None
    assert corpus.fvu == pytest.approx(fvu, rel=1e-6)
    assert corpus.documents == len(corpus.unexplained) == N
    spread = ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean()
    for row in range(N):
        error = reconstruction_error(rebuilding, vectors[row], *activations.document(row), corpus)
        assert error.unexplained == pytest.approx(squared[row] / spread, rel=1e-5)
        cosine = x[row] @ rebuilt[row] / np.linalg.norm(x[row]) / np.linalg.norm(rebuilt[row])
        assert error.cosine == pytest.approx(cosine, abs=1e-6)
        worse = float((squared > squared[row] * (1 + 1e-9)).mean())
        assert error.share_worse == pytest.approx(worse, abs=1e-9)
    assert corpus.typical == pytest.approx(np.median(squared) / spread, rel=1e-5)
    assert corpus.middle_half[0] < corpus.typical < corpus.middle_half[1]


def test_unusable_vectors_are_left_out_and_a_large_corpus_is_sampled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuilding, vectors, activations, _ = made_up(tmp_path)
    vectors[3], vectors[4], vectors[5] = np.nan, 0, 1e6
    corpus = corpus_errors(rebuilding, vectors, activations, bad_rows=np.array([3, 4, 5]))
    assert corpus is not None
    assert len(corpus.unexplained) == corpus.documents == N - 3
    assert corpus.unexplained.max() < 100
    monkeypatch.setattr(module, "MOST_SAMPLED", 70)
    monkeypatch.setattr("saedesk.features.near_misses._BLOCK", 10)
    sampled = corpus_errors(rebuilding, vectors, activations, bad_rows=np.array([3, 4, 5]), seed=1)
    assert sampled is not None
    assert 40 < len(sampled.unexplained) < N - 3
    assert sampled.documents == N - 3
    assert sampled.typical == pytest.approx(corpus.typical, rel=0.5)


def test_a_corpus_without_spread_has_nothing_to_compare_with(tmp_path: Path) -> None:
    rebuilding, vectors, activations, _ = made_up(tmp_path)
    assert corpus_errors(rebuilding, np.repeat(vectors[:1], N, axis=0), activations) is None
    every = np.arange(1, N)
    assert corpus_errors(rebuilding, vectors, activations, bad_rows=every) is None


@pytest.mark.parametrize(
    "kind", ["none", "unit", "centred", "per-dimension", "standardised", "fixed length"]
)
def test_reconstructions_are_those_of_the_sae_itself(kind: str) -> None:
    draw = np.random.default_rng(7)
    x = (draw.normal(size=(200, 16)) + 0.3).astype(np.float32)
    sae = saedesk.train(x, n_latents=24, k=4, steps=10, device="cpu", input_normalisation=kind)
    weights = {name: np.asarray(tensor) for name, tensor in folded(sae.parameters).items()}
    rebuilding = Rebuilding(weights["W_dec"], weights["pre_bias"], kind)
    codes, expected = sae.encode(x), sae.reconstruct(x).astype(np.float64)
    lengths = np.linalg.norm(x, axis=1)
    for row in range(0, 200, 20):
        code = codes[row]
        target, lacking = rebuilding.difference(x[row], code.indices, code.data)
        wanted, length = expected[row], lengths[row]
        if kind in ("standardised", "fixed length"):
            wanted = wanted / length
        if kind in ("none", "centred", "per-dimension"):
            length = 1.0
        assert target == pytest.approx(x[row] / length, abs=1e-6)
        assert target - lacking == pytest.approx(wanted, abs=1e-4)
