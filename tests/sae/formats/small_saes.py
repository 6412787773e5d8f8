"""Small SAEs in the layouts of libraries that do not install, and what those make of vectors.

The mathematics of each library is written out again here, in float64 and numpy.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from saedesk.sae.formats import saedesk_format
from saedesk.sae.formats.any_format import load_sae
from saedesk.sae.sparse_autoencoder import SparseAutoencoder

D_IN, N_LATENTS, K = 16, 64, 4
Arrays = dict[str, np.ndarray]


def rows(count: int = 64) -> np.ndarray:
    """(count, 16) float32 of different lengths, with a mean that is not 0."""
    generator = np.random.default_rng(5)
    scale = generator.uniform(0.3, 3, size=(count, 1))
    return ((generator.normal(size=(count, D_IN)) + 0.2) * scale).astype(np.float32)


def arrays(seed: int = 0) -> Arrays:
    """W_enc, W_dec (64, 16), b_enc (64,), b_dec (16,) float32, decoder rows of odd lengths."""
    generator = np.random.default_rng(seed)
    decoder = generator.normal(size=(N_LATENTS, D_IN)) * generator.uniform(0.5, 2, (N_LATENTS, 1))
    found = {
        "W_enc": decoder + 0.2 * generator.normal(size=decoder.shape),
        "W_dec": decoder,
        "b_enc": 0.3 * generator.normal(size=N_LATENTS),
        "b_dec": 0.5 * generator.normal(size=D_IN),
    }
    return {name: array.astype(np.float32) for name, array in found.items()}


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


def pre_activations(a: Arrays, x: np.ndarray, *, bias: bool = True) -> np.ndarray:
    """(x − b_dec) W_encᵀ + b_enc in float64."""
    pre = (x.astype(np.float64) - a["b_dec"]) @ a["W_enc"].T.astype(np.float64)
    return pre + a["b_enc"] if bias else pre


def top_k(pre: np.ndarray, k: int = K) -> np.ndarray:
    """ReLU of the k largest of each row, 0 elsewhere."""
    z = np.zeros_like(pre)
    chosen = np.argsort(-pre, axis=1)[:, :k]
    np.put_along_axis(z, chosen, np.take_along_axis(pre, chosen, 1), 1)
    return np.maximum(z, 0)


def rebuilt(a: Arrays, z: np.ndarray) -> np.ndarray:
    return z @ a["W_dec"].astype(np.float64) + a["b_dec"]


def standardised(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """LN of openai/sparse_autoencoder: normalised rows, mean and (unbiased) deviation."""
    mean = x.astype(np.float64).mean(1, keepdims=True)
    deviation = x.astype(np.float64).std(1, ddof=1, keepdims=True)
    return (x - mean) / (deviation + 1e-5), mean, deviation


def assert_takes_apart_as(
    sae: SparseAutoencoder, x: np.ndarray, codes: np.ndarray, back: np.ndarray, folder: Path
) -> None:
    """Codes (n, 64) and reconstructions (n, 16) agree within 1e-5, also after save and load."""
    sae.save(folder)
    for one in (sae, load_sae(folder), saedesk_format.load_sae(folder)):
        found = one.encode(x).toarray()
        assert np.array_equal(found > 0, codes > 0)
        np.testing.assert_allclose(found, codes, rtol=1e-5, atol=1e-5 * codes.max())
        errors = np.abs(one.reconstruct(x) - back).max(1) / np.linalg.norm(back, axis=1)
        assert errors.max() < 1e-5
    assert saedesk_format.load_sae(folder).origin == sae.origin
