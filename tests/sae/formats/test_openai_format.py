"""openai/sparse_autoencoder: ReLU and TopK, the latter on standardised vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saedesk.errors import BadCheckpoint, MissingK
from saedesk.sae.formats.any_format import inspect_sae, load_sae
from tests.sae.formats import small_saes
from tests.sae.formats.small_saes import assert_takes_apart_as


def write(path: Path, tied: bool = False, **settings: Any) -> Path:
    a = small_saes.arrays()
    decoder = (
        {"decoder.linear.weight": small_saes.tensor(a["W_enc"])}
        if tied
        else {"decoder.weight": small_saes.tensor(a["W_dec"].T)}
    )
    content = {
        "pre_bias": small_saes.tensor(a["b_dec"]),
        "latent_bias": small_saes.tensor(a["b_enc"]),
        "encoder.weight": small_saes.tensor(a["W_enc"]),
        "stats_last_nonzero": torch.zeros(64, dtype=torch.int64),
        "latents_activation_frequency": torch.ones(64),
        "latents_mean_square": torch.zeros(64),
    }
    torch.save(content | decoder | settings, path)
    return path


TOP_K = {"k": 4, "postact_fn": "ReLU"}


@pytest.mark.parametrize(
    "settings",
    [
        {"activation_state_dict": TOP_K},
        {"activation.k": 4, "activation.postact_fn": "ReLU", "activation_state_dict": {}},
    ],
)
def test_topk_standardises_and_brings_back(tmp_path: Path, settings: dict) -> None:
    sae = load_sae(write(tmp_path / "8.pt", activation="TopK", **settings))
    assert (sae.architecture, sae.config.k) == ("topk", 4)
    assert sae.origin["settings"]["activation"] == "TopK"
    a, x = small_saes.arrays(), small_saes.rows()
    seen, mean, deviation = small_saes.standardised(x)
    z = small_saes.top_k(small_saes.pre_activations(a, seen))
    back = small_saes.rebuilt(a, z) * deviation + mean
    assert_takes_apart_as(sae, x, z, back, tmp_path / "saved")


@pytest.mark.parametrize("tied", [False, True])
def test_relu_takes_vectors_as_they_are(tmp_path: Path, tied: bool) -> None:
    sae = load_sae(write(tmp_path / "8.pt", tied, activation="ReLU", activation_state_dict={}))
    a, x = small_saes.arrays(), small_saes.rows()
    z = np.maximum(small_saes.pre_activations(a, x), 0)
    if tied:
        a["W_dec"] = a["W_enc"]
    assert sae.architecture == "relu_l1"
    assert_takes_apart_as(sae, x, z, small_saes.rebuilt(a, z), tmp_path / "saved")


def test_other_activations_are_named_and_a_missing_k_is_asked_for(tmp_path: Path) -> None:
    for settings, words in [
        ({"activation": "Identity"}, "activation Identity"),
        (
            {"activation": "TopK", "activation_state_dict": {"k": 4, "postact_fn": "Identity"}},
            "TopK with Identity",
        ),
    ]:
        with pytest.raises(BadCheckpoint, match=words):
            load_sae(write(tmp_path / "8.pt", **settings))
    path = write(tmp_path / "8.pt", activation="TopK")
    assert inspect_sae(path).asks_for_k
    with pytest.raises(MissingK, match="--k"):
        load_sae(path)
    assert load_sae(path, k=5).config.k == 5
