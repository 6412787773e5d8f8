"""Folders of dictionary_learning: as the library itself reads them, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from saedesk.errors import BadCheckpoint, MissingK
from saedesk.sae.formats.any_format import inspect_sae, load_sae
from tests.sae.formats import golden_form
from tests.sae.formats.golden_checks import assert_reads_as_the_library

LIBRARY = "dictionary_learning"
ARCHITECTURES = {
    "standard": "relu_l1",
    "standard_new": "relu_l1",
    "gated": "gated",
    "jumprelu": "jump_relu",
    "topk": "topk",
    "batch_topk": "batch_topk",
    "matryoshka_batch_topk": "matryoshka",
}


@pytest.mark.parametrize("variant", golden_form.variants(LIBRARY))
def test_codes_and_reconstructions_are_those_of_the_library(variant: str, tmp_path: Path) -> None:
    sae = assert_reads_as_the_library(LIBRARY, variant, tmp_path)
    assert (sae.d_in, sae.n_latents) == (golden_form.D_IN, golden_form.N_LATENTS)


@pytest.mark.parametrize(("variant", "architecture"), ARCHITECTURES.items())
def test_a_folder_is_described(variant: str, architecture: str) -> None:
    found = inspect_sae(golden_form.checkpoint(LIBRARY, variant))
    assert (found.format, found.architecture) == ("dictionary_learning", architecture)
    has_k = architecture in {"topk", "batch_topk", "matryoshka"}
    assert found.k == (golden_form.K if has_k else None)


def test_what_the_library_does_to_the_weights_is_told() -> None:
    def notes(variant: str) -> str:
        return " ".join(inspect_sae(golden_form.checkpoint(LIBRARY, variant)).notes)

    assert notes("standard") == notes("batch_topk") == ""
    assert "divided by their lengths" in notes("standard_decoder_not_normalised")
    assert "before a threshold was measured" in notes("batch_topk_without_threshold")
    assert "first 8, 24, 64 features" in notes("matryoshka_batch_topk")


def changed(tmp_path: Path, variant: str, tensors: dict[str, Any], **trainer: Any) -> Path:
    """A copy of a golden folder with other tensors and settings; None takes one away."""
    folder = tmp_path / "changed"
    shutil.copytree(golden_form.checkpoint(LIBRARY, variant), folder)
    path = folder / "config.json"
    content = json.loads(path.read_text())
    content["trainer"] |= trainer
    content["trainer"] = {n: v for n, v in content["trainer"].items() if v is not None}
    path.write_text(json.dumps(content))
    stored = torch.load(folder / "ae.pt", weights_only=True) | tensors
    torch.save({n: t for n, t in stored.items() if t is not None}, folder / "ae.pt")
    return folder


@pytest.mark.parametrize("variant", ["standard", "standard_new", "gated", "matryoshka_batch_topk"])
def test_some_classes_are_told_from_their_tensors(variant: str, tmp_path: Path) -> None:
    folder = changed(tmp_path, variant, {})
    (folder / "config.json").unlink()
    found = inspect_sae(folder)
    assert found.architecture == ARCHITECTURES[variant]


@pytest.mark.parametrize("variant", ["topk", "batch_topk", "jumprelu"])
def test_the_others_ask_for_their_settings(variant: str, tmp_path: Path) -> None:
    """The same names with and without a threshold that counts: a guess could be wrong."""
    folder = changed(tmp_path, variant, {})
    (folder / "config.json").unlink()
    with pytest.raises(BadCheckpoint, match=r"without its config\.json"):
        load_sae(folder)


@pytest.mark.parametrize(
    ("variant", "tensors", "trainer", "words"),
    [
        ("standard", {}, {"dict_class": "IdentityDict"}, "“IdentityDict”.*It reads AutoEncoder,"),
        ("topk", {}, {"k": 5}, r"k is 4, config\.json says 5"),
        ("topk", {"b_dec": None}, {}, "no tensor b_dec"),
        ("topk", {"decoder.weight": torch.ones(16, 63)}, {}, r"\(16, 63\)"),
        ("batch_topk", {"threshold": torch.tensor(torch.nan)}, {}, "1 numbers of threshold"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, variant: str, tensors: dict[str, Any], trainer: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(changed(tmp_path, variant, tensors, **trainer))


def test_k_is_asked_for_where_neither_file_has_it(tmp_path: Path) -> None:
    folder = changed(tmp_path, "topk", {"k": None}, k=None)
    with pytest.raises(MissingK):
        load_sae(folder)
    assert load_sae(folder, k=7).config.k == 7  # type: ignore[attr-defined]
