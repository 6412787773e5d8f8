"""Finding SAEs in folders, telling whose they are, and where a loaded one came from."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import saedesk
from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.any_format import find_saes, inspect_sae, load_sae
from tests.sae.formats import small_saes


def sparsify_folder(folder: Path) -> Path:
    a = small_saes.arrays()
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        "encoder.weight": small_saes.tensor(a["W_enc"]).half(),
        "encoder.bias": small_saes.tensor(a["b_enc"]).bfloat16(),
        "W_dec": small_saes.tensor(a["W_dec"]).double(),
        "b_dec": small_saes.tensor(a["b_dec"]),
    }
    save_file(tensors, folder / "sae.safetensors")
    (folder / "cfg.json").write_text(json.dumps({"k": 4, "d_in": 16, "activation": "topk"}))
    return folder


def own_folder(folder: Path) -> Path:
    sae = saedesk.train(small_saes.rows(), n_latents=24, k=3, steps=2, device="cpu")
    sae.save(folder)
    return folder


def test_saes_are_found_by_name_three_levels_deep(tmp_path: Path) -> None:
    sparsify_folder(tmp_path / "layers.0" / "deep" / "64_4")
    sparsify_folder(tmp_path / "a" / "b" / "c" / "too-deep")
    sparsify_folder(tmp_path / ".cache")
    (tmp_path / "several").mkdir()
    for name in ("csLG_4_64_8.pth", "astroPH_4_64_8.pth", "optimizer_0.pt", "notes.txt"):
        (tmp_path / "several" / name).write_bytes(b"x")
    (tmp_path / "trainer_0").mkdir()
    for name in ("ae.pt", "config.json", "eval_state.pt"):
        (tmp_path / "trainer_0" / name).write_bytes(b"x")
    found = [path.relative_to(tmp_path).as_posix() for path in find_saes(tmp_path)]
    assert found == [
        "layers.0/deep/64_4",
        "several/astroPH_4_64_8.pth",
        "several/csLG_4_64_8.pth",
        "trainer_0",
    ]
    file = tmp_path / "several" / "csLG_4_64_8.pth"
    assert find_saes(file) == (file,)
    assert find_saes(tmp_path / "gone") == ()


def test_what_has_no_sign_of_an_sae_is_offered_only_where_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "package" / "tests").mkdir(parents=True)
    other = tmp_path / "package" / "tests" / "classifier.pt"
    other.write_bytes(b"x")
    save_file({"embeddings": torch.zeros(4, 8)}, tmp_path / "package" / "vectors.safetensors")
    assert find_saes(tmp_path) == (other, tmp_path / "package" / "vectors.safetensors")
    found = sparsify_folder(tmp_path / "saes" / "layers.0")
    assert find_saes(tmp_path) == (found,)


def test_files_that_trainings_leave_are_named_where_they_are_all(tmp_path: Path) -> None:
    for name in ("state.pt", "training_state_2.pt", "optimizer_0.pt"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(BadCheckpoint, match=r"optimizer_0\.pt, state\.pt, training_state_2\.pt"):
        inspect_sae(tmp_path)
    a = small_saes.arrays()
    tensors = {
        "pre_bias": small_saes.tensor(a["b_dec"]),
        "latent_bias": small_saes.tensor(a["b_enc"]),
        "encoder.weight": small_saes.tensor(a["W_enc"]),
        "decoder.weight": small_saes.tensor(a["W_dec"].T),
    }
    torch.save(tensors, tmp_path / "state_dict.pt")
    assert inspect_sae(tmp_path).n_latents == 64


def test_one_of_several_has_to_be_chosen(tmp_path: Path) -> None:
    first = sparsify_folder(tmp_path / "layers.0")
    assert load_sae(tmp_path).origin["file"] == "layers.0"
    shutil.copytree(first, tmp_path / "layers.1")
    with pytest.raises(BadCheckpoint, match=r"holds 2 SAEs: layers\.0, layers\.1\. Choose"):
        load_sae(tmp_path)
    shutil.copy(first / "sae.safetensors", tmp_path / "x.safetensors")
    shutil.copy(first / "sae.safetensors", tmp_path / "y.safetensors")
    with pytest.raises(BadCheckpoint, match=r"several files of weights: x\.safetensors, y\."):
        inspect_sae(tmp_path)


def test_origin_says_where_an_sae_came_from_but_not_where_it_lay(tmp_path: Path) -> None:
    folder = sparsify_folder(tmp_path / "64_4")
    sae = load_sae(folder)
    digest = hashlib.sha256((folder / "sae.safetensors").read_bytes()).hexdigest()
    assert sae.origin == {
        "format": "sparsify / latent-sae",
        "file": "64_4",
        "sha256": digest,
        "settings": {"k": 4, "d_in": 16, "activation": "topk"},
        "notes": [],
        "loaded": True,
    }
    assert str(tmp_path) not in json.dumps(sae.origin)
    assert all(tensor.dtype == torch.float32 for tensor in sae.parameters.values())


def test_names_of_the_hub_are_those_to_write_down(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--some--sae-set" / "snapshots" / ("a" * 40)
    sparsify_folder(snapshot / "layers.0")
    assert load_sae(snapshot / "layers.0").origin["file"] == "some/sae-set/layers.0"


def test_a_loaded_sae_does_not_change_with_its_file(tmp_path: Path) -> None:
    """A mapped file that is cut while it is in use would kill the program."""
    a = small_saes.arrays()
    tensors = {
        "pre_bias": small_saes.tensor(a["b_dec"]),
        "latent_bias": small_saes.tensor(a["b_enc"]),
        "encoder.weight": small_saes.tensor(a["W_enc"]),
        "decoder.weight": small_saes.tensor(a["W_dec"].T),
    }
    torch.save(tensors, tmp_path / "4_64_8.pth")
    for path in (tmp_path / "4_64_8.pth", sparsify_folder(tmp_path / "x") / "sae.safetensors"):
        sae = load_sae(path)
        before = sae.encode(small_saes.rows()).toarray()
        with path.open("r+b") as stream:
            stream.truncate(10)
        assert np.array_equal(sae.encode(small_saes.rows()).toarray(), before)


def test_saedesks_own_folders_are_read_too(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "mine")
    seen = inspect_sae(folder)
    assert (seen.format, seen.architecture, seen.k, seen.n_latents) == ("saedesk", "topk", 3, 24)
    sae, same = load_sae(folder), saedesk.sae.formats.saedesk_format.load_sae(folder)
    assert sae.config == same.config
    assert (sae.encode(small_saes.rows()) != same.encode(small_saes.rows())).nnz == 0
    assert sae.origin["loaded"] is True
    assert sae.origin["format"] == "saedesk"
    (folder / "sae.safetensors").write_bytes(b"x")
    with pytest.raises(BadCheckpoint, match="not a readable safetensors"):
        load_sae(folder)


def test_a_config_from_elsewhere_does_not_make_a_folder_saedesks(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "mine")
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(content | {"format": "another"}))
    with pytest.raises(BadCheckpoint, match="not an SAE of a format that saedesk knows"):
        load_sae(folder)
