"""bartbussmann/BatchTopK and matryoshka_sae: sae.pt with config.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.any_format import load_sae
from tests.sae.formats import small_saes
from tests.sae.formats.small_saes import assert_takes_apart_as

LOG_THRESHOLDS = np.log(np.linspace(0.5, 4, 64)).astype(np.float32)


def write(folder: Path, kind: str | None, threshold: float | None = None, **more: Any) -> Path:
    a = small_saes.arrays()
    tensors = {
        "W_enc": small_saes.tensor(a["W_enc"].T),
        "W_dec": small_saes.tensor(a["W_dec"]),
        "b_enc": small_saes.tensor(a["b_enc"]),
        "b_dec": small_saes.tensor(a["b_dec"]),
    }
    if threshold is not None:
        tensors["threshold"] = torch.tensor(threshold)
    if kind == "jumprelu":
        tensors["jumprelu.log_threshold"] = small_saes.tensor(LOG_THRESHOLDS)
    torch.save(tensors, folder / "sae.pt")
    if kind is not None:
        settings = {"act_size": 16, "dict_size": 64, "top_k": 4, "dtype": "torch.float32"}
        settings |= {"input_unit_norm": False, "sae_type": kind} | more
        (folder / "config.json").write_text(json.dumps(settings))
    return folder


@pytest.mark.parametrize("unit_norm", [False, True])
@pytest.mark.parametrize(
    ("kind", "settings", "threshold"),
    [
        ("vanilla", {}, None),
        ("topk", {}, None),
        ("topk", {"use_encoder_bias": True}, None),
        ("topk", {"tied_weights": True}, None),
        ("batchtopk", {}, None),
        ("batchtopk", {}, 2.5),
        ("batchtopk", {}, 0.0),
        ("global-matryoshka-topk", {"group_sizes": [8, 8, 16, 32]}, 2.5),
        ("jumprelu", {}, None),
    ],
)
def test_codes_and_reconstructions_are_the_librarys(
    tmp_path: Path, kind: str, settings: dict, threshold: float | None, unit_norm: bool
) -> None:
    sae = load_sae(write(tmp_path, kind, threshold, input_unit_norm=unit_norm, **settings))
    a, x = small_saes.arrays(), small_saes.rows()
    seen, mean, deviation = small_saes.standardised(x) if unit_norm else (x, 0.0, 1.0)
    has_bias = kind in ("vanilla", "jumprelu") or "use_encoder_bias" in settings
    pre = small_saes.pre_activations(a, seen, bias=has_bias)
    if kind == "jumprelu":
        pre = pre + a["W_enc"].astype(np.float64) @ a["b_dec"]  # It reads x itself.
        z = np.where(pre > np.exp(LOG_THRESHOLDS), np.maximum(pre, 0), 0)
    elif kind == "vanilla":
        z = np.maximum(pre, 0)
    elif threshold is not None:
        z = np.where(pre > threshold, np.maximum(pre, 0), 0)
    else:
        z = small_saes.top_k(pre)
    if "tied_weights" in settings:
        a["W_dec"] = a["W_enc"]
    back = small_saes.rebuilt(a, z) * deviation + mean
    assert z.any()
    assert_takes_apart_as(sae, x, z, back, tmp_path / "saved")


def test_what_differs_from_the_library_or_is_odd_is_noted(tmp_path: Path) -> None:
    sae = load_sae(write(tmp_path, "batchtopk"))
    assert "whole batch" in sae.origin["notes"][0]
    sae = load_sae(write(tmp_path, "batchtopk", -1.0))
    assert "never learned" in sae.origin["notes"][0]
    sae = load_sae(write(tmp_path, "global-matryoshka-topk", 1.0, group_sizes="[4, 12, 48]"))
    assert sae.config.prefixes == (4, 16, 64)
    assert sae.origin["notes"] == []
    sae = load_sae(write(tmp_path, "global-matryoshka-topk", 1.0, group_sizes=[10, 20, 34]))
    assert "10, 30, 64" in sae.origin["notes"][0]


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("quantile", {}, "kind quantile"),
        ("topk", {"activation": "gelu"}, "activation gelu"),
        ("topk", {"top_k": 65}, "65"),
        ("topk", {"top_k": 0}, "it is 0"),
        (None, {}, "without the config.json"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, kind: str | None, settings: dict, words: str
) -> None:
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(write(tmp_path, kind, **settings))
