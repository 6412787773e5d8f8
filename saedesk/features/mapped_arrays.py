"""Plain .npy files that are written piece by piece and read through a memory map."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from saedesk.errors import OutOfRoom


class GrowingArray:
    """A one-dimensional .npy file that grows at its end; its length is set by `finish`."""

    def __init__(self, path: Path, dtype: np.dtype | type) -> None:
        self.path = path
        self.dtype = np.dtype(dtype)
        self.length = 0
        with path.open("wb") as file:
            self._header_size = self._write_header(file)

    def append(self, values: np.ndarray) -> None:
        """Add `values` at the end; raises OutOfRoom when the disk is full."""
        # Opened anew each time: a writer that is given up leaves no open file behind.
        try:
            with self.path.open("ab") as file:
                file.write(np.ascontiguousarray(values, dtype=self.dtype).data)
        except OSError as error:
            raise _write_failed(self.path, error) from error
        self.length += len(values)

    def finish(self) -> np.ndarray:
        """Write the length into the header and map the file read-only."""
        with self.path.open("r+b") as file:
            if self._write_header(file) != self._header_size:
                raise RuntimeError("the header of a .npy file changed its size")
        return open_mapped(self.path)

    def _write_header(self, file) -> int:
        # numpy leaves room in the header for the first axis to grow.
        header = {
            "shape": (self.length,),
            "fortran_order": False,
            "descr": np.lib.format.dtype_to_descr(self.dtype),
        }
        np.lib.format.write_array_header_1_0(file, header)
        return file.tell()


def create_mapped(path: Path, shape: Sequence[int], dtype: np.dtype | type) -> np.ndarray:
    """A new .npy file mapped for writing; raises OutOfRoom when it does not fit on the disk."""
    if 0 in shape:
        # An empty file cannot be mapped.
        np.save(path, np.empty(tuple(shape), dtype), allow_pickle=False)
        return np.empty(tuple(shape), dtype)
    try:
        array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=tuple(shape))
        if hasattr(os, "posix_fallocate"):
            # Without the room, a write through the map would kill the process.
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    except OSError as error:
        raise _write_failed(path, error) from error
    return array


def open_mapped(path: Path) -> np.ndarray:
    """A .npy file mapped read-only; an empty one is read whole."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        # An empty file cannot be mapped; a damaged one fails again here.
        array = np.load(path, allow_pickle=False)
        array.flags.writeable = False
    return array


def read_ahead(array: np.ndarray, rows: np.ndarray | None = None) -> None:
    """Ask the operating system to read a mapped file soon, or `rows` (ascending) of it.

    Many places of a cold file are then read at once and no more than is asked for, where a map
    would wait for each and read what surrounds it. Nothing waits here, and nothing happens for
    arrays in memory or where the system knows no such wish.
    """
    if not (isinstance(array, np.memmap) and array.filename and hasattr(os, "posix_fadvise")):
        return
    starts, lengths = np.zeros(1, np.int64), np.zeros(1, np.int64)
    if rows is not None and len(rows):
        rows = np.asarray(rows, np.int64)
        first = np.flatnonzero(np.diff(rows, prepend=rows[0] - 2) != 1)
        starts = array.offset + rows[first] * array.strides[0]
        lengths = np.diff(np.append(first, len(rows))) * array.strides[0]
    with open(array.filename, "rb") as file:
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            # A length of 0 reaches to the end of the file.
            os.posix_fadvise(file.fileno(), start, length, os.POSIX_FADV_WILLNEED)


def _write_failed(path: Path, error: OSError) -> OutOfRoom:
    return OutOfRoom(
        f"Writing {path} failed ({error.strerror or error}). Make room on its disk and start again."
    )
