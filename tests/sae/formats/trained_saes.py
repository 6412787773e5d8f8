"""Small SAEs of every architecture and input, to be given away in tests."""

from __future__ import annotations

import numpy as np

import saedesk
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from tests.sae.formats.golden_form import D_IN, N_LATENTS, K

ARCHITECTURES = ("topk", "batch_topk", "matryoshka", "jump_relu", "relu_l1", "gated")
NORMALISATIONS = ("none", "unit", "centred", "per-dimension", "standardised", "fixed length")
TOLERANCE = 1e-5


def documents(count: int = 400) -> np.ndarray:
    """(count, 16) float32 of different lengths, spreads and with a mean."""
    generator = np.random.default_rng(5)
    centres = generator.normal(size=(12, D_IN))
    rows = centres[generator.integers(12, size=count)] + generator.normal(size=(count, D_IN)) * 0.4
    rows *= np.linspace(0.5, 2, D_IN) * generator.uniform(0.5, 2, size=(count, 1))
    return (rows + 0.3).astype(np.float32)


def trained(architecture: str, normalisation: str = "none") -> SparseAutoencoder:
    """After a few steps, so that every weight is its own."""
    settings = {"k": K} if architecture in {"topk", "batch_topk", "matryoshka"} else {}
    return saedesk.train(
        documents(),
        architecture,
        n_latents=N_LATENTS,
        steps=20,
        batch_size=100,
        learning_rate=1e-2,
        input_normalisation=normalisation,
        device="cpu",
        **settings,
    )


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    """Within `TOLERANCE` of the largest number of each row."""
    largest = np.abs(expected).max(axis=1, keepdims=True)
    assert (np.abs(found - expected) / np.maximum(largest, 1e-6)).max() < TOLERANCE
