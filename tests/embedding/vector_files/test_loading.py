"""`saedesk.load_vectors`: any file of vectors as one array."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import saedesk
from saedesk.errors import BadInput


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(7, 12)).astype(np.float32)


def test_a_plain_array_is_mapped(tmp_path: Path, vectors: np.ndarray) -> None:
    np.save(tmp_path / "v.npy", vectors)
    found = saedesk.load_vectors(tmp_path / "v.npy")
    assert isinstance(found, np.memmap)
    assert not found.flags.writeable
    np.testing.assert_array_equal(found, vectors)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["float16", "float64", ">f4"])
def test_other_numbers_become_float32(
    tmp_path: Path, vectors: np.ndarray, dtype: str, order: str
) -> None:
    stored = np.array(vectors, dtype=dtype, order=order)
    np.save(tmp_path / "v.npy", stored)
    found = saedesk.load_vectors(tmp_path / "v.npy")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, stored.astype(np.float32))


def test_one_of_several_tables_is_named(tmp_path: Path, vectors: np.ndarray) -> None:
    np.savez(tmp_path / "v.npz", plain=vectors, doubled=2 * vectors)
    found = saedesk.load_vectors(tmp_path / "v.npz", "doubled")
    np.testing.assert_array_equal(found, 2 * vectors)
    with pytest.raises(BadInput, match="“doubled”"):
        saedesk.load_vectors(tmp_path / "v.npz")


def test_a_row_without_a_vector_is_nan(tmp_path: Path, vectors: np.ndarray) -> None:
    rows = [{"id": str(i), "vector": row.tolist()} for i, row in enumerate(vectors)]
    rows[3]["vector"] = None
    file = tmp_path / "v.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = saedesk.load_vectors(file)
    assert np.isnan(found[3]).all()
    np.testing.assert_array_equal(np.delete(found, 3, 0), np.delete(vectors, 3, 0))


def test_steering_reads_and_returns_arrays(vectors: np.ndarray) -> None:
    sae = saedesk.train(
        np.tile(vectors, (4, 1)), n_latents=6, k=2, epochs=2, batch_size=14, device="cpu"
    )
    moved = saedesk.steer(vectors, {2: 0.8}, sae)
    assert moved.shape == vectors.shape
    np.testing.assert_array_equal(saedesk.steer(vectors[1], {2: 0.8}, sae), moved[1])
    cosine = (moved @ sae.decoder[2]) / np.linalg.norm(moved, axis=1)
    before = (vectors @ sae.decoder[2]) / np.linalg.norm(vectors, axis=1)
    assert (cosine > before).all()
