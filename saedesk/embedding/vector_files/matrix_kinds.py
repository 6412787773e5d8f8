"""Which arrays can be vectors, and what is said of those that cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saedesk.errors import BadInput

LEAST_DIMENSIONS = 2
MOST_DIMENSIONS = 65_536
"""No embedding is longer; what claims to be is something else."""

_KINDS = {
    "i": "whole numbers",
    "u": "whole numbers",
    "b": "true and false",
    "c": "complex numbers",
    "U": "texts",
    "S": "texts",
    "T": "texts",
    "V": "records of several values",
    "M": "dates",
    "m": "times",
}


def refuse_other_arrays(path: Path, name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Raise BadInput unless an array is (n, d) of float16, float32 or float64."""
    what = f"The array “{name}” in {path.name}" if name else path.name
    if dtype.hasobject:
        raise BadInput(
            f"{what} holds Python objects, which could run code when they are loaded; it was not "
            "opened. Save the vectors as an array of floating-point numbers."
        )
    if dtype.kind != "f" or dtype.itemsize not in (2, 4, 8):
        kind = _KINDS.get(dtype.kind, "numbers")
        raise BadInput(
            f"{what} holds {kind} ({dtype}), not vectors. Vectors are floating-point numbers of "
            "16, 32 or 64 bits."
        )
    if len(shape) != 2:
        axes = "1 axis" if len(shape) == 1 else f"{len(shape)} axes"
        raise BadInput(
            f"{what} has {axes}, its shape is {shape}. Vectors are a table: a row for each "
            "document, a column for each dimension."
        )
    refuse_other_sizes(what, shape[0], shape[1])


def refuse_other_sizes(what: str, rows: int, dimensions: int) -> None:
    """Raise BadInput, about `what`, unless there are rows of a length that embeddings have."""
    if rows < 1:
        raise BadInput(f"{what} has no rows.")
    if not LEAST_DIMENSIONS <= dimensions <= MOST_DIMENSIONS:
        raise BadInput(
            f"{what} has rows of {dimensions:,} numbers. Vectors have {LEAST_DIMENSIONS} to "
            f"{MOST_DIMENSIONS:,}."
        )


def is_vector_array(shape: tuple[int, ...], dtype: np.dtype) -> bool:
    """Whether an array can be vectors, for choosing among several."""
    is_float = dtype.kind == "f" and dtype.itemsize in (2, 4, 8)
    is_table = len(shape) == 2 and shape[0] >= 1
    return is_float and is_table and LEAST_DIMENSIONS <= shape[1] <= MOST_DIMENSIONS


def as_float32(values: np.ndarray) -> np.ndarray:
    """Contiguous float32 in this machine's byte order; what is too large becomes infinite."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(values, dtype=np.float32)


def precision_notes(dtype: str) -> tuple[str, ...]:
    """What a person should know of vectors that are not float32."""
    if dtype == "float32":
        return ()
    return (f"The vectors are stored as {dtype}; the project keeps them as float32.",)
