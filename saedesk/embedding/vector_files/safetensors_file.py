"""A .safetensors: tensors of numbers, of which only the header is read before one is chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.corpus.input_file import InputFile, readable
from saedesk.embedding.vector_files.columns_beside import with_columns
from saedesk.embedding.vector_files.matrix_kinds import (
    LEAST_DIMENSIONS,
    MOST_DIMENSIONS,
    precision_notes,
)
from saedesk.embedding.vector_files.matrix_on_disk import MatrixOnDisk
from saedesk.embedding.vector_files.sae_names import are_names_of_an_sae
from saedesk.embedding.vector_files.vector_file import (
    VectorChunk,
    VectorFormat,
    VectorTable,
    no_cells,
)
from saedesk.errors import BadInput

_FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_WHOLE = {"I64": "<i8", "I32": "<i4", "I16": "<i2", "U64": "<u8", "U32": "<u4", "U16": "<u2"}
_NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_NUMBERS_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class _Tensor:
    """One entry of the header."""

    name: str
    kind: str
    """As the format names it: "F32"."""
    shape: tuple[int, ...]
    offset: int
    """In the file, in bytes."""

    @property
    def is_vectors(self) -> bool:
        """Whether it can be a table of vectors."""
        is_table = len(self.shape) == 2 and self.shape[0] >= 1
        return (
            self.kind in _FLOATS
            and is_table
            and LEAST_DIMENSIONS <= self.shape[1] <= MOST_DIMENSIONS
        )


class SafetensorsFile:
    """One 2-D tensor, with the 1-D tensors of whole numbers of the same length as columns."""

    def __init__(self, path: Path, table: VectorTable) -> None:
        self.path, self.table = path, table
        tensors = _tensors(path)
        self._tensor = next(one for one in tensors if one.name == table.name)
        self._columns = {
            one.name: one for one in tensors if one.kind in _WHOLE and one.shape == (table.rows,)
        }
        self.columns = tuple(self._columns)
        self.notes = precision_notes(table.dtype)

    def chunks(self) -> Iterator[VectorChunk]:
        """All rows in order."""
        one = self._tensor
        matrix = MatrixOnDisk(
            self.path, one.offset, self.table.rows, self.table.dimensions,
            np.dtype(_FLOATS[one.kind]), is_bfloat16=one.kind == "BF16",
        )  # fmt: skip
        return matrix.chunks()

    def cells(self, columns: Sequence[str]) -> Iterator[Sequence[str]]:
        """Row by row."""
        if not columns:
            return no_cells(self.table.rows)
        return zip(*(self._numbers(self._columns[name]) for name in columns), strict=True)

    def _numbers(self, tensor: _Tensor) -> Iterator[str]:
        dtype = np.dtype(_WHOLE[tensor.kind])
        with readable(self.path), self.path.open("rb") as file:
            file.seek(tensor.offset)
            for start in range(0, self.table.rows, _NUMBERS_AT_ONCE):
                count = min(_NUMBERS_AT_ONCE, self.table.rows - start)
                yield from map(
                    str, np.frombuffer(file.read(count * dtype.itemsize), dtype).tolist()
                )

    def content_files(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)


def _tables(path: Path) -> tuple[VectorTable, ...]:
    tensors = _tensors(path)
    found = [one for one in tensors if one.is_vectors]
    if not found:
        there = ", ".join(f"“{t.name}” {t.kind} {list(t.shape)}" for t in tensors[:5]) or "nothing"
        raise BadInput(
            f"{path.name} holds no table of vectors: it would be a tensor of two axes of "
            f"floating-point numbers. It has {there}."
        )
    return tuple(_table(path, one) for one in found)


def _table(path: Path, tensor: _Tensor) -> VectorTable:
    rows, dimensions = tensor.shape
    plain = VectorTable(tensor.name, rows, dimensions, _NAMES[tensor.kind], (), False)
    file = SafetensorsFile(path, plain)
    return with_columns(plain, file.columns, file)


def _tensors(path: Path) -> list[_Tensor]:
    """The header, after the library has checked it against the file; raises BadInput."""
    from safetensors import SafetensorError, safe_open

    InputFile(path)
    try:
        with readable(path):
            with safe_open(str(path), framework="numpy"):
                pass
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                header = json.loads(file.read(length))
    except (SafetensorError, ValueError, RecursionError) as error:
        raise _damaged(path) from error
    header.pop("__metadata__", None)
    tensors = [
        _Tensor(name, told["dtype"], tuple(told["shape"]), 8 + length + told["data_offsets"][0])
        for name, told in header.items()
    ]
    return sorted(tensors, key=lambda tensor: tensor.offset)


def _damaged(path: Path) -> BadInput:
    return BadInput(
        f"{path.name} is a damaged or cut-off .safetensors file; fetch or save it again."
    )


def _is_safetensors(path: Path) -> bool:
    return path.suffix.lower() == ".safetensors" and path.is_file()


def _holds_vectors(path: Path) -> bool:
    tensors = _tensors(path)
    vectors = any(tensor.is_vectors for tensor in tensors)
    return vectors and not are_names_of_an_sae(tensor.name for tensor in tensors)


SAFETENSORS_FORMAT = VectorFormat(
    "safetensors", _is_safetensors, _holds_vectors, _tables, SafetensorsFile
)
