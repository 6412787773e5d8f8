from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from saedesk.embedding.shipped_vectors import ShippedVectors, write_shipped_vectors
from saedesk.embedding.text_hashes import hash_array, text_hash
from saedesk.errors import BadInput


@pytest.fixture
def store(tmp_path: Path) -> tuple[Path, list[str], np.ndarray]:
    rng = np.random.default_rng(0)
    texts = [f"text {number}" for number in range(300)]
    vectors = rng.normal(size=(300, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    hashes = hash_array(text_hash(text) for text in texts)
    write_shipped_vectors(tmp_path / "store", "a model", "0123456789abcdef", hashes, vectors)
    return tmp_path / "store", texts, vectors


def test_vectors_come_back_by_text(store: tuple[Path, list[str], np.ndarray]) -> None:
    folder, texts, vectors = store
    shipped = ShippedVectors.open(folder)
    wanted = [texts[7], "unknown", texts[299], texts[7]]
    found, rows = shipped.lookup(hash_array(text_hash(text) for text in wanted))
    assert found.tolist() == [True, False, True, True]
    assert np.abs(rows[[0, 2]] - vectors[[7, 299]]).max() < 1e-3
    assert np.allclose(np.linalg.norm(rows[found], axis=1), 1.0, atol=1e-6)
    assert not rows[1].any()
    assert rows.dtype == np.float32
    assert shipped.about.model_fingerprint == "0123456789abcdef"


def test_a_text_that_occurs_twice_is_kept_once(tmp_path: Path) -> None:
    hashes = hash_array(text_hash(text) for text in ["a", "b", "a"])
    about = write_shipped_vectors(tmp_path, "m", "f", hashes, np.eye(3, dtype=np.float32))
    assert about.texts == 2
    found, rows = ShippedVectors.open(tmp_path).lookup(hashes)
    assert found.all()
    assert rows.tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("damage", ["missing", "truncated", "count", "object", "about"])
def test_damaged_stores_are_refused(store: tuple[Path, list[str], np.ndarray], damage: str) -> None:
    folder = store[0]
    vectors, about = folder / "vectors.npy", folder / "about.json"
    if damage == "missing":
        vectors.unlink()
    elif damage == "truncated":
        vectors.write_bytes(vectors.read_bytes()[:500])
    elif damage == "count":
        about.write_text(json.dumps(json.loads(about.read_text()) | {"texts": 299}))
    elif damage == "object":
        np.save(vectors, np.array([{"a": 1}] * 300, dtype=object), allow_pickle=True)
    else:
        about.write_text("[]")
    with pytest.raises(BadInput, match=r"(?i)install the program again"):
        ShippedVectors.open(folder)
