from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.embedding import vector_faults
from saedesk.embedding.vector_faults import find_bad_rows


def test_rows_are_found_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_faults, "VALUES_AT_ONCE", 40)
    vectors = np.random.default_rng(0).normal(size=(103, 8)).astype(np.float32)
    vectors[[0, 57, 102]] = 0
    vectors[4, 3], vectors[58, 0], vectors[101, 7] = np.nan, np.inf, -np.inf
    np.save(tmp_path / "vectors.npy", vectors)
    bad = find_bad_rows(np.load(tmp_path / "vectors.npy", mmap_mode="r"))
    assert bad.zero.tolist() == [0, 57, 102]
    assert bad.not_finite.tolist() == [4, 58, 101]
    assert bad.count == 6


def test_a_row_of_zeros_and_nan_is_not_finite_only() -> None:
    bad = find_bad_rows(np.array([[0.0, np.nan], [0.0, -0.0], [1e-45, 0.0]], dtype=np.float32))
    assert (bad.zero.tolist(), bad.not_finite.tolist()) == ([1], [0])


def test_no_rows() -> None:
    assert find_bad_rows(np.zeros((0, 5), np.float16)).count == 0
