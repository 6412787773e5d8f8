"""enjalot/latent-sae: folders as sparsify writes them, with other choices of features."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from saedesk.errors import BadCheckpoint, MissingK
from saedesk.sae.formats.any_format import inspect_sae, load_sae
from tests.sae.formats import small_saes
from tests.sae.formats.small_saes import assert_takes_apart_as

LOG_THRESHOLDS = np.log(np.linspace(0.5, 4, 64)).astype(np.float32)
THRESHOLD = 9.0
MEAN = np.linspace(-1, 1, 16).astype(np.float32)


def write(
    folder: Path, kind: str | None, more: dict[str, Any] | None = None, **settings: Any
) -> Path:
    a = small_saes.arrays()
    tensors = {
        "encoder.weight": small_saes.tensor(a["W_enc"]),
        "encoder.bias": small_saes.tensor(a["b_enc"]),
        "W_dec": small_saes.tensor(a["W_dec"]),
        "b_dec": small_saes.tensor(a["b_dec"]),
    } | (more or {})
    folder.mkdir(exist_ok=True)
    save_file({n: t for n, t in tensors.items() if t is not None}, folder / "sae.safetensors")
    found = {"expansion_factor": 4, "normalize_decoder": True, "num_latents": 0, "k": 4}
    found |= {"multi_topk": False, "d_in": 16} | ({"sae_type": kind} if kind else {}) | settings
    (folder / "cfg.json").write_text(json.dumps(found))
    return folder


def threshold(value: float) -> dict[str, torch.Tensor]:
    return {"batchtopk_threshold": torch.tensor(value)}


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize(
    ("kind", "more", "settings", "architecture"),
    [
        (None, {}, {}, "topk"),
        ("TOPK", {}, {}, "topk"),
        ("topk", {}, {}, "topk"),
        ("MATRYOSHKA", {}, {"matryoshka_sizes": "16,64", "matryoshka_ks": "2,6"}, "topk"),
        ("BATCHTOPK", threshold(THRESHOLD), {}, "batch_topk"),
        ("BATCHTOPK", threshold(0.0), {}, "topk"),
        ("JUMPRELU", {"log_threshold": small_saes.tensor(LOG_THRESHOLDS)}, {}, "jump_relu"),
    ],
)
def test_codes_and_reconstructions_are_the_librarys(
    tmp_path: Path, kind: str | None, more: dict, settings: dict, architecture: str, centred: bool
) -> None:
    if centred:
        more, settings = (
            more | {"input_mean": small_saes.tensor(MEAN)},
            settings | {"mean_center": True},
        )
    sae = load_sae(write(tmp_path / "64_8", kind, more, **settings))
    a, x = small_saes.arrays(), small_saes.rows()
    mean = MEAN if centred else 0.0
    pre = small_saes.pre_activations(a, x - mean)
    if kind == "JUMPRELU":
        z = np.where(pre > np.exp(LOG_THRESHOLDS), pre, 0)
    else:
        z = small_saes.top_k(pre, 6 if kind == "MATRYOSHKA" else 4)
    if architecture == "batch_topk":
        z = np.where(z >= THRESHOLD, z, 0)
        # Both make a difference: the threshold, and that there are k at most.
        assert ((z > 0).sum(1) < 4).any()
        assert ((pre > THRESHOLD).sum(1) > 4).any()
    assert sae.architecture == architecture
    assert_takes_apart_as(sae, x, z, small_saes.rebuilt(a, z) + mean, tmp_path / "saved")


def test_what_a_person_should_know_is_noted(tmp_path: Path) -> None:
    sae = load_sae(write(tmp_path, "BATCHTOPK", threshold(0.0)))
    assert "never learned" in sae.origin["notes"][0]
    sae = load_sae(write(tmp_path, "MATRYOSHKA", matryoshka_sizes="16,64", matryoshka_ks="2,6"))
    assert sae.config.k == 6
    assert "first 16" in sae.origin["notes"][0]
    exponents = {"log_threshold": small_saes.tensor(LOG_THRESHOLDS)}
    assert load_sae(write(tmp_path, "JUMPRELU", exponents)).origin["notes"] == []
    sae = load_sae(write(tmp_path, "JUMPRELU", exponents, jumprelu_max_active=10))
    assert "10 strongest" in sae.origin["notes"][0]


def test_the_folder_is_described_before_it_is_loaded(tmp_path: Path) -> None:
    folder = write(tmp_path / "64_8", "TOPK")
    seen = inspect_sae(folder)
    assert (seen.format, seen.architecture) == ("sparsify / latent-sae", "topk")
    assert (seen.d_in, seen.n_latents, seen.k, seen.asks_for_k) == (16, 64, 4, False)
    assert seen.size_bytes == (folder / "sae.safetensors").stat().st_size
    assert seen.settings["expansion_factor"] == 4
    assert inspect_sae(folder / "sae.safetensors").k == 4
    write(folder, "TOPK", k=None)
    assert inspect_sae(folder).asks_for_k
    with pytest.raises(MissingK, match="--k"):
        load_sae(folder)


W = torch.ones(64, 16)


@pytest.mark.parametrize(
    ("kind", "more", "settings", "words"),
    [
        ("LISTA", {}, {}, "kind LISTA"),
        ("COSINE", {}, {}, "kind COSINE"),
        ("ABSTOPK", {}, {}, "kind ABSTOPK"),
        (
            "GATED",
            {
                "encoder.weight": None,
                "encoder.bias": None,
                "W_gate.weight": W,
                "W_mag.weight": W + 1,
            },
            {},
            "kind GATED",
        ),
        (None, {"W_gate.weight": W}, {}, "kind GATED"),
        (None, {}, {"transcode": True}, "transcoder"),
        (None, {}, {"skip_connection": True}, "skip connection"),
        (None, {"W_skip": torch.zeros(16, 16)}, {}, "skip connection"),
        (None, {"W_skip_up.weight": torch.zeros(16, 2)}, {}, "skip connection"),
        (None, {}, {"activation": "groupmax"}, "activation groupmax"),
        (None, {}, {"signed": True}, "kind signed"),
        (None, {}, {"d_in": 384}, r"\(64, 16\).*d_in is 384"),
        (None, {}, {"num_latents": 65}, "num_latents is 65"),
        (None, {}, {"k": 65}, "65"),
        ("BATCHTOPK", {}, {}, "no tensor batchtopk_threshold"),
        ("JUMPRELU", {}, {}, "no tensor log_threshold"),
        (None, {"W_dec": None}, {}, "no tensor W_dec"),
        (None, {"b_dec": torch.full((16,), torch.inf)}, {}, "16 numbers of b_dec"),
    ],
)
def test_what_saedesk_does_not_know_is_named(
    tmp_path: Path, kind: str | None, more: dict, settings: dict, words: str
) -> None:
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(write(tmp_path, kind, more, **settings))
