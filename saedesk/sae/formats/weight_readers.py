"""Tensors of .safetensors, .pt/.pth and .npz files, without ever running what a file says.

`torch.load(weights_only=True)` runs no code, but believes the sizes that a file declares, unpacks
what is packed and answers in many kinds of errors. So packed archives are refused before it, and
what it gives is looked at before it is used.
"""

from __future__ import annotations

import io
import pickletools
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.corpus.content_recognition import what_came_instead
from saedesk.embedding.vector_files.torch_matrix import is_matrix, one_matrix
from saedesk.errors import BadCheckpoint, KnownError

if TYPE_CHECKING:
    from torch import Tensor

LARGEST_FILE = 8 << 30
"""Bytes: 262,144 latents of 2,048 dimensions with 4 bytes a number, twice, and some more."""
_MOST_TENSORS = 1000
_NPZ_GROWTH = 4
"""Weights are noise; what unpacks to more than this many times its size are no weights."""
_SMALL_NPZ = 1 << 20
_IMPORTS_OF_TENSORS = {
    "torch",
    "torch._utils",
    "torch.storage",
    "torch.serialization",
    "torch.nn.parameter",
    "collections",
    "_codecs",
}
_READ_AT_ONCE = 1 << 20
_LONGEST_PICKLE_SCANNED = 16 << 20
NO_CODE = (
    "{name} wants to run code when it is opened, so it was not opened. Ask for a safetensors file "
    "or a state dict."
)
_NESTED = ("state_dict", "model_state_dict")
"""Under these names some libraries keep the tensors, with settings beside them."""


def read_weights_file(path: Path) -> tuple[Mapping[str, Tensor], Mapping[Any, Any]]:
    """Tensors by name, and whatever lies beside them in a .pt file (HypotheSAEs' `config`).

    The kind of the file is seen from its first bytes. Raises BadCheckpoint with one sentence.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            start = stream.read(64)
    except OSError as error:
        raise BadCheckpoint(f"{path.name} cannot be read: {error.strerror}.") from error
    if size > LARGEST_FILE:
        raise BadCheckpoint(
            f"{path.name} has {size / 1e9:,.1f} GB; SAEs of up to {LARGEST_FILE >> 30} GB are read."
        )
    try:
        return _read(path, start, size)
    except KnownError:
        raise
    except Exception as error:
        # torch alone raises EOFError, KeyError, RuntimeError and UnpicklingError, and its texts
        # advise to switch the safe way of loading off.
        raise BadCheckpoint(_what_it_is_not(path, start)) from error


def _read(path: Path, start: bytes, size: int) -> tuple[Mapping[str, Tensor], Mapping[Any, Any]]:
    if start.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
        if any(entry.filename.endswith(".npy") for entry in entries):
            return _npz(path, entries, size), {}
        return _torch(path, entries, size)
    if start[8:9] == b"{" or path.suffix == ".safetensors":
        return _safetensors(path), {}
    if start[:1] == b"\x80":
        return _torch(path, None, size)
    raise BadCheckpoint(_what_it_is_not(path, start))


def _what_it_is_not(path: Path, start: bytes) -> str:
    if not start:
        return f"{path.name} is empty."
    instead = what_came_instead(path, start, "a file of weights")
    if instead:
        return instead
    if path.suffix == ".safetensors":
        return f"{path.name} is not a readable safetensors file."
    if path.suffix == ".npz":
        return f"{path.name} is not a readable file of numpy arrays."
    return f"{path.name} is not a PyTorch file of weights."


def _safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import safe_open

    with safe_open(path, framework="pt", device="cpu") as stream:
        return {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118


def _npz(path: Path, entries: list[zipfile.ZipInfo], size: int) -> dict[str, Tensor]:
    import numpy as np
    import torch

    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > max(_SMALL_NPZ, _NPZ_GROWTH * size):
        raise BadCheckpoint(_grows(path, size, unpacked))
    tensors = {}
    with np.load(path, allow_pickle=False) as arrays:
        for name in arrays.files:
            array = arrays[name]
            if array.dtype.kind in "fiu":
                # Made little-endian, which torch wants.
                array = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("=")))
                tensors[name] = torch.from_numpy(array)
    return tensors


def _grows(path: Path, size: int, unpacked: int) -> str:
    return (
        f"{path.name} would grow from {size / 1e6:,.1f} MB to {unpacked / 1e6:,.1f} MB when it is "
        "unpacked, as no file of weights does, so it was not opened."
    )


def _torch(
    path: Path, entries: list[zipfile.ZipInfo] | None, size: int
) -> tuple[Mapping[str, Tensor], Mapping[Any, Any]]:
    import torch

    if entries is not None:
        _check_archive(path, entries, size)
    try:
        content = torch.load(
            str(path), weights_only=True, map_location="cpu", mmap=entries is not None
        )
    except Exception as error:
        if _imports_something(path, entries):
            raise BadCheckpoint(NO_CODE.format(name=path.name)) from error
        raise
    if isinstance(content, torch.Tensor) and is_matrix(content):
        raise BadCheckpoint(f"{path.name} is not an SAE: {one_matrix(content)}")
    if not isinstance(content, dict):
        raise BadCheckpoint(
            f"{path.name} is not an SAE: it holds one {type(content).__name__.lower()} instead of "
            "tensors by name."
        )
    beside: dict[Any, Any] = {}
    for name in _NESTED:
        if isinstance(content.get(name), dict):
            beside = {other: value for other, value in content.items() if other != name}
            content = content[name]
            break
    tensors = {n: t for n, t in content.items() if isinstance(t, torch.Tensor)}
    beside |= {n: v for n, v in content.items() if not isinstance(v, torch.Tensor)}
    _check_tensors(path, tensors, size)
    return tensors, beside


def _check_archive(path: Path, entries: list[zipfile.ZipInfo], size: int) -> None:
    names = [entry.filename for entry in entries]
    if any(name.endswith("constants.pkl") or "/code/" in name for name in names):
        raise BadCheckpoint(
            f"{path.name} is a TorchScript program, not a file of weights. Ask for its state dict."
        )
    if not any(name.endswith("data.pkl") for name in names):
        raise BadCheckpoint(f"{path.name} is not a PyTorch file of weights.")
    unpacked = sum(entry.file_size for entry in entries)
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or unpacked > size:
        raise BadCheckpoint(_grows(path, size, unpacked))
    _check_sums(path, entries)


def _check_sums(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Compare what the archive holds with its checksums, which torch does not do."""
    with zipfile.ZipFile(path) as archive:
        for entry in entries:
            # 0 where torch was told to leave it out.
            if entry.CRC == 0:
                continue
            try:
                with archive.open(entry) as stream:
                    while stream.read(_READ_AT_ONCE):
                        pass
            except zipfile.BadZipFile as error:
                raise BadCheckpoint(
                    f"{path.name} is damaged: it no longer holds what was written. Copy or "
                    "download it again."
                ) from error


def _check_tensors(path: Path, tensors: Mapping[Any, Any], size: int) -> None:
    """Tensors are plain, on the CPU, and no larger than what the file holds of them."""
    import torch

    if len(tensors) > _MOST_TENSORS or not all(isinstance(name, str) for name in tensors):
        raise BadCheckpoint(f"{path.name} is not an SAE: its tensors are not named as one’s are.")
    for name, tensor in tensors.items():
        is_plain = tensor.layout == torch.strided and not tensor.is_quantized
        if not is_plain or tensor.device.type != "cpu":
            raise BadCheckpoint(f"{name} in {path.name} is not a plain tensor.")
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise BadCheckpoint(
                f"{name} in {path.name} says it has {tensor.numel():,} numbers, which the file "
                "does not hold."
            )
    declared = sum(t.numel() * t.element_size() for t in tensors.values())
    if declared > 2 * size:
        raise BadCheckpoint(f"{path.name} says it has more numbers than it holds.")


def _imports_something(path: Path, entries: list[zipfile.ZipInfo] | None) -> bool:
    """Whether the pickle names anything beyond what tensors need, read without unpickling."""
    try:
        if entries is None:
            with path.open("rb") as stream:
                content = stream.read(_LONGEST_PICKLE_SCANNED)
        else:
            name = next(e.filename for e in entries if e.filename.endswith("data.pkl"))
            with zipfile.ZipFile(path) as archive, archive.open(name) as packed:
                content = packed.read(_LONGEST_PICKLE_SCANNED)
        return _names_foreign_code(content)
    except (OSError, ValueError, RuntimeError, OverflowError, StopIteration, zipfile.BadZipFile):
        return False


def _names_foreign_code(content: bytes) -> bool:
    stream = io.BytesIO(content)
    texts: list[str] = []
    try:
        # A file in the older form is several pickles, one after the other.
        while stream.tell() < len(content):
            for opcode, argument, _ in pickletools.genops(stream):
                if isinstance(argument, str):
                    texts = [*texts[-1:], argument]
                if opcode.name in ("GLOBAL", "INST"):
                    module = str(argument).split(" ")[0]
                elif opcode.name == "STACK_GLOBAL":
                    module = texts[0] if len(texts) == 2 else ""
                else:
                    continue
                if module not in _IMPORTS_OF_TENSORS:
                    return True
    except ValueError:
        pass
    return False
