"""What a reader of vector files gives: its tables, their rows, and what lies beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

BYTES_AT_ONCE = 16 << 20
"""Vectors in memory at a time, as float32."""


@dataclass(frozen=True)
class VectorTable:
    """One matrix that a file offers."""

    name: str
    """Name of the array, tensor or column; "" where there is only one without a name."""
    rows: int
    dimensions: int
    dtype: str
    """How the numbers are stored: "float32", "float16", "bfloat16", "float64"."""
    key_columns: tuple[str, ...]
    """Columns or arrays beside it that could be keys, the likely one first."""
    has_documents: bool
    """Whether texts, titles or fields lie beside the vectors."""


@dataclass(frozen=True)
class VectorChunk:
    """Some consecutive rows of a table."""

    values: np.ndarray
    """(n, d) float32, in memory; numbers too large for float32 are infinite."""
    missing: np.ndarray
    """(n,) bool: rows that hold no vector at all (a null); their values are zero."""


class VectorFile(Protocol):
    """One table of an opened file."""

    path: Path
    table: VectorTable
    columns: tuple[str, ...]
    """What lies beside the vectors and can be read as text, in the order of the file."""
    notes: tuple[str, ...]
    """Sentences worth showing."""

    def chunks(self) -> Iterator[VectorChunk]:
        """All rows in order, about 16 MB at a time; raises BadInput."""

    def cells(self, columns: Sequence[str]) -> Iterator[Sequence[str]]:
        """The cells of `columns` as text, row by row, "" where there is none; raises BadInput."""

    def content_files(self) -> tuple[Path, ...]:
        """The files that make up the content, in order."""


@dataclass(frozen=True)
class VectorFormat:
    """A format: how to recognise it, what it offers, how to open one of its tables."""

    name: str
    """For a person: "NumPy array", "saved data set"."""
    recognises: Callable[[Path], bool]
    """By name and first bytes; never raises."""
    holds_vectors: Callable[[Path], bool]
    """Whether a file so recognised holds vectors, without reading all of it; may raise BadInput."""
    tables: Callable[[Path], tuple[VectorTable, ...]]
    """Raises BadInput with one sentence."""
    open: Callable[[Path, VectorTable], VectorFile]


def rows_at_once(dimensions: int) -> int:
    """Rows of float32 that take about `BYTES_AT_ONCE`."""
    return max(1, BYTES_AT_ONCE // (4 * dimensions))


def no_cells(rows: int) -> Iterator[Sequence[str]]:
    """The cells of no column at all, for every row."""
    for _ in range(rows):
        yield ()


def first_bytes(path: Path, count: int) -> bytes:
    """The beginning of a file; nothing for what cannot be read or is no regular file."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(count)
    except OSError:
        return b""
