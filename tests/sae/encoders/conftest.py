"""A small trained SAE and vectors it was trained on."""

from __future__ import annotations

import numpy as np
import pytest

import saedesk
from saedesk.sae.sparse_autoencoder import SparseAutoencoder


@pytest.fixture(scope="session")
def vectors() -> np.ndarray:
    """(900, 24) float32 of unit length, each a sum of a few of 60 directions."""
    generator = np.random.default_rng(5)
    directions = generator.standard_normal((60, 24))
    codes = generator.random((900, 60)) * (generator.random((900, 60)) < 0.08)
    x = codes @ directions + 0.1 * generator.standard_normal((900, 24)) + 0.3
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="session")
def sae(vectors: np.ndarray) -> SparseAutoencoder:
    """TopK with 64 latents, k 5."""
    return saedesk.train(vectors, n_latents=64, k=5, epochs=30, batch_size=128, learning_rate=3e-3)
