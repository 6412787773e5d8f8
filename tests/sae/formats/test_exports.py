"""SAEs given away: what is in the folders, and that they mean the same when they come back."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import saedesk
from saedesk.errors import BadInput, BadSetting, OutOfRoom
from saedesk.sae.formats.exports import EXPORT_FORMATS, export_sae, reason_against
from saedesk.sae.formats.model_card import ModelCard
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from tests.sae.formats import golden_form
from tests.sae.formats.golden_checks import codes_of, rebuilt_of
from tests.sae.formats.trained_saes import (
    ARCHITECTURES,
    NORMALISATIONS,
    assert_close,
    documents,
    trained,
)

CARD = ModelCard("Run 1", "Trained on the vectors of 400 documents.")
TENSORS = {
    "topk": {"W_enc", "W_dec", "b_enc", "b_dec"},
    "relu_l1": {"W_enc", "W_dec", "b_enc", "b_dec"},
    "jump_relu": {"W_enc", "W_dec", "b_enc", "b_dec", "threshold"},
    "batch_topk": {"W_enc", "W_dec", "b_enc", "b_dec", "threshold"},
    "matryoshka": {"W_enc", "W_dec", "b_enc", "b_dec", "threshold"},
    "gated": {"W_enc", "W_dec", "b_dec", "b_gate", "b_mag", "r_mag"},
}


def assert_means_the_same(sae: SparseAutoencoder, folder: Path, lengths: np.ndarray) -> None:
    """Codes are those of `sae`; reconstructions too, times `lengths` (n, 1)."""
    back, rows = saedesk.load_sae(folder), documents(64)
    codes = codes_of(sae, rows)
    assert codes.any()
    assert_close(codes_of(back, rows), codes)
    assert_close(rebuilt_of(back, rows), rebuilt_of(sae, rows) * lengths)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_saelens_folder_comes_back_the_same(architecture: str, tmp_path: Path) -> None:
    sae = trained(architecture)
    notes = export_sae(sae, tmp_path / "out", "saelens", CARD)
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"cfg.json", "sae_weights.safetensors", "README.md"}
    tensors = load_file(tmp_path / "out" / "sae_weights.safetensors")
    assert set(tensors) == TENSORS[architecture]
    assert tensors["W_enc"].shape == (golden_form.D_IN, golden_form.N_LATENTS)
    assert ("JumpReLU" in " ".join(notes)) == (architecture in {"batch_topk", "matryoshka"})
    assert ("first 4, 8, 16, 32, 64" in " ".join(notes)) == (architecture == "matryoshka")
    assert_means_the_same(sae, tmp_path / "out", np.ones((64, 1)))


def test_saelens_settings_have_the_names_that_saelens_writes(tmp_path: Path) -> None:
    """And say a version, without which SAELens takes a folder for one from before 6.0."""
    export_sae(trained("topk"), tmp_path / "out", "saelens", CARD)
    ours = json.loads((tmp_path / "out" / "cfg.json").read_text())
    theirs = json.loads((golden_form.checkpoint("saelens", "topk") / "cfg.json").read_text())
    assert set(ours) == set(theirs)
    assert ours["metadata"]["sae_lens_version"] == golden_form.version("saelens")
    for name in ("architecture", "d_in", "d_sae", "k", "dtype", "apply_b_dec_to_input"):
        assert ours[name] == theirs[name]


@pytest.mark.parametrize("normalisation", NORMALISATIONS[1:])
@pytest.mark.parametrize("format", EXPORT_FORMATS)
def test_the_input_is_folded_or_named(normalisation: str, format: str, tmp_path: Path) -> None:
    sae, rows = trained("topk", normalisation), documents(64)
    if reason_against(sae, format):
        assert (normalisation, format) == ("standardised", "sparsify")
        return
    notes = export_sae(sae, tmp_path / "out", format, CARD)
    row_lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if format == "sparsify" and normalisation in {"unit", "fixed length"}:
        assert "length 1" in notes[0]
        back, ones = saedesk.load_sae(tmp_path / "out"), rows / row_lengths
        assert_close(codes_of(back, ones), codes_of(sae, ones))
        assert_close(rebuilt_of(back, ones), rebuilt_of(sae, ones))
        return
    gets_length = format == "saelens" and normalisation == "unit"
    assert len(notes) == gets_length
    assert_means_the_same(sae, tmp_path / "out", row_lengths if gets_length else np.ones((64, 1)))


@pytest.mark.parametrize("architecture", ["gated", "jump_relu", "batch_topk"])
@pytest.mark.parametrize("normalisation", ["unit", "per-dimension"])
def test_folding_suits_gates_and_thresholds(
    architecture: str, normalisation: str, tmp_path: Path
) -> None:
    sae = trained(architecture, normalisation)
    export_sae(sae, tmp_path / "out", "saelens", CARD)
    rows = documents(64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    assert_means_the_same(
        sae, tmp_path / "out", lengths if normalisation == "unit" else np.ones((64, 1))
    )


def test_a_sparsify_folder_comes_back_the_same(tmp_path: Path) -> None:
    sae = trained("topk")
    assert export_sae(sae, tmp_path / "out", "sparsify", CARD) == ()
    ours = json.loads((tmp_path / "out" / "cfg.json").read_text())
    golden = golden_form.checkpoint("sparsify", "topk")
    assert set(ours) == set(json.loads((golden / "cfg.json").read_text()))
    tensors = load_file(tmp_path / "out" / "sae.safetensors")
    shapes = {name: tensor.shape for name, tensor in load_file(golden / "sae.safetensors").items()}
    assert {name: tensor.shape for name, tensor in tensors.items()} == shapes
    assert saedesk.load_sae(tmp_path / "out").origin["format"].startswith("sparsify")
    assert_means_the_same(sae, tmp_path / "out", np.ones((64, 1)))


@pytest.mark.parametrize("variant", ["gated_no_input_bias", "topk_rescaled", "batchtopk"])
def test_a_loaded_sae_can_be_given_away_again(variant: str, tmp_path: Path) -> None:
    sae = saedesk.load_sae(golden_form.checkpoint("saelens", variant))
    export_sae(sae, tmp_path / "out", "saelens", CARD)
    codes, rebuilt = golden_form.expected("saelens", variant)
    back = saedesk.load_sae(tmp_path / "out")
    assert_close(codes_of(back, golden_form.vectors()), codes)
    assert_close(rebuilt_of(back, golden_form.vectors()), rebuilt)


def test_our_own_folder_holds_everything_but_foreign_settings(tmp_path: Path) -> None:
    sae = saedesk.load_sae(golden_form.checkpoint("saelens", "topk"))
    made_there = {"checkpoint_path": "/home/somebody/runs"}
    sae = dataclasses.replace(sae, origin=sae.origin | {"settings": made_there})
    export_sae(sae, tmp_path / "out", "saedesk", CARD)
    assert "somebody" not in (tmp_path / "out" / "config.json").read_text()
    back = saedesk.load_sae(tmp_path / "out")
    assert back.config == sae.config
    assert all(torch.equal(back.parameters[n], t) for n, t in sae.parameters.items())
    assert back.origin["settings"]["made"]["format"] == "SAELens"


@pytest.mark.parametrize("architecture", ["matching_pursuit", "top_afa"])
def test_what_others_cannot_hold_stays_here(architecture: str, tmp_path: Path) -> None:
    sae = trained(architecture)
    for format in ("saelens", "sparsify"):
        with pytest.raises(BadSetting, match=r"cannot hold this SAE: .* saedesk alone can\."):
            export_sae(sae, tmp_path / "out", format, CARD)
    assert list(tmp_path.iterdir()) == []
    export_sae(sae, tmp_path / "out", "saedesk", CARD)
    assert_means_the_same(sae, tmp_path / "out", np.ones((64, 1)))


def test_the_reason_against_a_format_names_the_others() -> None:
    sae = trained("batch_topk")
    assert reason_against(sae, "saelens") == ""
    assert reason_against(sae, "sparsify") == (
        "sparsify cannot hold this SAE: it has TopK alone, and this is BatchTopK. "
        "SAELens and saedesk can."
    )
    with pytest.raises(BadSetting, match="“gguf”; there are saelens, sparsify, saedesk"):
        reason_against(sae, "gguf")


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    sae = trained("topk")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "text.txt").write_text("kept")
    for path in (tmp_path / "mine", tmp_path / "mine" / "text.txt"):
        with pytest.raises(BadInput, match="not an empty folder"):
            export_sae(sae, path, "saelens", CARD)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert (tmp_path / "mine" / "text.txt").read_text() == "kept"
    (tmp_path / "empty").mkdir()
    export_sae(sae, tmp_path / "empty", "saelens", CARD)
    assert (tmp_path / "empty" / "README.md").is_file()


def test_a_failed_export_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("saedesk.sae.formats.sae_lens_export.json.dumps", full)
    with pytest.raises(OutOfRoom, match="No space left on device"):
        export_sae(trained("topk"), tmp_path / "out", "saelens", CARD)
    assert list(tmp_path.iterdir()) == []
