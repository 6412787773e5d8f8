"""saerch: four tensors, k in the file's name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from saedesk.errors import BadCheckpoint, MissingK
from saedesk.sae.formats.any_format import inspect_sae, load_sae
from tests.sae.formats import small_saes
from tests.sae.formats.small_saes import assert_takes_apart_as


def write(path: Path, **changes: torch.Tensor | None) -> Path:
    a = small_saes.arrays()
    found = {
        "pre_bias": small_saes.tensor(a["b_dec"]),
        "latent_bias": small_saes.tensor(a["b_enc"]),
        "encoder.weight": small_saes.tensor(a["W_enc"]),
        "decoder.weight": small_saes.tensor(a["W_dec"].T),
    } | changes
    torch.save({n: t for n, t in found.items() if t is not None}, path)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "csLG_4_64_8.pth",
        "astroPH_4_64_8.pth",
        "4_64_8_auxk_epoch_50.pth",
        "4_64_8_auxk_csLG_epoch_137.pth",
    ],
)
def test_k_comes_from_the_name_and_codes_are_the_librarys(tmp_path: Path, name: str) -> None:
    sae = load_sae(write(tmp_path / name))
    assert (sae.architecture, sae.config.k, sae.config.k_aux) == ("topk", 4, 8)
    assert sae.origin["format"] == "saerch"
    assert sae.origin["file"] == name
    assert "4" in sae.origin["notes"][0]
    a, x = small_saes.arrays(), small_saes.rows()
    z = small_saes.top_k(small_saes.pre_activations(a, x))
    assert_takes_apart_as(sae, x, z, small_saes.rebuilt(a, z), tmp_path / "saved")


@pytest.mark.parametrize("name", ["4_64.pth", "csLG_4_64.pth"])
def test_two_numbers_are_enough_where_one_is_the_number_of_latents(
    tmp_path: Path, name: str
) -> None:
    seen = inspect_sae(write(tmp_path / name))
    assert (seen.k, seen.asks_for_k) == (4, False)
    assert "k = 4 was read from the file’s name." in seen.notes


@pytest.mark.parametrize(
    "name",
    [
        "sae.pth",
        "4_128_8_auxk_epoch_1.pth",
        "csLG_99_64_8.pth",
        "64_4.pth",
        "4_64_layer.pth",
        "12_4_64.pth",
        "99_64.pth",
    ],
)
def test_a_name_that_does_not_fit_asks_for_k(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name)
    seen = inspect_sae(path)
    assert seen.asks_for_k
    assert (seen.k, seen.n_latents, seen.d_in) == (None, 64, 16)
    with pytest.raises(MissingK, match="--k 64"):
        load_sae(path)
    assert load_sae(path, k=3).config.k == 3
    with pytest.raises(BadCheckpoint, match=r"65.*64"):
        load_sae(path, k=65)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"latent_bias": None}, "no tensor latent_bias"),
        ({"latent_bias": torch.zeros(63)}, r"latent_bias.*\(63,\).*encoder.weight.*\(64, 16\)"),
        ({"decoder.weight": torch.ones(64, 16)}, r"decoder.weight.*\(64, 16\).*\(64, 16\)"),
        ({"pre_bias": torch.full((16,), torch.nan)}, "16 numbers of pre_bias"),
        ({"decoder.weight": torch.zeros(16, 64)}, "64 features .* length zero"),
        ({"encoder.weight": torch.zeros(64, 16, dtype=torch.int64)}, "encoder.weight.*int64"),
        ({"encoder.weight": torch.zeros(64)}, "2 axes"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, changes: dict, words: str) -> None:
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(write(tmp_path / "csLG_4_64_8.pth", **changes))
