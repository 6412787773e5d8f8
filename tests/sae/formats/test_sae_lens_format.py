"""Folders of SAELens: as the library itself reads them, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from saedesk.errors import BadCheckpoint, MissingK
from saedesk.sae.formats.any_format import inspect_sae, load_sae
from tests.sae.formats import golden_form
from tests.sae.formats.golden_checks import assert_reads_as_the_library, codes_of, rebuilt_of

LIBRARY = "saelens"
ARCHITECTURES = {
    "standard": "relu_l1",
    "topk": "topk",
    "jumprelu": "jump_relu",
    "gated": "gated",
    "batchtopk": "jump_relu",
    "batchtopk_in_training": "batch_topk",
    "matryoshka_batchtopk_in_training": "matryoshka",
}
WEIGHTS, SETTINGS = "sae_weights.safetensors", "cfg.json"


@pytest.mark.parametrize("variant", golden_form.variants(LIBRARY))
def test_codes_and_reconstructions_are_those_of_saelens(variant: str, tmp_path: Path) -> None:
    sae = assert_reads_as_the_library(LIBRARY, variant, tmp_path)
    assert (sae.d_in, sae.n_latents) == (golden_form.D_IN, golden_form.N_LATENTS)
    assert sae.origin["format"] == "SAELens"


@pytest.mark.parametrize(("variant", "architecture"), ARCHITECTURES.items())
def test_a_folder_is_described(variant: str, architecture: str) -> None:
    found = inspect_sae(golden_form.checkpoint(LIBRARY, variant))
    assert (found.format, found.architecture, found.asks_for_k) == ("SAELens", architecture, False)
    has_k = architecture in {"topk", "batch_topk", "matryoshka"}
    assert found.k == (golden_form.K if has_k else None)
    assert found.settings["d_sae"] == golden_form.N_LATENTS


def test_what_was_folded_is_told() -> None:
    notes = {
        variant: " ".join(inspect_sae(golden_form.checkpoint(LIBRARY, variant)).notes)
        for variant in golden_form.variants(LIBRARY)
    }
    assert notes["topk"] == ""
    assert "no bias away" in notes["gated_no_input_bias"]
    assert "lengths of the decoder" in notes["topk_rescaled_in_training"]
    assert "mean length of √d" in notes["standard_expected_average_only_in"]
    assert "Trained as BatchTopK" in notes["batchtopk"]
    assert "first 8, 24, 64 features" in notes["matryoshka_batchtopk_in_training"]


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("matching_pursuit", "“matching_pursuit” of SAELens.*It reads standard, topk"),
        ("covariance_whitening", "by “covariance_whitening”.*Fold it into the weights"),
    ],
)
def test_what_cannot_be_used_is_named(variant: str, words: str) -> None:
    assert variant in golden_form.variants(LIBRARY, refused=True)
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(golden_form.checkpoint(LIBRARY, variant))


def changed(
    tmp_path: Path,
    variant: str = "standard",
    tensors: dict[str, torch.Tensor | None] | None = None,
    **settings: Any,
) -> Path:
    """A copy of a golden folder with other settings and tensors; None takes one away."""
    folder = tmp_path / "changed"
    shutil.copytree(golden_form.checkpoint(LIBRARY, variant), folder)
    content = json.loads((folder / SETTINGS).read_text()) | settings
    content = {name: value for name, value in content.items() if value != "gone"}
    (folder / SETTINGS).write_text(json.dumps(content))
    stored = load_file(folder / WEIGHTS) | (tensors or {})
    save_file({n: t for n, t in stored.items() if t is not None}, folder / WEIGHTS)
    return folder


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"architecture": "transcoder"}, "“transcoder” of SAELens.*other vectors"),
        ({"architecture": "my_own", "d_out": 12}, "“my_own” of SAELens.*other vectors"),
        ({"architecture": "abstopk"}, "can be negative"),
        ({"reshape_activations": "hook_z"}, "hook_z"),
        ({"d_out": 12}, "is a transcoder"),
        ({"d_sae": 65}, "d_sae is 65; the weights.*have 64"),
        ({"d_in": 384}, "d_in is 384; the weights.*have 16"),
        (
            {"metadata": "gone", "architecture": "gone", "activation_fn_str": "tanh-relu"},
            "“tanh-relu” of SAELens",
        ),
        ({"metadata": "gone", "reshape_activations": "gone", "hook_point": "a.hook_z"}, "hook_z"),
        ({"normalize_activations": ["layer_norm"]}, "normalises its input by"),
    ],
)
def test_settings_that_change_the_meaning_are_refused(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(changed(tmp_path, **settings))


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({"b_enc": None}, "no tensor b_enc"),
        ({"b_dec": torch.ones(17)}, r"b_dec .*\(17,\)"),
        ({"W_enc": torch.full((16, 64), torch.nan)}, "1,024 numbers of W_enc"),
        ({"W_dec": torch.zeros(64, 16)}, "length zero"),
    ],
)
def test_damaged_tensors_are_refused(
    tmp_path: Path, tensors: dict[str, torch.Tensor | None], words: str
) -> None:
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(changed(tmp_path, tensors=tensors))


def test_weights_without_their_settings_ask_for_them(tmp_path: Path) -> None:
    folder = changed(tmp_path)
    (folder / SETTINGS).unlink()
    with pytest.raises(BadCheckpoint, match=r"without its cfg\.json"):
        load_sae(folder)


def test_k_is_asked_for_where_the_settings_have_none(tmp_path: Path) -> None:
    folder = changed(tmp_path, "topk", k="gone")
    with pytest.raises(MissingK):
        load_sae(folder)
    assert inspect_sae(folder).asks_for_k
    codes, _ = golden_form.expected(LIBRARY, "topk")
    found = codes_of(load_sae(folder, k=golden_form.K), golden_form.vectors())
    np.testing.assert_allclose(found, codes, rtol=1e-5)


@pytest.mark.parametrize(
    ("version", "is_old"), [("5.11.0", True), ("6.0.0", False), ("10.1", False)]
)
def test_the_version_tells_the_layout(version: str, is_old: bool, tmp_path: Path) -> None:
    """A hook called hook_z meant other vectors before 6.0, when nothing else said so."""
    about = {"metadata": {"sae_lens_version": version}, "hook_name": "a.hook_z"}
    folder = changed(tmp_path, reshape_activations="gone", **about)
    if not is_old:
        assert load_sae(folder).architecture == "relu_l1"
        return
    with pytest.raises(BadCheckpoint, match="hook_z"):
        load_sae(folder)


def test_factors_of_old_files_scale_what_activations_add(tmp_path: Path) -> None:
    """SAELens before 6.0: x̂ = (factor · z) W_dec + b_dec; today it refuses such files."""
    factor = torch.linspace(0.5, 2, golden_form.N_LATENTS)
    tensors: dict[str, torch.Tensor | None] = {"finetuning_scaling_factor": factor}
    sae = load_sae(
        changed(tmp_path, "standard_before_6_0", tensors, finetuning_scaling_factor=True)
    )
    codes, _ = golden_form.expected(LIBRARY, "standard_before_6_0")
    vectors = golden_form.vectors()
    np.testing.assert_allclose(codes_of(sae, vectors), codes, rtol=1e-5)
    weights = load_file(golden_form.checkpoint(LIBRARY, "standard") / WEIGHTS)
    rebuilt = (codes * factor.numpy()) @ weights["W_dec"].numpy() + weights["b_dec"].numpy()
    np.testing.assert_allclose(rebuilt_of(sae, vectors), rebuilt, atol=1e-6)
    shutil.rmtree(tmp_path / "changed")
    with pytest.raises(BadCheckpoint, match="one of the two is wrong"):
        load_sae(changed(tmp_path, "standard_before_6_0", tensors))


def test_logarithms_of_thresholds_are_thresholds(tmp_path: Path) -> None:
    threshold = load_file(golden_form.checkpoint(LIBRARY, "jumprelu") / WEIGHTS)["threshold"]
    assert (threshold > 0).all()
    folder = changed(tmp_path, "jumprelu", {"threshold": None, "log_threshold": threshold.log()})
    codes, _ = golden_form.expected(LIBRARY, "jumprelu")
    found = codes_of(load_sae(folder), golden_form.vectors())
    np.testing.assert_allclose(found, codes, rtol=1e-5)


def test_thresholds_of_zero_and_below_let_every_positive_activation_pass(tmp_path: Path) -> None:
    threshold = torch.zeros(golden_form.N_LATENTS)
    threshold[::2] = -0.5
    folder = changed(tmp_path, "standard", {"threshold": threshold}, architecture="jumprelu")
    codes, _ = golden_form.expected(LIBRARY, "standard")
    found = codes_of(load_sae(folder), golden_form.vectors())
    np.testing.assert_allclose(found, codes, rtol=1e-5)
