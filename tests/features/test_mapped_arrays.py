"""Asking for a file changes nothing, whatever is asked for."""

from __future__ import annotations

import os

import numpy as np
import pytest

from saedesk.features.mapped_arrays import open_mapped, read_ahead


def test_reading_ahead_is_only_a_wish(tmp_path):
    for name, array in {"some": np.arange(9000).reshape(-1, 3), "none": np.empty((0, 3))}.items():
        np.save(tmp_path / f"{name}.npy", array)
        mapped = open_mapped(tmp_path / f"{name}.npy")
        read_ahead(mapped)
        read_ahead(np.asarray(mapped))
        read_ahead(mapped, np.zeros(0, int))
        assert mapped.tolist() == array.tolist()


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system takes no such wishes")
def test_neighbouring_rows_are_asked_for_together(tmp_path, monkeypatch):
    np.save(tmp_path / "rows.npy", np.zeros((500, 7), np.float32))
    mapped = open_mapped(tmp_path / "rows.npy")
    asked = []
    monkeypatch.setattr(
        os, "posix_fadvise", lambda _, start, length, __: asked.append((start, length))
    )
    read_ahead(mapped, np.array([0, 1, 2, 9, 40, 41]))
    row = 7 * 4
    assert asked == [(128, 3 * row), (128 + 9 * row, row), (128 + 40 * row, 2 * row)]
    asked.clear()
    read_ahead(mapped)
    assert asked == [(0, 0)]
