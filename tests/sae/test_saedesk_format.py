"""Saving and loading SAEs, and refusing folders that are not what they say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import saedesk
from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.saedesk_format import map_weights
from saedesk.sae.sparse_autoencoder import SparseAutoencoder


@pytest.fixture
def sae() -> SparseAutoencoder:
    vectors = np.random.default_rng(0).normal(size=(64, 10)).astype(np.float32)
    return saedesk.train(vectors, n_latents=16, k=3, steps=3, device="cpu")


def test_a_saved_sae_comes_back_the_same(sae: SparseAutoencoder, tmp_path: Path) -> None:
    sae.save(tmp_path)
    loaded = saedesk.load_sae(tmp_path)
    assert loaded.config == sae.config
    for name, tensor in sae.parameters.items():
        assert torch.equal(loaded.parameters[name], tensor)
    assert np.array_equal(map_weights(tmp_path)["W_dec"], sae.decoder)
    assert "k=3" in repr(loaded)


def test_weights_are_mapped_and_those_that_cannot_be_are_read(
    sae: SparseAutoencoder, tmp_path: Path
) -> None:
    sae.save(tmp_path)
    changed_tensors(tmp_path, short=torch.ones(3, dtype=torch.float16), none=torch.ones(0, 4))
    found = map_weights(tmp_path)
    for name, tensor in sae.parameters.items():
        assert isinstance(found[name], np.memmap)
        assert not found[name].flags.writeable
        np.testing.assert_array_equal(found[name], tensor.numpy())
    assert found["short"].tolist() == [1.0, 1.0, 1.0]
    assert found["none"].shape == (0, 4)


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"\xff" * 8])
def test_damaged_weights_are_not_mapped(
    sae: SparseAutoencoder, tmp_path: Path, content: bytes
) -> None:
    sae.save(tmp_path)
    (tmp_path / "sae.safetensors").write_bytes(content)
    with pytest.raises(BadCheckpoint, match="not a readable safetensors"):
        map_weights(tmp_path)


def test_weights_that_were_cut_are_not_mapped(sae: SparseAutoencoder, tmp_path: Path) -> None:
    sae.save(tmp_path)
    whole = (tmp_path / "sae.safetensors").read_bytes()
    (tmp_path / "sae.safetensors").write_bytes(whole[:-100])
    with pytest.raises(BadCheckpoint, match="not a readable safetensors"):
        map_weights(tmp_path)


def changed_tensors(folder: Path, **changes: torch.Tensor | None) -> None:
    tensors = load_file(folder / "sae.safetensors")
    for name, tensor in changes.items():
        if tensor is None:
            del tensors[name]
        else:
            tensors[name] = tensor
    save_file(tensors, folder / "sae.safetensors")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: changed_tensors(f, b_enc=None), "no tensor b_enc"),
        (lambda f: changed_tensors(f, W_dec=torch.ones(16, 9)), r"shape \(16, 9\)"),
        (lambda f: changed_tensors(f, b_enc=torch.full((16,), torch.nan)), "16 numbers of b_enc"),
        (lambda f: changed_tensors(f, W_dec=torch.zeros(16, 10)), "length zero"),
        (lambda f: (f / "sae.safetensors").write_bytes(b"x"), "not a readable safetensors"),
        (lambda f: (f / "config.json").write_text("{"), "cannot be read"),
        (lambda f: (f / "config.json").write_text("[" * 50_000), "cannot be read"),
        (lambda f: (f / "config.json").write_text("{}"), "does not describe"),
        (lambda f: (f / "config.json").unlink(), "no config.json"),
    ],
)
def test_damaged_folders_are_refused_with_a_sentence(
    sae: SparseAutoencoder,
    tmp_path: Path,
    spoil,
    words: str,
) -> None:
    sae.save(tmp_path)
    spoil(tmp_path)
    with pytest.raises(BadCheckpoint, match=words):
        saedesk.load_sae(tmp_path)


def test_an_unknown_architecture_is_named(sae: SparseAutoencoder, tmp_path: Path) -> None:
    sae.save(tmp_path)
    path = tmp_path / "config.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "architecture": "transcoder"}))
    with pytest.raises(BadCheckpoint, match="transcoder"):
        saedesk.load_sae(tmp_path)
