"""Files of HypotheSAEs: as the library itself reads them, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from saedesk.errors import BadCheckpoint, MissingK
from saedesk.sae.architectures.matryoshka import MatryoshkaConfig
from saedesk.sae.formats.any_format import inspect_sae, load_sae
from saedesk.sae.formats.matryoshka_parts import matryoshka_settings
from tests.sae.formats import golden_form
from tests.sae.formats.golden_checks import assert_reads_as_the_library

LIBRARY = "hypothesaes"
ARCHITECTURES = {
    "topk": "topk",
    "batch_topk": "batch_topk",
    "matryoshka": "topk",
    "matryoshka_batch_topk": "matryoshka",
}


@pytest.mark.parametrize("variant", golden_form.variants(LIBRARY))
def test_codes_and_reconstructions_are_those_of_the_library(variant: str, tmp_path: Path) -> None:
    assert_reads_as_the_library(LIBRARY, variant, tmp_path)


@pytest.mark.parametrize(("variant", "architecture"), ARCHITECTURES.items())
def test_a_file_is_described(variant: str, architecture: str) -> None:
    found = inspect_sae(golden_form.checkpoint(LIBRARY, variant))
    assert (found.format, found.architecture, found.k) == ("HypotheSAEs", architecture, 4)
    has_parts = "first 8, 24, 64 features" in " ".join(found.notes)
    assert has_parts == variant.startswith("matryoshka")


def changed(tmp_path: Path, variant: str, state: dict[str, Any], **config: Any) -> Path:
    """A copy of a golden file with other tensors and settings; None takes one away."""
    content = torch.load(golden_form.checkpoint(LIBRARY, variant), weights_only=True)
    parts = {"config": content["config"] | config, "state_dict": content["state_dict"] | state}
    parts = {n: {k: v for k, v in p.items() if v is not None} for n, p in parts.items()}
    torch.save(parts, tmp_path / "changed.pt")
    return tmp_path / "changed.pt"


def test_k_is_asked_for_where_the_file_has_none(tmp_path: Path) -> None:
    path = changed(tmp_path, "topk", {}, k_active_neurons=None)
    with pytest.raises(MissingK):
        load_sae(path)
    assert load_sae(path, k=9).config.k == 9  # type: ignore[attr-defined]


def test_a_threshold_counts_only_where_the_settings_say_so(tmp_path: Path) -> None:
    high = {"threshold": torch.tensor(1e6)}
    vectors = golden_form.vectors()
    assert load_sae(changed(tmp_path, "topk", high)).encode(vectors).nnz > 0
    assert load_sae(changed(tmp_path, "batch_topk", high)).encode(vectors).nnz == 0


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"decoder.weight": None}, r"no tensor decoder\.weight"),
        ({"neuron_bias": torch.ones(3)}, r"\(3,\)"),
        ({"threshold": None}, "no tensor threshold"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, state: dict[str, Any], words: str) -> None:
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(changed(tmp_path, "batch_topk", state))


def test_parts_that_saedesk_would_make_too_are_kept_as_they_are() -> None:
    settings, note = matryoshka_settings([16, 32, 64, 128], 128)
    assert (settings, note) == ({"levels": 4, "smallest_share": 0.125}, "")
    assert MatryoshkaConfig(n_latents=128, k=4, **settings).prefixes == (16, 32, 64, 128)
    settings, note = matryoshka_settings([10, 90], 128)
    assert settings["levels"] == 3
    assert "first 10, 90, 128 features" in note
    assert matryoshka_settings(range(1, 129), 128)[0] == {"levels": 1}
