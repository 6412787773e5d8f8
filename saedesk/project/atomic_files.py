"""Writing files so that a killed program, a full disk or a power cut leaves old or new, never half.

The pattern everywhere: write beside the target, flush, fsync, check the length, rename over.
Mapped files are replaced, never changed in place: truncating a mapped file kills its readers.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from saedesk.errors import OutOfRoom

PARTIAL_PREFIX = ".partial-"


@contextlib.contextmanager
def replacement(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` in one step when the block ends.

    An exception in the block leaves what was there before and nothing else. Raises OutOfRoom when
    the disk is full.
    """
    partial = path.with_name(f"{PARTIAL_PREFIX}{os.getpid()}-{path.name}")
    try:
        with disk_errors(path.parent):
            with partial.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step; raises OutOfRoom when the disk is full."""
    with replacement(path) as file:
        file.write(content)


def write_json(path: Path, content: object) -> None:
    """Replace `path` by `content` as readable JSON in one step."""
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False)
    write_bytes(path, text.encode("utf-8") + b"\n")


def write_array(path: Path, array: np.ndarray) -> None:
    """Replace `path` by `array` as .npy in one step."""
    with replacement(path) as file:
        np.save(file, array, allow_pickle=False)


def create_array(path: Path, shape: tuple[int, ...], dtype: np.dtype | type) -> np.memmap:
    """A new mapped .npy whose room is reserved first (a full disk would else kill the process)."""
    nbytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if nbytes == 0:
        # An empty array cannot be mapped; a plain one behaves the same for readers and writers.
        with disk_errors(path.parent), path.open("wb") as file:
            np.save(file, np.empty(shape, dtype), allow_pickle=False)
        return np.empty(shape, dtype)  # type: ignore[return-value]
    require_room(path.parent, nbytes)
    with disk_errors(path.parent):
        array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def open_array(path: Path) -> np.ndarray:
    """A .npy file mapped read-only; an empty one is read whole."""
    array: np.ndarray = np.load(
        path, mmap_mode=None if _is_empty(path) else "r", allow_pickle=False
    )
    array.flags.writeable = False
    return array


def _is_empty(path: Path) -> bool:
    with path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, _, _ = read(file)
    return 0 in shape


def require_room(folder: Path, nbytes: int) -> None:
    """Raise OutOfRoom unless `nbytes` and a fifth more are free on the disk of `folder`."""
    free = shutil.disk_usage(folder).free
    if free < nbytes * 1.2:
        raise OutOfRoom(
            f"There is not enough room on the disk of {folder}: {megabytes(nbytes)} are needed, "
            f"{megabytes(free)} are free. Make room and start again."
        )


def megabytes(nbytes: int) -> str:
    """A size for a person: "12 MB", "3.4 GB"."""
    if nbytes >= 1e9:
        return f"{nbytes / 1e9:.1f} GB"
    return f"{nbytes / 1e6:.1f} MB" if nbytes < 1e7 else f"{nbytes / 1e6:.0f} MB"


@contextlib.contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn a failed write into OutOfRoom with a sentence that names the folder."""
    try:
        yield
    except OSError as error:
        raise OutOfRoom(
            f"Writing to {folder} failed ({error.strerror or error}). "
            "What was there before is unchanged."
        ) from error


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` durable where the system lets a program do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_files(folder: Path) -> None:
    """Flush every file below `folder` to the disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with disk_errors(folder), path.open("rb+") as file:
                os.fsync(file.fileno())


def file_digest(path: Path) -> str:
    """The sha256 of a file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def short_hash(content: object) -> str:
    """Sixteen hexadecimal digits that name `content` (anything JSON can say)."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
