"""Arrays into .npy and .npz files piece by piece, so that they may be larger than memory."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO

import numpy as np

Member = Callable[[BinaryIO], None]
"""Writes one array into the stream it is given."""


def write_npy(
    file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype | type, pieces: Iterable[np.ndarray]
) -> None:
    """An array in C order, put together from `pieces` along its first axis; no pickle, ever.

    Raises ValueError when the pieces are not as long as `shape` says.
    """
    kind = np.dtype(dtype)
    header = {
        "descr": np.lib.format.dtype_to_descr(kind),
        "fortran_order": False,
        "shape": shape,
    }
    np.lib.format.write_array_header_1_0(file, header)
    length = 0
    for piece in pieces:
        file.write(np.ascontiguousarray(piece, kind).tobytes())
        length += len(piece)
    if shape and length != shape[0]:
        raise ValueError(f"{shape[0]} entries announced, {length} written")


def write_npz(file: BinaryIO, members: Mapping[str, Member]) -> None:
    """A .npz that `numpy.load` opens without pickles; members are written one after the other."""
    # The lightest compression: codes and keys become half as large, at the speed of a disk.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, write in members.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                write(member)  # type: ignore[arg-type]


def whole(array: np.ndarray) -> Member:
    """A member that is in memory already."""
    array = np.asarray(array)
    pieces = [array] if array.ndim else [array.reshape(1)]
    return lambda file: write_npy(file, array.shape, array.dtype, pieces)


def texts(values: list[str]) -> np.ndarray:
    """Texts as an array of a fixed width, which needs no pickle: (n,) of dtype `<U…`."""
    return np.array(values, dtype=f"<U{max(1, max((len(v) for v in values), default=1))}")
