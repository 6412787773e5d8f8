"""Vectors turned to their widest directions and kept in a byte a number, to scan them all.

x̂ − mean is turned by principal components, the first of them are rounded to −127 … 127. A product
of these codes with a query, turned in the same way, orders documents nearly as their cosine does,
wherever steering has led the query: a scan has no manifold to fall off. The first half of all codes
is scanned (the head), the other (the tail) read for the best few thousand alone. That only
proposes; `VectorSearch` scores what is left exactly. The mean changes no order, so no query has to
know it. Measured on 1,000,000 x 384 and 420,000 x 1,536 vectors by
tests/benchmarks/large_search.py.
"""

from __future__ import annotations

import weakref
from functools import cached_property
from typing import Literal

import numpy as np

from saedesk.search.code_products import bytes_are_faster, converted, in_bytes
from saedesk.search.exact_scores import ExactScores, best_rows
from saedesk.search.leading_rows import Pool, about_best, least_of, lowest_of, sampled_of
from saedesk.search.principal_turning import LARGEST, ROWS_AT_ONCE, Turning
from saedesk.search.query_parts import Parts, SumOfParts
from saedesk.task_control import Progress, TaskControl

Storage = Literal["int8", "float16"]
STORAGES: tuple[Storage, ...] = ("int8", "float16")

SCANNED_BYTES = 64 * 2**20
"""A scan reads so much for one query: about 4 ms on one core that reads 16 GB a second."""
MOST_SCANNED_BYTES = 4 * SCANNED_BYTES
"""The same where codes of the usual width find too little."""
NARROWEST, WIDEST, STEP = 32, 128, 32
"""Numbers in a head: under 32 too little is left, 32 fill a register of the processor."""
READ_ON = 8_192
"""Rows whose tails are read after the scan, in about 1 ms."""
HERE_AND_THERE = 4
"""A row that is read out of order takes so many times as long as one of a scan."""


def head_width(rows: int, dim: int, storage: Storage = "int8") -> int:
    """How many numbers of each of `rows` vectors of width `dim` are scanned."""
    room = SCANNED_BYTES // (max(1, rows) * (1 if storage == "int8" else 2))
    return min(dim, max(NARROWEST, min(WIDEST, room // STEP * STEP)))


def wider_than(codes: CompactCodes) -> int | None:
    """The next width of the head to try where codes find too little; None from the widest on."""
    width = min(codes.dim, 2 * codes.head.shape[1])
    is_wider = width > codes.head.shape[1]
    fits = codes.rows * width * codes.head.itemsize <= MOST_SCANNED_BYTES
    return width if is_wider and fits else None


class CompactCodes:
    """Codes of all vectors; not for use from two threads at once."""

    def __init__(
        self, turning: Turning, head: np.ndarray, tail: np.ndarray, left_out: np.ndarray
    ) -> None:
        """`head` (n, h) and `tail` (n, t), int8 or float16; `left_out` rows are never proposed."""
        self.turning, self.head, self.tail, self.left_out = turning, head, tail, left_out
        self._multiplies_bytes: bool | None = None if head.dtype == np.int8 else False
        self._parts: SumOfParts | None = None
        if head.dtype == np.int8:
            # x̂ − mean is no longer than 2; rounding adds half a whole number to each component.
            longest = 2.0 * turning.scale + len(turning.basis) ** 0.5
            # Held by nothing of its own, so that its memory is given back with its last name.
            own = weakref.proxy(self)
            self._parts = SumOfParts(lambda v: own._head_products(v), longest, left_out)

    @property
    def rows(self) -> int:
        """How many vectors there are, those left out included."""
        return len(self.head)

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return len(self.turning.basis)

    @property
    def storage(self) -> Storage:
        """The number format of a code."""
        return "int8" if self.head.dtype == np.int8 else "float16"

    def propose(
        self,
        q: np.ndarray,
        count: int,
        allowed_rows: np.ndarray | None = None,
        parts: Parts | None = None,
    ) -> np.ndarray:
        """The `count` rows with the best codes for q (d,), ascending, int64.

        `allowed_rows` (n,) bool is a filter. Where q is the sum of `parts` and a slider has moved,
        the same rows are found without another scan.
        """
        return np.sort(self.in_order(q, count, allowed_rows, parts))

    def in_order(
        self,
        q: np.ndarray,
        count: int,
        allowed_rows: np.ndarray | None = None,
        parts: Parts | None = None,
    ) -> np.ndarray:
        """The same rows, best first."""
        turned, step = self._rounded(q)
        width = self.head.shape[1]
        pool = Pool.of(len(self.head), allowed_rows)
        looked_at, found = max(READ_ON, 2 * count), None
        if self._parts is not None and parts is not None and self._parts.moved_to(parts):
            found = self._leading_by_parts(turned[:width], step, looked_at, pool, parts)
        rows, scores = found or self._leading(turned[:width], looked_at, pool)
        if self.tail.shape[1]:
            # Rows are taken twice as fast as they are indexed.
            scores = scores + self.products(np.take(self.tail, rows, axis=0), turned[width:])
        return rows[best_rows(scores, count)]

    def _leading(self, turned: np.ndarray, count: int, pool: Pool) -> tuple[np.ndarray, np.ndarray]:
        """About `count` rows with the best heads, ascending, and the products of these."""
        scores = self.products(self.head, turned)
        lowest = lowest_of(scores.dtype)
        scores[self.left_out] = lowest
        if pool.rows is not None:
            rows = pool.rows[about_best(scores[pool.rows], count)]
        else:
            if pool.allowed is not None:
                scores[np.flatnonzero(~pool.allowed)] = lowest
            rows = about_best(scores, count)
        rows = rows[scores[rows] > lowest]
        return rows, scores[rows]

    def _leading_by_parts(
        self, turned: np.ndarray, step: float, count: int, pool: Pool, parts: Parts
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """What `_leading` finds, among rows whose sums by parts come near; None where that is far.

        So what is found never depends on what was asked before.
        """
        assert self._parts is not None
        if len(pool) <= count:
            return None
        sampled = self._products_of(
            pool.sampled(), turned, pool, self._sampled_head if pool.rows is None else None
        )
        least = least_of(sampled, count)
        if least <= lowest_of(sampled.dtype):
            return None
        sums = self._parts.times(parts)
        unit = self._parts.unit * parts.norm / step
        error = self._parts.error_of(parts) * step / parts.norm + self._parts.error
        reach = (float(least) - error) * unit
        if pool.rows is None:
            near = np.flatnonzero(sums >= reach)
        else:
            near = pool.rows[sums[pool.rows] >= reach]
        if HERE_AND_THERE * len(near) > self.rows:
            return None
        scores = self._products_of(near, turned, pool)
        is_best = scores >= least
        rows = near[is_best]
        return (rows, scores[is_best]) if count // 2 <= len(rows) <= 2 * count else None

    @cached_property
    def _sampled_head(self) -> np.ndarray:
        """Heads of one row in so many, side by side: so they are read three times as fast."""
        return np.take(self.head, sampled_of(self.rows), axis=0)

    def _products_of(
        self, rows: np.ndarray, turned: np.ndarray, pool: Pool, heads: np.ndarray | None = None
    ) -> np.ndarray:
        """Products of the heads of `rows`, the lowest number for those that cannot be found."""
        heads = np.take(self.head, rows, axis=0) if heads is None else heads
        scores = self.products(heads, turned)
        if len(self.left_out):
            scores[np.isin(rows, self.left_out)] = lowest_of(scores.dtype)
        if pool.rows is None and pool.allowed is not None:
            scores[~pool.allowed[rows]] = lowest_of(scores.dtype)
        return scores

    def _rounded(self, vector: np.ndarray) -> tuple[np.ndarray, float]:
        """A vector (d,) turned as the codes are, float32, and what it is multiplied with.

        For int8 these are whole numbers.
        """
        turned = np.asarray(vector, np.float32) @ self.turning.basis
        if self.storage != "int8":
            return turned, 1.0
        step = LARGEST / max(float(np.abs(turned).max()), 1e-30)
        return np.rint(turned * np.float32(step)), step

    def _head_products(self, vector: np.ndarray) -> tuple[np.ndarray, float]:
        """Products of all heads with a vector (d,), (n,) float32, and by what it was rounded."""
        turned, step = self._rounded(vector)
        products = self.products(self.head, turned[: self.head.shape[1]])
        return products.astype(np.float32) / np.float32(step), 1.0 / step

    def products(self, codes: np.ndarray, turned: np.ndarray) -> np.ndarray:
        """Codes (m, k) times a query (k,), whole numbers for int8: (m,) int32 or float32."""
        if self._multiplies_bytes is None:
            self._multiplies_bytes = bytes_are_faster(codes, turned)
        return in_bytes(codes, turned) if self._multiplies_bytes else converted(codes, turned)


def encode(
    exact: ExactScores,
    control: TaskControl,
    *,
    storage: Storage = "int8",
    before: CompactCodes | None = None,
    width: int | None = None,
) -> CompactCodes:
    """Codes of all vectors of `exact`, `width` numbers in a head, or as many as are usual.

    `before` are codes of its first rows: they are kept, and the others are turned as they were.
    """
    rows, dim = exact.vectors.shape
    if before is None:
        width = width or head_width(rows, dim, storage)
        turning = Turning.fit(exact, min(dim, 2 * width), control)
        done = 0
    else:
        turning, storage, done = before.turning, before.storage, before.rows
        width = before.head.shape[1]
    head = np.zeros((rows, width), np.dtype(storage))
    tail = np.zeros((rows, turning.basis.shape[1] - width), np.dtype(storage))
    if before is not None:
        head[:done], tail[:done] = before.head, before.tail
    for start in range(done, rows, ROWS_AT_ONCE):
        control.checkpoint()
        control.report(Progress(start, rows, "documents", "writing compact codes"))
        piece = np.arange(start, min(rows, start + ROWS_AT_ONCE))
        piece = piece[exact.searchable[piece]]
        components = turning.of(exact.unit_vectors(piece))
        if storage == "int8":
            components = np.clip(np.rint(components * turning.scale), -LARGEST, LARGEST)
        head[piece], tail[piece] = components[:, :width], components[:, width:]
    return CompactCodes(turning, head, tail, np.flatnonzero(~exact.searchable))
