"""Gemma Scope: JumpReLU in params.npz or params.safetensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.any_format import find_saes, load_sae
from tests.sae.formats import small_saes
from tests.sae.formats.small_saes import Arrays, assert_takes_apart_as

# The first two let every positive activation pass.
THRESHOLDS = np.concatenate([[0.0, -0.5], np.linspace(0.5, 4, 62)]).astype(np.float32)


def published(**changes: np.ndarray | None) -> Arrays:
    a = small_saes.arrays()
    found = {**a, "W_enc": np.ascontiguousarray(a["W_enc"].T), "threshold": THRESHOLDS, **changes}
    return {name: array for name, array in found.items() if array is not None}


@pytest.mark.parametrize("release", [1, 2])
def test_codes_and_reconstructions_are_the_librarys(tmp_path: Path, release: int) -> None:
    folder = tmp_path / "average_l0_82"
    folder.mkdir()
    if release == 1:
        np.savez(folder / "params.npz", **published())
    else:
        lower = {name.lower(): array for name, array in published().items()}
        save_file(lower, folder / "params.safetensors")
    a, x = small_saes.arrays(), small_saes.rows()
    pre = x.astype(np.float64) @ a["W_enc"].T + a["b_enc"]
    z = np.where(pre > THRESHOLDS, np.maximum(pre, 0), 0)
    assert find_saes(tmp_path) == (folder,)
    sae = load_sae(folder)
    assert (sae.architecture, sae.origin["format"]) == ("jump_relu", "Gemma Scope")
    assert_takes_apart_as(sae, x, z, small_saes.rebuilt(a, z), tmp_path / "saved")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"threshold": None}, "no tensor threshold"),
        ({"threshold": THRESHOLDS[1:]}, r"threshold.*\(63,\).*w_enc.*\(16, 64\)"),
        ({"b_dec": np.full(16, np.inf, np.float32)}, "16 numbers of b_dec"),
        ({"scaling_factor": np.full(64, 2, np.float32)}, "scaling_factor"),
        ({"affine_skip_connection": np.zeros((16, 16), np.float32)}, "transcoder"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, changes: Arrays, words: str) -> None:
    np.savez(tmp_path / "params.npz", **published(**changes))
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(tmp_path)
