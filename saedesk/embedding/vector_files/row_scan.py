"""One pass over the rows of a vector file: which are zero, NaN, infinite, missing or repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from saedesk.embedding.text_hashes import HASH_BYTES, from_bytes, sorting_order
from saedesk.embedding.vector_files.vector_file import VectorChunk
from saedesk.task_control import Progress, TaskControl, Unattended


@dataclass(frozen=True)
class RowScan:
    """Rows of a table by what is wrong with them; ascending int64, none in two lists."""

    rows: int
    missing: np.ndarray
    """Rows without any vector (null)."""
    zero: np.ndarray
    nan: np.ndarray
    """Rows with a NaN."""
    infinite: np.ndarray
    """Rows with an infinity, or a number too large for float32, and no NaN."""
    duplicate: np.ndarray
    """Usable rows equal to an earlier one, value for value; empty where it was not asked for."""

    @property
    def unusable(self) -> np.ndarray:
        """Rows that no search and no training can use."""
        return np.sort(np.concatenate([self.zero, self.nan, self.infinite]))


def scan_rows(
    chunks: Iterable[VectorChunk],
    total: int,
    *,
    with_duplicates: bool = True,
    among: np.ndarray | None = None,
    control: TaskControl | None = None,
) -> RowScan:
    """Look at all rows; 16 bytes of each are kept to find equal ones.

    `among`: (rows,) bool, the rows in which to look for equal ones; None: all.
    """
    control = control or Unattended()
    found: dict[str, list[np.ndarray]] = {
        name: [np.zeros(0, np.int64)] for name in ("missing", "zero", "nan", "infinite")
    }
    hashes, usable = bytearray(), [np.zeros(0, np.int64)]
    start = 0
    for chunk in chunks:
        control.checkpoint()
        masks = _masks(chunk)
        for name, mask in masks.items():
            found[name].append(start + np.flatnonzero(mask))
        if with_duplicates:
            is_good = ~np.logical_or.reduce(list(masks.values()))
            if among is not None:
                is_good &= among[start : start + len(is_good)]
            good = np.flatnonzero(is_good)
            usable.append(start + good)
            hashes += _hashes(chunk.values, good, control)
        start += len(chunk.values)
        control.report(Progress(start, total, "vectors", "Looking at the vectors"))
    lists = {name: np.concatenate(parts) for name, parts in found.items()}
    duplicate = _repeated(bytes(hashes), np.concatenate(usable))
    return RowScan(start, duplicate=duplicate, **lists)


def _masks(chunk: VectorChunk) -> dict[str, np.ndarray]:
    values = chunk.values
    zero = ~values.any(axis=1) & ~chunk.missing
    nan = np.isnan(values).any(axis=1)
    infinite = np.isinf(values).any(axis=1) & ~nan
    return {"missing": chunk.missing, "zero": zero, "nan": nan, "infinite": infinite}


def _hashes(values: np.ndarray, rows: np.ndarray, control: TaskControl) -> bytes:
    """16 bytes for each of some rows; −0 counts as 0."""
    plain = values + np.float32(0)
    made = []
    for at, row in enumerate(rows.tolist()):
        if at % 2_000 == 0:
            control.checkpoint()
        made.append(hashlib.blake2b(plain[row].data, digest_size=HASH_BYTES).digest())
    return b"".join(made)


def _repeated(hashes: bytes, rows: np.ndarray) -> np.ndarray:
    """The rows whose hash an earlier row has."""
    if not hashes:
        return np.zeros(0, np.int64)
    keys = from_bytes(np.frombuffer(hashes, np.uint8).reshape(-1, HASH_BYTES))
    order = sorting_order(keys)
    ordered = keys[order]
    again = np.zeros(len(order), bool)
    again[1:] = ordered[1:] == ordered[:-1]
    return np.sort(rows[order[again]])
