"""What every reader of a vector file gives: the tables it holds, their rows, what lies beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

LEAST_DIMENSIONS = 2
MOST_DIMENSIONS = 65_536
"""No embedding has more; a table that claims so is something else."""


@dataclass(frozen=True)
class VectorTable:
    """One matrix that a file offers."""

    name: str
    """Name of the array, tensor or column; "" where there is only one without a name."""
    rows: int
    dimensions: int
    dtype: str
    """How the numbers are stored: "float32", "float16", "bfloat16", …"""
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
    """What lies beside the vectors as text, in the order of the file."""
    notes: tuple[str, ...]
    """Sentences worth showing."""

    def chunks(self, rows: int = 0) -> Iterator[VectorChunk]:
        """All rows in order, at most `rows` at a time (0: about 16 MB); raises BadInput."""

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
    """Cheap: by name and first bytes; never raises."""
    tables: Callable[[Path], tuple[VectorTable, ...]]
    """Raises BadInput with one sentence."""
    open: Callable[[Path, VectorTable], VectorFile]
