"""A .npy: one array, row by row or column by column, in any byte order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from saedesk.corpus.input_file import InputFile, readable
from saedesk.embedding.vector_files.matrix_kinds import precision_notes, refuse_other_arrays
from saedesk.embedding.vector_files.matrix_on_disk import MatrixOnDisk
from saedesk.embedding.vector_files.npy_header import (
    HEADER_BYTES,
    NPY_MAGIC,
    NpyHeader,
    read_npy_header,
)
from saedesk.embedding.vector_files.vector_file import (
    VectorChunk,
    VectorFormat,
    VectorTable,
    first_bytes,
    no_cells,
)
from saedesk.errors import BadInput


def checked_header(path: Path) -> NpyHeader:
    """The header of a file that holds what it claims and can be vectors; raises BadInput."""
    size = InputFile(path).size_bytes
    with readable(path), path.open("rb") as file:
        header = read_npy_header(file.read(HEADER_BYTES), path.name)
    refuse_other_arrays(path, "", header.shape, header.dtype)
    if header.offset + header.nbytes > size:
        rows, dimensions = header.shape
        raise BadInput(
            f"{path.name} claims {rows:,} rows of {dimensions:,} numbers, which take "
            f"{header.nbytes:,} bytes; it has {size - header.offset:,}. It is cut off or damaged; "
            "fetch or save it again."
        )
    return header


class NpyFile:
    """The one table of a .npy."""

    columns: tuple[str, ...] = ()

    def __init__(self, path: Path, table: VectorTable) -> None:
        header = checked_header(path)
        self.path, self.table = path, table
        self._matrix = MatrixOnDisk(
            path, header.offset, table.rows, table.dimensions, header.dtype, header.by_column
        )
        self.notes = precision_notes(table.dtype)
        rest = path.stat().st_size - header.offset - header.nbytes
        if rest:
            self.notes += (f"{rest:,} bytes follow after the array; they are not read.",)

    def chunks(self) -> Iterator[VectorChunk]:
        """All rows in order."""
        return self._matrix.chunks()

    def cells(self, columns: Sequence[str]) -> Iterator[Sequence[str]]:
        """Nothing lies beside the vectors."""
        return no_cells(self.table.rows)

    def content_files(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)


def _tables(path: Path) -> tuple[VectorTable, ...]:
    header = checked_header(path)
    rows, dimensions = header.shape
    return (VectorTable("", rows, dimensions, header.kind, (), False),)


def _is_npy(path: Path) -> bool:
    return path.suffix.lower() == ".npy" or first_bytes(path, 6) == NPY_MAGIC


NPY_FORMAT = VectorFormat(
    "NumPy array", _is_npy, lambda path: bool(_tables(path)), _tables, NpyFile
)
