"""A matrix that lies in a file as it is: read in pieces, never mapped, never whole in memory.

A mapped file counts as memory of this process and kills it when somebody cuts the file meanwhile;
reads at an offset do neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from saedesk.corpus.input_file import readable
from saedesk.embedding.vector_files.matrix_kinds import as_float32
from saedesk.embedding.vector_files.vector_file import VectorChunk, rows_at_once
from saedesk.errors import BadInput


@dataclass(frozen=True)
class MatrixOnDisk:
    """(rows, dimensions) numbers at an offset of a file."""

    path: Path
    offset: int
    """In bytes."""
    rows: int
    dimensions: int
    dtype: np.dtype
    """As stored, with its byte order; uint16 for bfloat16."""
    by_column: bool = False
    """Fortran order: one column after the other."""
    is_bfloat16: bool = False

    def chunks(self) -> Iterator[VectorChunk]:
        """All rows in order; raises BadInput where the file ends too early."""
        at_once = rows_at_once(self.dimensions)
        read = self._read_columns if self.by_column else self._read_rows
        with readable(self.path), self.path.open("rb") as file:
            for start in range(0, self.rows, at_once):
                stored = read(file, start, min(at_once, self.rows - start))
                values = from_bfloat16(stored) if self.is_bfloat16 else as_float32(stored)
                yield VectorChunk(values, np.zeros(len(values), bool))

    def _read_rows(self, file: BinaryIO, start: int, count: int) -> np.ndarray:
        file.seek(self.offset + start * self.dimensions * self.dtype.itemsize)
        return self._numbers(file, count * self.dimensions).reshape(count, self.dimensions)

    def _read_columns(self, file: BinaryIO, start: int, count: int) -> np.ndarray:
        part = np.empty((count, self.dimensions), self.dtype)
        for column in range(self.dimensions):
            file.seek(self.offset + (column * self.rows + start) * self.dtype.itemsize)
            part[:, column] = self._numbers(file, count)
        return part

    def _numbers(self, file: BinaryIO, count: int) -> np.ndarray:
        read = file.read(count * self.dtype.itemsize)
        if len(read) < count * self.dtype.itemsize:
            raise BadInput(
                f"{self.path.name} ended too early: it was cut while it was read. Try again."
            )
        return np.frombuffer(read, self.dtype)


def from_bfloat16(stored: np.ndarray) -> np.ndarray:
    """float32 of the (…) uint16 that are its upper halves."""
    wide = stored.astype(np.uint32)
    wide <<= 16
    return wide.view(np.float32)
