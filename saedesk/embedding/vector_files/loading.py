"""A table of vectors as one array, for notebooks and scripts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saedesk.embedding.vector_files.any_vector_file import open_vector_file


def load_vectors(path: Path | str, table: str = "") -> np.ndarray:
    """The vectors of a file or folder: (n, d) float32.

    Every format that a project imports; `table` names the array or column where there are several.
    A .npy file of float32 in row order is mapped, read-only, so it may be larger than memory; the
    others are read. Rows without a vector are NaN. Raises BadInput with one sentence.
    """
    file = open_vector_file(Path(path), table)
    mapped = _mapped(file.path)
    if mapped is not None:
        return mapped
    vectors = np.empty((file.table.rows, file.table.dimensions), np.float32)
    start = 0
    for chunk in file.chunks():
        part = vectors[start : start + len(chunk.values)]
        part[:] = chunk.values
        part[chunk.missing] = np.nan
        start += len(part)
    return vectors


def _mapped(path: Path) -> np.ndarray | None:
    if path.suffix.lower() != ".npy":
        return None
    found: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return found if found.dtype == np.float32 and found.flags.c_contiguous else None
