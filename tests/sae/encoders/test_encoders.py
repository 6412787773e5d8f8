"""Each encoder against a plain float64 version of its definition."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

import saedesk
from saedesk.errors import BadSetting
from saedesk.sae.architectures import architectures
from saedesk.sae.encoders import encoders, make_encoder
from saedesk.sae.encoders.optimised import descend
from saedesk.sae.sae_config import describe
from saedesk.sae.sparse_autoencoder import SparseAutoencoder


def _weights(sae: SparseAutoencoder) -> dict[str, np.ndarray]:
    return {name: tensor.double().numpy() for name, tensor in sae.parameters.items()}


def _pursued(sae: SparseAutoencoder, x: np.ndarray, k: int) -> np.ndarray:
    """Non-negative matching pursuit of one vector, as a textbook has it."""
    weights = _weights(sae)
    lengths = np.linalg.norm(weights["W_dec"], axis=1)
    decoder = weights["W_dec"] / lengths[:, None]
    z, residual = np.zeros(len(decoder)), x - weights["pre_bias"]
    for _ in range(k):
        along = decoder @ residual
        best = int(along.argmax())
        z[best] += max(0.0, along[best])
        residual = residual - max(0.0, along[best]) * decoder[best]
    return z / lengths


def _squared_error(sae: SparseAutoencoder, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    weights = _weights(sae)
    return ((x - z @ weights["W_dec"] - weights["pre_bias"]) ** 2).sum(1)


def test_own_is_the_default(sae: SparseAutoencoder, vectors: np.ndarray) -> None:
    assert (sae.encode(vectors) != sae.encode(vectors, encoder="own")).nnz == 0


def test_matching_pursuit_takes_as_many_steps_as_the_sae_has_features(
    sae: SparseAutoencoder, vectors: np.ndarray
) -> None:
    codes = sae.encode(vectors, encoder="matching_pursuit").toarray()
    expected = np.array([_pursued(sae, x, 5) for x in vectors.astype(np.float64)])
    assert ((codes > 0) == (expected > 0)).all(1).mean() > 0.99
    same = ((codes > 0) == (expected > 0)).all(1)
    np.testing.assert_allclose(codes[same], expected[same], atol=2e-6)


def test_matching_pursuit_on_a_decoder_of_other_lengths(
    sae: SparseAutoencoder, vectors: np.ndarray
) -> None:
    lengths = torch.linspace(0.5, 3.0, sae.n_latents)[:, None]
    longer = dataclasses.replace(
        sae, parameters={**sae.parameters, "W_dec": sae.parameters["W_dec"] * lengths}
    )
    plain = sae.encode(vectors, encoder="matching_pursuit")
    scaled = longer.encode(vectors, encoder="matching_pursuit")
    np.testing.assert_allclose(longer.decode(scaled), sae.decode(plain), atol=2e-6)


def test_a_bound_on_the_residual_ends_early(sae: SparseAutoencoder, vectors: np.ndarray) -> None:
    settings = {"steps": 20, "residual_bound": 0.3}
    bounded = sae.encode(vectors, encoder="matching_pursuit", settings=settings)
    x = vectors - sae.pre_bias
    left = np.linalg.norm(vectors - sae.decode(bounded), axis=1) / np.linalg.norm(x, axis=1)
    counts = np.diff(bounded.indptr)
    assert counts.min() < 10
    assert (left[counts < 10] <= 0.3 + 1e-5).all()


def test_the_threshold_gives_the_wanted_l0(sae: SparseAutoencoder, vectors: np.ndarray) -> None:
    own = sae.encode(vectors)
    codes = sae.encode(vectors, encoder="threshold")
    assert abs(codes.nnz - own.nnz) <= 1
    assert len(set(np.diff(codes.indptr))) > 3
    weights = _weights(sae)
    pre = (vectors - weights["pre_bias"]) @ weights["W_enc"].T + weights["b_enc"]
    theta = np.sort(pre.ravel())[::-1][own.nnz]
    expected = np.where(pre > theta, pre, 0)
    np.testing.assert_allclose(codes.toarray(), expected, atol=1e-5)
    eleven = sae.encode(vectors, encoder="threshold", settings={"l0": 11.0})
    assert eleven.nnz == 11 * len(vectors)


def test_a_fitted_encoder_encodes_one_vector_as_the_corpus(
    sae: SparseAutoencoder, vectors: np.ndarray
) -> None:
    for name in encoders():
        fitted = sae.fit_encoder(vectors, name)
        again = make_encoder(name, fitted.settings.as_json())
        corpus = sae.encode(vectors, encoder=fitted)[7].toarray()
        alone = sae.encode(vectors[7], encoder=again).toarray()
        np.testing.assert_allclose(alone, corpus, atol=2e-6)


@pytest.mark.parametrize(("candidates", "penalty"), [(1, 0.0), (4, 0.02)])
def test_optimising_never_does_worse_than_the_own_code(
    sae: SparseAutoencoder, vectors: np.ndarray, candidates: int, penalty: float
) -> None:
    x = vectors.astype(np.float64)
    own = sae.encode(vectors).toarray().astype(np.float64)
    settings = {"candidates": candidates, "penalty": penalty}
    found = sae.encode(vectors, encoder="optimised", settings=settings).toarray()
    found = found.astype(np.float64)
    before = _squared_error(sae, x, own) + penalty * own.sum(1)
    after = _squared_error(sae, x, found) + penalty * found.sum(1)
    assert (after <= before + 1e-6).all()
    assert after.mean() < 0.98 * before.mean()
    if candidates == 1:
        assert not ((found > 0) & (own == 0)).any()


def test_the_best_activations_of_the_own_features(
    sae: SparseAutoencoder, vectors: np.ndarray
) -> None:
    """Against scipy's non-negative least squares."""
    from scipy.optimize import nnls

    weights = _weights(sae)
    own = sae.encode(vectors).toarray()
    found = sae.encode(vectors, encoder="optimised", settings={"steps": 400}).toarray()
    for row in range(0, 900, 90):
        active = np.flatnonzero(own[row])
        best, _ = nnls(weights["W_dec"][active].T, vectors[row] - weights["pre_bias"])
        np.testing.assert_allclose(found[row, active], best, atol=1e-4)


def test_no_step_of_the_descent_goes_up() -> None:
    generator = torch.Generator().manual_seed(1)
    rows = torch.randn((40, 9, 6), generator=generator, dtype=torch.float64)
    x = torch.randn((40, 6), generator=generator, dtype=torch.float64)
    gram, along = rows @ rows.transpose(1, 2), (rows @ x[..., None])[..., 0]
    z = torch.rand((40, 9), generator=generator, dtype=torch.float64)
    values = []
    for steps in range(25):
        code = descend(gram, along, z, 0.1, steps)
        assert bool((code >= 0).all())
        error = ((code[:, None] @ rows)[:, 0] - x).square().sum(1)
        values.append(error + 0.1 * code.sum(1))
    grown = torch.stack(values).diff(dim=0)
    assert bool((grown <= 1e-12).all())
    assert float(values[-1].mean()) < float(values[0].mean())


@pytest.mark.parametrize("name", list(encoders()))
def test_rows_without_a_direction_have_no_code(
    sae: SparseAutoencoder, vectors: np.ndarray, name: str
) -> None:
    broken = vectors[:60].copy()
    broken[3] = np.nan
    codes = sae.encode(broken, encoder=name)
    kept = np.arange(60) != 3
    assert codes[3].nnz == 0
    whole = sae.encode(broken[kept], encoder=name)
    np.testing.assert_allclose(codes[kept].toarray(), whole.toarray(), atol=1e-5)
    assert sae.encode(vectors[:0], encoder=name).shape == (0, 64)


@pytest.mark.parametrize("kind", ["unit", "centred", "per-dimension"])
@pytest.mark.parametrize("name", list(encoders()))
def test_the_input_is_normalised_for_every_encoder(
    vectors: np.ndarray, kind: str, name: str
) -> None:
    scaled = vectors * np.linspace(0.2, 5, 24, dtype=np.float32) + 0.5
    sae = saedesk.train(
        scaled, n_latents=64, k=5, epochs=12, batch_size=128, learning_rate=3e-3,
        input_normalisation=kind,
    )  # fmt: skip
    codes = sae.encode(scaled, encoder=name)
    target = scaled
    if kind == "unit":
        target = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    error = ((sae.decode(codes) - target) ** 2).sum()
    chunks = sae.encode_chunks(scaled, encoder=name, with_error=True)
    assert sum(c.squared_error for c in chunks) == pytest.approx(error, rel=1e-3)
    assert error < 0.5 * ((target - target.mean(0)) ** 2).sum()


@pytest.mark.parametrize("architecture", list(architectures()))
def test_every_encoder_reads_every_architecture(vectors: np.ndarray, architecture: str) -> None:
    settings = architectures().get(architecture).settings_for_sparsity(6)
    sae = saedesk.train(
        vectors, architecture, n_latents=48, epochs=25, batch_size=100, learning_rate=3e-3,
        **settings,
    )  # fmt: skip
    spread = ((vectors - vectors.mean(0)) ** 2).sum()
    own = sae.encode(vectors)
    fvu = {}
    for name in encoders():
        codes = sae.encode(vectors, encoder=name)
        assert codes.data.min() > 0
        assert np.isfinite(codes.data).all()
        fvu[name] = ((sae.decode(codes) - vectors) ** 2).sum() / spread
    threshold = sae.encode(vectors, encoder="threshold")
    # A ReLU SAE without sparsity has all that is positive above its threshold of 0.
    assert threshold.nnz == pytest.approx(own.nnz, rel=0.01)
    assert fvu["optimised"] <= fvu["own"] + 1e-6
    if architecture != "matching_pursuit":  # Its dictionary cannot be read pointwise.
        assert fvu["threshold"] < 1.1 * fvu["own"] + 0.05
    assert fvu["matching_pursuit"] < fvu["own"] + 0.1


def test_unknown_names_and_settings_are_told(sae: SparseAutoencoder, vectors: np.ndarray) -> None:
    with pytest.raises(BadSetting, match=r"no encoder called “guess”.*matching_pursuit"):
        sae.encode(vectors, encoder="guess")
    with pytest.raises(BadSetting, match=r"“k” is no setting.*steps, residual_bound"):
        sae.encode(vectors, encoder="matching_pursuit", settings={"k": 3})
    with pytest.raises(BadSetting, match="Residual must lie between 0 and 1"):
        make_encoder("matching_pursuit", {"residual_bound": 2.0})


def test_every_setting_says_what_it_is() -> None:
    for name in encoders():
        encoder: Any = encoders().get(name)
        assert encoder.name == name
        assert encoder.about.endswith(".")
        infos = describe(encoder.Settings)
        assert len(infos) == len(dataclasses.fields(encoder.Settings))
        assert all(info.help and info.label and info.source for info in infos)
