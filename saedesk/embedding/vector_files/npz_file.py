"""A .npz: arrays in a zip archive, each read as a stream, so that none lies in memory whole."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from saedesk.corpus.cell_text import cell_text
from saedesk.corpus.input_file import InputFile, readable
from saedesk.embedding.vector_files.columns_beside import with_columns
from saedesk.embedding.vector_files.matrix_kinds import (
    as_float32,
    is_vector_array,
    precision_notes,
    refuse_other_arrays,
)
from saedesk.embedding.vector_files.npy_header import HEADER_BYTES, NpyHeader, read_npy_header
from saedesk.embedding.vector_files.sae_names import are_names_of_an_sae
from saedesk.embedding.vector_files.vector_file import (
    VectorChunk,
    VectorFormat,
    VectorTable,
    first_bytes,
    no_cells,
    rows_at_once,
)
from saedesk.errors import BadInput

MOST_MEMBERS = 1_000
MOST_BY_COLUMN = 256 << 20
"""Bytes of an array in Fortran order that are unpacked in memory: a stream has no columns."""
HIGHEST_RATIO = 200
"""Real vectors pack to a half at best; this leaves room for many zero rows."""
_ALWAYS_FINE = 1 << 26
_CELL_BYTES = 4 << 20
_LONGEST_CELL = 1 << 20
"""Characters of a fixed-width text array."""
LARGEST_COLUMN = 8 << 30
"""Bytes of an array beside the vectors, unpacked: a million texts of 2,000 characters. Padding
packs as well as a bomb does, so the ratio says nothing here."""


@dataclass(frozen=True)
class _Member:
    """One array of the archive."""

    name: str
    """Without .npy."""
    header: NpyHeader
    entry: zipfile.ZipInfo


class NpzFile:
    """One 2-D array of a .npz, with the 1-D arrays of the same length as columns."""

    def __init__(self, path: Path, table: VectorTable) -> None:
        self.path, self.table = path, table
        members = _members(path)
        self._matrix = next(one for one in members if one.name == table.name)
        if _grows_too_much(self._matrix):
            raise _too_packed(path, self._matrix)
        columns = [one for one in members if _is_column(one, table.rows)]
        too_large = [one.name for one in columns if one.entry.file_size > LARGEST_COLUMN]
        self._columns = {one.name: one for one in columns if one.name not in too_large}
        self.columns = tuple(self._columns)
        self.notes = precision_notes(table.dtype) + tuple(
            f"The array “{name}” is too large to be read beside the vectors; it is left out."
            for name in too_large
        )

    def chunks(self) -> Iterator[VectorChunk]:
        """All rows in order."""
        header = self._matrix.header
        with _opened(self.path) as archive:
            if header.by_column:
                yield from self._from_columns(archive)
                return
            at_once = rows_at_once(self.table.dimensions)
            for part in _pieces(archive, self.path, self._matrix, at_once):
                yield VectorChunk(as_float32(part), np.zeros(len(part), bool))

    def _from_columns(self, archive: zipfile.ZipFile) -> Iterator[VectorChunk]:
        header = self._matrix.header
        if header.nbytes > MOST_BY_COLUMN:
            raise BadInput(
                f"The array “{self.table.name}” in {self.path.name} lies there column by column, "
                "and is too large to be turned. Save it as .npy, or in C order."
            )
        turned = (header.shape[1], header.shape[0])
        member = _Member(
            self._matrix.name,
            NpyHeader(turned, False, header.dtype, header.offset),
            self._matrix.entry,
        )
        whole = np.concatenate(list(_pieces(archive, self.path, member, 1 << 10))).T
        at_once = rows_at_once(self.table.dimensions)
        for start in range(0, len(whole), at_once):
            part = as_float32(whole[start : start + at_once])
            yield VectorChunk(part, np.zeros(len(part), bool))

    def cells(self, columns: Sequence[str]) -> Iterator[Sequence[str]]:
        """Row by row."""
        if not columns:
            yield from no_cells(self.table.rows)
            return
        with _opened(self.path) as archive:
            yield from zip(
                *(_texts(archive, self.path, self._columns[name]) for name in columns), strict=True
            )

    def content_files(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)


def _tables(path: Path) -> tuple[VectorTable, ...]:
    members = _members(path)
    found = [one for one in members if is_vector_array(one.header.shape, one.header.dtype)]
    if not found:
        if not members:
            raise BadInput(f"{path.name} holds no arrays.")
        refuse_other_arrays(path, members[0].name, members[0].header.shape, members[0].header.dtype)
    usable = [one for one in found if not _grows_too_much(one)]
    if not usable:
        raise _too_packed(path, found[0])
    return tuple(_table(path, one) for one in usable)


def _table(path: Path, member: _Member) -> VectorTable:
    rows, dimensions = member.header.shape
    plain = VectorTable(member.name, rows, dimensions, member.header.kind, (), False)
    file = NpzFile(path, plain)
    return with_columns(plain, file.columns, file)


def _members(path: Path) -> list[_Member]:
    """The arrays of the archive, each of the size its header claims; raises BadInput."""
    InputFile(path)
    with _opened(path) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
        if len(entries) > MOST_MEMBERS:
            raise BadInput(
                f"{path.name} holds {len(entries):,} arrays; at most {MOST_MEMBERS:,} can be."
            )
        names = [entry.filename for entry in entries]
        if len(set(names)) < len(names):
            raise BadInput(f"{path.name} holds several arrays of one name; save it again.")
        return [_member(archive, path, entry) for entry in entries]


def _member(archive: zipfile.ZipFile, path: Path, entry: zipfile.ZipInfo) -> _Member:
    name = entry.filename.removesuffix(".npy")
    with archive.open(entry) as stream:
        header = read_npy_header(stream.read(HEADER_BYTES), f"The array “{name}” in {path.name}")
    is_plain = not header.dtype.hasobject
    if is_plain and header.offset + header.nbytes != entry.file_size:
        raise BadInput(
            f"The array “{name}” in {path.name} claims {header.nbytes:,} bytes and has "
            f"{entry.file_size - header.offset:,}. It is cut off or damaged; save it again."
        )
    return _Member(name, header, entry)


def _grows_too_much(member: _Member) -> bool:
    size, packed = member.entry.file_size, max(1, member.entry.compress_size)
    return size > _ALWAYS_FINE and size / packed > HIGHEST_RATIO


def _too_packed(path: Path, member: _Member) -> BadInput:
    return BadInput(
        f"The array “{member.name}” in {path.name} would unpack from "
        f"{member.entry.compress_size:,} to {member.entry.file_size:,} bytes, which no vectors do. "
        "It was not unpacked."
    )


def _is_column(member: _Member, rows: int) -> bool:
    dtype = member.header.dtype
    if dtype.hasobject or member.header.shape != (rows,):
        return False
    return dtype.kind in "iufb" or (dtype.kind in "US" and dtype.itemsize <= 4 * _LONGEST_CELL)


def _texts(archive: zipfile.ZipFile, path: Path, member: _Member) -> Iterator[str]:
    at_once = max(1, _CELL_BYTES // max(1, member.header.dtype.itemsize))
    for part in _pieces(archive, path, member, at_once):
        for value in part.tolist():
            if isinstance(value, bytes):
                value = value.decode("utf-8", "replace")
            yield "" if value != value else cell_text(value)


def _pieces(
    archive: zipfile.ZipFile, path: Path, member: _Member, rows: int
) -> Iterator[np.ndarray]:
    """The array in its own kind, some rows at a time."""
    header = member.header
    of_a_row = header.shape[1:]
    bytes_of_a_row = int(np.prod(of_a_row, dtype=np.int64)) * header.dtype.itemsize
    with archive.open(member.entry) as stream:
        _read(stream, header.offset, path)
        for start in range(0, header.shape[0], rows):
            count = min(rows, header.shape[0] - start)
            read = _read(stream, count * bytes_of_a_row, path)
            try:
                yield np.frombuffer(read, header.dtype, count * int(np.prod(of_a_row))).reshape(
                    count, *of_a_row
                )
            except (ValueError, UnicodeDecodeError) as error:
                raise _damaged(path) from error


def _read(stream: IO[bytes], count: int, path: Path) -> bytes:
    read = stream.read(count)
    if len(read) < count:
        raise _damaged(path)
    return read


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with readable(path), zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise _damaged(path) from error
    except BadInput as problem:
        # An archive cut off inside is no fault of a gzip file, as `readable` has to suppose.
        if isinstance(problem.__cause__, (EOFError, zlib.error)):
            raise _damaged(path) from problem.__cause__
        raise


def _damaged(path: Path) -> BadInput:
    return BadInput(
        f"{path.name} is a damaged, encrypted or cut-off .npz file; fetch or save it again."
    )


def _is_npz(path: Path) -> bool:
    return path.suffix.lower() == ".npz" and first_bytes(path, 2) == b"PK"


def _holds_vectors(path: Path) -> bool:
    members = _members(path)
    arrays = [one for one in members if is_vector_array(one.header.shape, one.header.dtype)]
    return bool(arrays) and not are_names_of_an_sae(one.name for one in members)


NPZ_FORMAT = VectorFormat("NumPy archive", _is_npz, _holds_vectors, _tables, NpzFile)
