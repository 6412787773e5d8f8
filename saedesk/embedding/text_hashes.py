"""Texts by content: a short hash of each, and looking a million of them up in about a second."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

HASH_BYTES = 16

HASH_DTYPE = np.dtype([("high", ">u8"), ("low", ">u8")])
"""Big-endian halves, so that the order of the records is the order of the bytes. NumPy's own
"S16" would drop the zero bytes at the end."""


def text_hash(text: str) -> bytes:
    """The first 16 bytes of the SHA-256 of the text in UTF-8 (half surrogate pairs included)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:HASH_BYTES]


def hash_array(hashes: Iterable[bytes]) -> np.ndarray:
    """(n,) array of HASH_DTYPE of `n` hashes of 16 bytes each."""
    joined = b"".join(hashes)
    return np.frombuffer(joined, dtype=HASH_DTYPE)


def as_bytes(hashes: np.ndarray) -> np.ndarray:
    """(n, 16) uint8, the form for files."""
    return np.ascontiguousarray(hashes, dtype=HASH_DTYPE).view(np.uint8).reshape(-1, HASH_BYTES)


def from_bytes(rows: np.ndarray) -> np.ndarray:
    """(n,) HASH_DTYPE of (n, 16) uint8."""
    return np.ascontiguousarray(rows, dtype=np.uint8).view(HASH_DTYPE).reshape(-1)


def sorting_order(hashes: np.ndarray) -> np.ndarray:
    """(n,) int64 rows in ascending order of the hashes; equal hashes keep their order."""
    return np.lexsort((hashes["low"], hashes["high"]))


def find_rows(known_sorted: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(n_wanted,) int64: for each hash its first row in `known_sorted`, −1 where it is not there.

    `known_sorted` is in the order of `sorting_order`. Both are (n,) HASH_DTYPE. The high halves
    are searched; only where several known hashes share one are the low halves looked at.
    """
    high = known_sorted["high"].astype(np.uint64)
    low = known_sorted["low"].astype(np.uint64)
    wanted_high, wanted_low = wanted["high"].astype(np.uint64), wanted["low"].astype(np.uint64)
    # Searching in ascending order walks through memory once instead of at random.
    order = np.argsort(wanted_high, kind="stable")
    rows = np.empty(len(wanted), dtype=np.int64)
    rows[order] = np.searchsorted(high, wanted_high[order])
    found = np.full(len(wanted), -1, dtype=np.int64)
    open_rows = np.arange(len(wanted))
    while len(open_rows):
        inside = rows[open_rows] < len(high)
        open_rows = open_rows[inside]
        candidates = rows[open_rows]
        same_high = high[candidates] == wanted_high[open_rows]
        open_rows, candidates = open_rows[same_high], candidates[same_high]
        hit = low[candidates] == wanted_low[open_rows]
        found[open_rows[hit]] = candidates[hit]
        open_rows = open_rows[~hit]
        rows[open_rows] += 1
    return found
