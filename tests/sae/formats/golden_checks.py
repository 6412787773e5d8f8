"""What every reader of another library's files is held to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from saedesk.sae.formats.any_format import load_sae
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from tests.sae.formats import golden_form

TOLERANCE = 1e-5
_FEW = 16
"""Rows encoded at once: many are searched in whatever precision is fastest on this processor,
which the tests of the products hold; a reader is held to float32."""


def codes_of(sae: SparseAutoencoder, vectors: np.ndarray) -> np.ndarray:
    """(n, n_latents), computed in float32 on every computer."""
    return np.vstack([sae.encode(rows).toarray() for rows in _few_at_once(vectors)])


def rebuilt_of(sae: SparseAutoencoder, vectors: np.ndarray) -> np.ndarray:
    """(n, d_in), from codes computed in float32 on every computer."""
    return np.vstack([sae.reconstruct(rows) for rows in _few_at_once(vectors)])


def _few_at_once(vectors: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(vectors), _FEW):
        yield vectors[start : start + _FEW]


def assert_same(sae: SparseAutoencoder, codes: np.ndarray, rebuilt: np.ndarray) -> None:
    """The same features are active, and all numbers agree within `TOLERANCE` relative.

    Relative to each activation, and for reconstructions to the length of the row, since a number
    near 0 is a difference of larger ones.
    """
    vectors = golden_form.vectors()
    found = codes_of(sae, vectors)
    assert np.array_equal(found > 0, codes > 0)
    np.testing.assert_allclose(found, codes, rtol=TOLERANCE, atol=TOLERANCE * 1e-2)
    lengths = np.linalg.norm(rebuilt, axis=1, keepdims=True)
    errors = np.abs(rebuilt_of(sae, vectors) - rebuilt) / lengths
    assert errors.max() < TOLERANCE


def assert_reads_as_the_library(library: str, variant: str, tmp_path: Path) -> SparseAutoencoder:
    """From the library's file, and again from saedesk's own after saving it."""
    sae = load_sae(golden_form.checkpoint(library, variant))
    codes, rebuilt = golden_form.expected(library, variant)
    assert codes.any(axis=1).all()
    assert_same(sae, codes, rebuilt)
    sae.save(tmp_path / "saved")
    again = load_sae(tmp_path / "saved")
    assert_same(again, codes, rebuilt)
    assert again.config == sae.config
    return sae
