"""What is dropped is told apart by names and headers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from saedesk.ui.shell.folder_look import MOST_ENTRIES
from saedesk.ui.shell.sae_signs import looks_like_sae

SAE = {"W_enc": np.zeros((4, 8), np.float32), "W_dec": np.zeros((8, 4), np.float32)}
VECTORS = {"vectors": np.zeros((8, 4), np.float32)}


@pytest.mark.parametrize(("tensors", "expected"), [(SAE, True), (VECTORS, False)])
def test_a_safetensors_file_is_told_by_the_names_in_it(
    tmp_path: Path, tensors: dict[str, np.ndarray], expected: bool
) -> None:
    save_file(tensors, tmp_path / "some.safetensors")
    np.savez(tmp_path / "some.npz", **tensors)
    assert looks_like_sae(tmp_path / "some.safetensors") is expected
    assert looks_like_sae(tmp_path / "some.npz") is expected


def test_a_header_that_is_none_is_looked_at_where_the_sentences_are(tmp_path: Path) -> None:
    (tmp_path / "cut.safetensors").write_bytes(b"\xff" * 20)
    assert looks_like_sae(tmp_path / "cut.safetensors")


def test_folders_are_searched_three_levels_down(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    (deep / "d").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("W_dec", "utf-8")
    assert not looks_like_sae(tmp_path)
    save_file(SAE, deep / "d" / "sae.safetensors")
    assert not looks_like_sae(tmp_path)
    save_file(SAE, deep / "sae.safetensors")
    assert looks_like_sae(tmp_path)
    # A store of vectors may hold the SAE that was made from them.
    np.save(tmp_path / "vectors.npy", VECTORS["vectors"])
    assert not looks_like_sae(tmp_path)


def test_an_sae_with_vectors_beside_it_is_an_sae(tmp_path: Path) -> None:
    save_file(SAE, tmp_path / "sae_weights.safetensors")
    (tmp_path / "cfg.json").write_text('{"d_in": 4, "d_sae": 8}', "utf-8")
    np.save(tmp_path / "sparsity.npy", np.zeros(8))
    assert looks_like_sae(tmp_path)


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.pt", "checkpoint_12.pth"])
def test_a_model_among_texts_makes_no_sae_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "one.txt").write_text("words", "utf-8")
    (tmp_path / name).write_bytes(b"\x80\x02x.")
    assert not looks_like_sae(tmp_path)
    assert looks_like_sae(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["ae.pt", "sae.pt", "csLG_4_64_8.pth", "64_9216.pth", "SAE_M=256_K=8.pt"]
)
def test_names_that_saes_have_are_enough_in_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert looks_like_sae(tmp_path)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('{"trainer": {"dict_size": 64, "activation_dim": 16}}', True),
        ('{"d_in": 16, "d_sae": 64}', True),
        ('{"architectures": ["BertModel"], "hidden_size": 384}', False),
        ("{", False),
    ],
)
def test_settings_beside_weights_say_whose_they_are(
    tmp_path: Path, settings: str, expected: bool
) -> None:
    (tmp_path / "weights.pt").write_bytes(b"x")
    (tmp_path / "config.json").write_text(settings, "utf-8")
    assert looks_like_sae(tmp_path) is expected


def test_an_sae_among_very_many_files_is_found_at_the_top_and_nowhere_else(
    tmp_path: Path,
) -> None:
    for number in range(MOST_ENTRIES + 20):
        (tmp_path / f"{number}.txt").touch()
    (tmp_path / "deep").mkdir()
    save_file(SAE, tmp_path / "deep" / "sae.safetensors")
    assert not looks_like_sae(tmp_path)
    save_file(SAE, tmp_path / "sae.safetensors")
    assert looks_like_sae(tmp_path)
