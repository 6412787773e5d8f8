"""Lists of numbers in Arrow columns as vectors: what is a vector, and rows to matrices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.embedding.vector_files.matrix_kinds import as_float32
from saedesk.embedding.vector_files.vector_file import VectorChunk
from saedesk.errors import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

_NAMES = {"halffloat": "float16", "float": "float32", "double": "float64"}
_NAMED_ROWS = 5


def is_vector_column(kind: pa.DataType) -> bool:
    """Whether an Arrow type is a list of floating-point numbers, of fixed length or not."""
    from pyarrow import types

    kind = _storage(kind)
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return is_list and types.is_floating(kind.value_type)


def _storage(kind: Any) -> Any:
    """What an extension type, such as a tensor, is stored as."""
    import pyarrow as pa

    while isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    return kind


def number_kind(kind: pa.DataType) -> str:
    """The numbers of a vector column: "float32", …"""
    return _NAMES[str(_storage(kind).value_type)]


def first_length(column: pa.Array) -> int | None:
    """The length of the first list that is not null; None where all are."""
    from pyarrow import types

    column = _plain(column)
    if types.is_fixed_size_list(column.type):
        return int(column.type.list_size)
    lengths = column.value_lengths().drop_null()
    return int(lengths[0].as_py()) if len(lengths) else None


def vectors_of(column: pa.Array, dimensions: int, first_row: int, what: str) -> VectorChunk:
    """The rows of a vector column; a null in a list is NaN, a null list is a missing row.

    Raises BadInput, about `what`, naming rows of another length; they count from `first_row`.
    """
    from pyarrow import types

    column = _plain(column)
    missing = np.asarray(column.is_null())
    if not types.is_fixed_size_list(column.type):
        lengths = column.value_lengths().fill_null(dimensions).to_numpy(zero_copy_only=False)
        other = np.flatnonzero(lengths != dimensions)
        if len(other):
            raise ragged_rows(what, other + first_row, int(lengths[other[0]]), dimensions)
    stored = column.flatten().to_numpy(zero_copy_only=False)
    values = np.zeros((len(column), dimensions), np.float32)
    values[~missing] = as_float32(stored).reshape(-1, dimensions)
    return VectorChunk(values, missing)


def ragged_rows(what: str, rows: np.ndarray, length: int, dimensions: int) -> BadInput:
    """The sentence about rows (from 0) whose vectors have another length."""
    named = ", ".join(f"{row + 1:,}" for row in rows[:_NAMED_ROWS])
    more = ", …" if len(rows) > _NAMED_ROWS else ""
    one = f"Row {named} has" if len(rows) == 1 else f"Rows {named}{more} have"
    return BadInput(
        f"The vectors of {what} are not all of one length: the first has {dimensions:,} numbers. "
        f"{one} another number of them ({length:,}). Make them again, or leave these rows empty."
    )


def named(column: str, path: Path) -> str:
    """“embedding” in a.parquet."""
    return f"“{column}” in {path.name}"


def _plain(column: pa.Array) -> pa.Array:
    while column.type != _storage(column.type):
        column = column.storage
    return column
