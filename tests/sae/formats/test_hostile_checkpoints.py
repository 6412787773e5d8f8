"""Files that are not what they say, or want more than to be read: refused, each with a sentence."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.any_format import inspect_sae, load_sae
from tests.sae.formats import small_saes

MARKER = "was-run"


class Runs:
    """Unpickling it runs a command."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


class WholeSae(torch.nn.Module):
    """Saved as a module, not as its state."""


def state_dict() -> dict[str, Any]:
    a = small_saes.arrays()
    return {
        "pre_bias": small_saes.tensor(a["b_dec"]),
        "latent_bias": small_saes.tensor(a["b_enc"]),
        "encoder.weight": small_saes.tensor(a["W_enc"]),
        "decoder.weight": small_saes.tensor(a["W_dec"].T),
    }


def as_torch_file(content: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream, **options)
    return stream.getvalue()


def packed_again(content: bytes, compression: int) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", compression) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    return stream.getvalue()


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    "save_as",
    [
        lambda content: as_torch_file(content),
        lambda content: as_torch_file(content, _use_new_zipfile_serialization=False),
        lambda content: pickle.dumps(content, protocol=2),
        lambda content: pickle.dumps(content, protocol=4),
    ],
    ids=["zip", "legacy", "pickle 2", "pickle 4"],
)
def test_code_in_a_pickle_is_not_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    save_as: Callable[[Any], bytes],
    forced: bool,
) -> None:
    if forced:
        monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    path, marker = tmp_path / "4_64_8_auxk.pth", tmp_path / MARKER
    path.write_bytes(save_as(state_dict() | {"evil": Runs(marker)}))
    with pytest.raises(BadCheckpoint, match="wants to run code when it is opened") as caught:
        load_sae(path)
    assert "weights_only" not in str(caught.value)
    assert "state dict" in str(caught.value)
    assert not marker.exists()


@pytest.mark.parametrize(
    "content",
    [
        WholeSae(),
        {**state_dict(), "args": Namespace(k=4)},
        {**state_dict(), "folder": Path("x")},
        {**state_dict(), "k": np.float32(4)},
    ],
    ids=["module", "namespace", "path", "numpy"],
)
def test_python_objects_among_the_weights_are_not_made(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "sae.pt"
    path.write_bytes(as_torch_file(content))
    with pytest.raises(BadCheckpoint, match="wants to run code"):
        inspect_sae(path)


def truncated(size: float) -> bytes:
    content = as_torch_file(state_dict())
    return content[: int(len(content) * size)]


def safetensors_with(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def expanded() -> bytes:
    content = state_dict()
    content["encoder.weight"] = torch.zeros(1).expand(10**6, 10**6)
    return as_torch_file(content)


def many_times_the_same() -> bytes:
    large = torch.zeros(64, 16)
    return as_torch_file(state_dict() | {f"again{number}": large for number in range(200)})


def npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def scripted() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("sae/data.pkl", "sae/constants.pkl", "sae/code/__torch__.py"):
            archive.writestr(name, b"\x80\x02}.")
    return stream.getvalue()


def with_a_changed_weight() -> bytes:
    content = as_torch_file(state_dict())
    weights = small_saes.arrays()["W_enc"].tobytes()
    assert weights in content
    return content.replace(weights, weights[:-1] + bytes([weights[-1] ^ 1]))


STORED = as_torch_file(state_dict())
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
HOLE = {"W_dec": {"dtype": "F32", "shape": [2, 2], "data_offsets": [8, 24]}}
TOO_LARGE = {"W_dec": {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 16]}}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pt", b"", "a.pt is empty"),
        ("a.pt", b"just some text", "not a PyTorch file of weights"),
        ("a.pt", b"<!doctype html><html>", "is a web page"),
        ("a.pt", LFS, "pointer of git-lfs"),
        ("a.safetensors", LFS, "pointer of git-lfs"),
        ("a.pt", truncated(0.5), "not a PyTorch file of weights"),
        ("a.pt", truncated(0.99), "not a PyTorch file of weights"),
        ("a.pt", b"\x80\x02}q\x00", "not a PyTorch file of weights"),
        ("a.pt", as_torch_file(torch.ones(3)), "holds one tensor instead"),
        ("a.pt", as_torch_file(torch.ones(3, 8)), r"3 × 8 numbers\..* save them as \.npy or"),
        ("a.pt", as_torch_file(torch.ones(3, 8).long()), "holds one tensor instead"),
        ("a.pt", as_torch_file([torch.ones(3)]), "holds one list instead"),
        ("a.pt", as_torch_file({1: torch.ones(3)}), "not named"),
        ("a.pt", as_torch_file({"a": torch.ones(3).to_sparse()}), "a in a.pt is not a plain"),
        ("a.pt", as_torch_file({"a": torch.ones(3, device="meta")}), "a in a.pt is not a plain"),
        ("a.pt", scripted(), "TorchScript program"),
        ("a.pt", packed_again(STORED, zipfile.ZIP_DEFLATED), "would grow"),
        ("a.pt", with_a_changed_weight(), "a.pt is damaged"),
        ("a.pt", expanded(), r"encoder.weight in a.pt says it has 1,000,000,000,000 numbers"),
        ("a.pt", many_times_the_same(), "more numbers than it holds"),
        ("a.zip", packed_again(npz(a=np.ones(2)), 0)[:-40], "not a PyTorch file"),
        ("a.npz", npz(w=np.zeros(40_000_000, np.uint8)), "would grow"),
        ("a.npz", npz(w=np.array([{}], dtype=object)), "not a readable file of numpy arrays"),
        ("a.safetensors", b"1234567", "not a readable safetensors"),
        ("a.safetensors", b"plain text that is longer", "not a readable safetensors"),
        ("a.safetensors", struct.pack("<Q", 2**63) + b"{}", "not a readable safetensors"),
        ("a.safetensors", struct.pack("<Q", 200 << 20) + b"{}", "not a readable safetensors"),
        ("a.safetensors", safetensors_with(b"{not json}"), "not a readable safetensors"),
        ("a.safetensors", safetensors_with(HOLE, bytes(24)), "not a readable safetensors"),
        ("a.safetensors", safetensors_with(TOO_LARGE, bytes(16)), "not a readable safetensors"),
        ("a.safetensors", save({"a": torch.ones(4)})[:-1], "not a readable safetensors"),
        ("a.safetensors", save({"a": torch.ones(4)}), "not an SAE of a format that saedesk knows"),
        ("documents.pkl", pickle.dumps({}), "is a pickle, which can run code"),
        ("sae.joblib", b"", "is a pickle, which can run code"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_refused_with_a_sentence(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadCheckpoint, match=words) as caught:
        load_sae(path)
    sentence = str(caught.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert not {"weights_only", "Traceback", "\n"} & set(sentence.split(" "))


def peak_of_memory() -> int:
    """Of this process so far, in KB."""
    resource = pytest.importorskip("resource")
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A hundred megabytes in a tenth of one; what this process holds does not grow by a tenth."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("sae/data/0", "w", force_zip64=True) as packed,
    ):
        for _ in range(100):
            packed.write(bytes(1 << 20))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sae/data.pkl", b"\x80\x02}.")
    (tmp_path / "bomb.pt").write_bytes(stream.getvalue())
    before = peak_of_memory()
    with pytest.raises(BadCheckpoint, match=r"would grow from 0.1 MB to 104.9 MB"):
        load_sae(tmp_path / "bomb.pt")
    assert peak_of_memory() - before < 10_000


def test_a_large_number_of_declared_entries_is_not_allocated(tmp_path: Path) -> None:
    """A legacy file says how large its storages are before it has them."""
    content = as_torch_file(state_dict(), _use_new_zipfile_serialization=False)
    small, large = struct.pack("<H", 1024), struct.pack("<i", 2**31 - 1)
    assert b"M" + small in content
    path = tmp_path / "4_64_8_auxk.pth"
    path.write_bytes(content.replace(b"M" + small, b"J" + large))
    before = peak_of_memory()
    with pytest.raises(BadCheckpoint, match="not a PyTorch file of weights"):
        load_sae(path)
    assert peak_of_memory() - before < 100_000


def test_a_file_that_is_too_large_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "4_64_8_auxk.pth"
    with path.open("wb") as stream:
        stream.write(STORED)
        stream.truncate(9 << 30)  # Sparse: it takes no room.
    with pytest.raises(BadCheckpoint, match=r"has 9\.7 GB; SAEs of up to 8 GB are read"):
        load_sae(path)


def test_checksums_that_were_left_out_do_not_matter(tmp_path: Path) -> None:
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(state_dict(), tmp_path / "4_64_8_auxk.pth")
    finally:
        torch.serialization.set_crc32_options(before)
    assert load_sae(tmp_path / "4_64_8_auxk.pth").config.k == 4


def test_a_legacy_state_dict_is_read(tmp_path: Path) -> None:
    path = tmp_path / "4_64_8_auxk.pth"
    path.write_bytes(as_torch_file(state_dict(), _use_new_zipfile_serialization=False))
    assert load_sae(path).config.k == 4


def test_odd_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="There is no file or folder"):
        load_sae(tmp_path / "gone")
    with pytest.raises(BadCheckpoint, match="holds no SAE"):
        load_sae(tmp_path)
    if not hasattr(os, "mkfifo"):
        return
    os.mkfifo(tmp_path / "pipe.pt")
    with pytest.raises(BadCheckpoint, match="neither a file nor a folder"):
        load_sae(tmp_path / "pipe.pt")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "cfg.json beside the weights cannot be read"),
        (b"[" * 50_000, "cfg.json beside the weights cannot be read"),
        (b"\xff\xfe", "cfg.json beside the weights cannot be read"),
        (b"[1]", "does not hold settings by name"),
        (b" " * (5 << 20), "too large"),
    ],
)
def test_settings_that_are_none(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "4_64_8.pth").write_bytes(STORED)
    (tmp_path / "cfg.json").write_bytes(content)
    with pytest.raises(BadCheckpoint, match=words):
        load_sae(tmp_path)


def test_settings_are_kept_as_plain_values_that_can_be_saved(tmp_path: Path) -> None:
    deep: Any = "end"
    for _ in range(30):
        deep = [deep]
    shared: Any = ["x"] * 50
    for _ in range(20):
        shared = [shared] * 50
    odd = {
        "activation": "TopK",
        "activation_state_dict": {"k": 4, "postact_fn": "ReLU"},
        "huge": 10**300,
        "nan": float("nan"),
        "dtype": torch.float32,
        "deep": deep,
        "shared": shared,
        "text": "\ud800" + "x" * 10_000,
    }
    torch.save(state_dict() | odd, tmp_path / "8.pt")
    sae = load_sae(tmp_path / "8.pt")
    settings = sae.origin["settings"]
    assert (settings["nan"], settings["dtype"], settings["huge"]) == ("nan", "torch.float32", "…")
    sae.save(tmp_path / "saved")
    assert (tmp_path / "saved" / "config.json").stat().st_size < 1_000_000
    json.loads((tmp_path / "saved" / "config.json").read_text("utf-8"))
    assert load_sae(tmp_path / "saved").config.k == 4
