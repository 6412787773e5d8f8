"""What is dropped is told apart by names and headers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from saedesk.ui.shell.sae_signs import looks_like_sae

SAE = {"W_enc": np.zeros((4, 8), np.float32), "W_dec": np.zeros((8, 4), np.float32)}
VECTORS = {"vectors": np.zeros((8, 4), np.float32)}


@pytest.mark.parametrize(("tensors", "expected"), [(SAE, True), (VECTORS, False)])
def test_a_safetensors_file_is_told_by_the_names_in_it(
    tmp_path: Path, tensors: dict[str, np.ndarray], expected: bool
) -> None:
    save_file(tensors, tmp_path / "some.safetensors")
    np.savez(tmp_path / "some.npz", **tensors)
    assert looks_like_sae(tmp_path / "some.safetensors") is expected
    assert looks_like_sae(tmp_path / "some.npz") is expected


def test_a_header_that_is_none_is_looked_at_where_the_sentences_are(tmp_path: Path) -> None:
    (tmp_path / "cut.safetensors").write_bytes(b"\xff" * 20)
    assert looks_like_sae(tmp_path / "cut.safetensors")


def test_folders_are_searched_three_levels_down(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    (deep / "d").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("W_dec", "utf-8")
    assert not looks_like_sae(tmp_path)
    save_file(SAE, deep / "d" / "sae.safetensors")
    assert not looks_like_sae(tmp_path)
    save_file(SAE, deep / "sae.safetensors")
    assert looks_like_sae(tmp_path)
    # A store of vectors may hold the SAE that was made from them.
    np.save(tmp_path / "vectors.npy", VECTORS["vectors"])
    assert not looks_like_sae(tmp_path)
