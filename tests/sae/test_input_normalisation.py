"""Normalisations by each vector's own numbers: exact, undone, and usable for training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import saedesk
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.encoders import make_encoder
from saedesk.sae.encoders.encoder_fidelity import encoder_fidelity
from saedesk.sae.input_normalisation import InputNormalisation, vector_as_seen
from saedesk.sae.training import TrainingLoop

D = 24
KINDS = ["standardised", "fixed length"]


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(300, 6)) @ generator.normal(size=(6, D)) + 0.3
    return (rows * generator.uniform(0.2, 5, size=(300, 1))).astype(np.float32)


def seen_and_back(kind: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x as the SAE sees it, and the factor and the summand that lead back, all float64."""
    x = x.astype(np.float64)
    if kind == "standardised":
        mean = x.mean(1, keepdims=True)
        spread = np.sqrt(((x - mean) ** 2).sum(1, keepdims=True) / (x.shape[1] - 1))
        return (x - mean) / (spread + 1e-5), spread, mean
    scale = np.linalg.norm(x, axis=1, keepdims=True) / np.sqrt(x.shape[1])
    return x / scale, scale, np.zeros_like(scale)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_normalised_and_brought_back_by_their_own_numbers(
    vectors: np.ndarray, kind: str
) -> None:
    x = torch.from_numpy(vectors)
    normalisation = InputNormalisation.fit(kind, x)
    seen, factor, summand = seen_and_back(kind, vectors)
    np.testing.assert_allclose(normalisation.apply(x).numpy(), seen, rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(
        vector_as_seen(kind, vectors[3], normalisation.tensors()), seen[3], rtol=2e-5, atol=2e-5
    )
    back = normalisation.undo(torch.ones_like(x), x).numpy()
    np.testing.assert_allclose(back, np.broadcast_to(factor + summand, back.shape), rtol=1e-5)
    zero = normalisation.apply(torch.zeros(1, D))
    assert zero.isfinite().all()
    assert not zero.any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("architecture", ["topk", "jump_relu"])
def test_reconstructions_and_their_error_are_those_of_the_vectors(
    vectors: np.ndarray, kind: str, architecture: str
) -> None:
    sae = saedesk.train(
        vectors,
        architecture,
        n_latents=48,
        steps=60,
        learning_rate=1e-2,
        device="cpu",
        input_normalisation=kind,
    )
    _, factor, summand = seen_and_back(kind, vectors)
    z = sae.encode(vectors)
    decoder, bias = sae.parameters["W_dec"].double(), sae.parameters["pre_bias"].double()
    expected = (z.toarray() @ decoder.numpy() + bias.numpy()) * factor + summand
    rebuilt = sae.reconstruct(vectors)
    assert rebuilt.dtype == np.float32
    np.testing.assert_allclose(rebuilt, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(sae.reconstruct(vectors[5]), sae.reconstruct(vectors[5:6])[0])
    error = float(((expected - vectors) ** 2).sum())
    measured = sum(c.squared_error or 0 for c in sae.encode_chunks(vectors, with_error=True))
    assert measured == pytest.approx(error, rel=1e-3)
    spread = float(((vectors - vectors.mean(0, dtype=np.float64)) ** 2).sum())
    fidelity = encoder_fidelity(sae, make_encoder("own", None), vectors)
    assert fidelity.fvu == pytest.approx(error / spread, rel=1e-3)
    assert fidelity.fvu < 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_of_length_1_are_decoded_without_being_known(
    vectors: np.ndarray, kind: str
) -> None:
    x = vectors - vectors.mean(1, keepdims=True)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    sae = saedesk.train(x, n_latents=32, k=4, steps=20, device="cpu", input_normalisation=kind)
    decoded, rebuilt = sae.decode(sae.encode(x)), sae.reconstruct(x)
    # The unbiased standard deviation divides by d − 1.
    tolerance = 1e-5 if kind == "fixed length" else 0.6 / D
    np.testing.assert_allclose(decoded, rebuilt, rtol=tolerance, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("revival", ["auxk", "resample"])
def test_training_sees_normalised_rows_and_revives_dead_features(
    vectors: np.ndarray, tmp_path: Path, kind: str, revival: str
) -> None:
    """Lengths differ 25 times here, so what they hide would keep most features dead."""
    config = TopKConfig(
        n_latents=40,
        k=3,
        learning_rate=1e-2,
        revival=revival,
        dead_after_steps=5,
        batch_size=64,
        input_normalisation=kind,
    )
    loop = TrainingLoop(vectors, "topk", config, steps=120, device="cpu")
    result = loop.run()
    last = result.curve[-1]
    held_out = loop.training.rows.held_out
    seen, _, _ = seen_and_back(kind, vectors[held_out])
    weights = {n: t.double().numpy() for n, t in result.sae.parameters.items()}
    z = result.sae.encode(vectors[held_out]).toarray()
    error = ((z @ weights["W_dec"] + weights["pre_bias"] - seen) ** 2).sum()
    assert last.fvu == pytest.approx(error / ((seen - seen.mean(0)) ** 2).sum(), rel=1e-3)
    assert last.fvu < 0.6
    used = (result.sae.encode(vectors) > 0).sum(0)
    assert int((np.asarray(used) > 0).sum()) >= 30
    result.sae.save(tmp_path)
    again = saedesk.load_sae(tmp_path)
    assert (again.encode(vectors) != result.sae.encode(vectors)).nnz == 0
