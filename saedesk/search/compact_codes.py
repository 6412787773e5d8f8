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

import time
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from saedesk.search.exact_scores import ExactScores, best_rows
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
SAMPLED = 64
SAMPLE = 40_000
"""Vectors that the principal components are found from."""
ROWS_AT_ONCE = 4_096
CONVERTED_AT_ONCE = 8_192
"""Codes turned into single precision at once, where they are not multiplied as they are: so many
stay in the processor's cache."""
LARGEST = 127


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


@dataclass(frozen=True, eq=False)
class Turning:
    """How a vector becomes a code."""

    mean: np.ndarray
    """Of the vectors at length 1, (d,) float32."""
    basis: np.ndarray
    """Their principal directions, widest first, (d, h + t) float32, orthonormal columns."""
    scale: float
    """What a component is multiplied with before it is rounded to a code in int8."""

    @classmethod
    def fit(cls, exact: ExactScores, width: int, control: TaskControl, seed: int = 0) -> Turning:
        """From a sample of the vectors of `exact` that can be found."""
        rows = np.flatnonzero(exact.searchable)
        if len(rows) > SAMPLE:
            rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
        dim = exact.vectors.shape[1]
        total, squares = np.zeros(dim), np.zeros((dim, dim))
        for start in range(0, len(rows), ROWS_AT_ONCE):
            control.checkpoint()
            unit = exact.unit_vectors(rows[start : start + ROWS_AT_ONCE])
            total += unit.sum(axis=0)
            squares += unit.T @ unit
        mean = total / max(1, len(rows))
        covariance = squares / max(1, len(rows)) - np.outer(mean, mean)
        control.checkpoint()
        _, directions = np.linalg.eigh(covariance)
        basis = np.ascontiguousarray(directions[:, ::-1][:, :width], dtype=np.float32)
        turning = cls(mean.astype(np.float32), basis, 1.0)
        longest = 0.0
        for start in range(0, len(rows), ROWS_AT_ONCE):
            control.checkpoint()
            unit = exact.unit_vectors(rows[start : start + ROWS_AT_ONCE])
            longest = max(longest, float(np.abs(turning.of(unit)).max()))
        return cls(turning.mean, basis, LARGEST / longest if longest > 0.0 else 1.0)

    def of(self, unit_vectors: np.ndarray) -> np.ndarray:
        """Components (m, h + t) float32 of vectors (m, d) at length 1."""
        components: np.ndarray = (unit_vectors - self.mean) @ self.basis
        return components


class CompactCodes:
    """Codes of all vectors; not for use from two threads at once."""

    def __init__(
        self, turning: Turning, head: np.ndarray, tail: np.ndarray, left_out: np.ndarray
    ) -> None:
        """`head` (n, h) and `tail` (n, t), int8 or float16; `left_out` rows are never proposed."""
        self.turning, self.head, self.tail, self.left_out = turning, head, tail, left_out
        self._multiplies_bytes: bool | None = None if head.dtype == np.int8 else False
        # x̂ − mean is no longer than 2, and rounding adds half a whole number to each component.
        longest = 2.0 * turning.scale + len(turning.basis) ** 0.5 if head.dtype == np.int8 else 2.1
        self._parts = SumOfParts(self._head_products, longest, left_out)

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

        `allowed_rows` (n,) bool is a filter. Where q is the sum of `parts`, which are asked for
        again and again, they are scanned for once each and added up.
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
        if parts is None:
            scores, unit = self.products(self.head, turned[:width]), 1.0
            scores[self.left_out] = _lowest(scores.dtype)
        else:
            scores, unit = self._parts.times(parts), self._parts.unit * parts.norm / step
        looked_at = max(READ_ON, 2 * count)
        if allowed_rows is None:
            rows = _about_best(scores, looked_at)
        elif 2 * np.count_nonzero(allowed_rows) < len(scores):
            allowed = np.flatnonzero(allowed_rows)
            rows = allowed[_about_best(scores[allowed], looked_at)]
        else:
            scores = scores.copy()
            scores[np.flatnonzero(~allowed_rows)] = _lowest(scores.dtype)
            rows = _about_best(scores, looked_at)
        rows = rows[scores[rows] > _lowest(scores.dtype)]
        scores = scores[rows]
        if self.tail.shape[1]:
            # Rows are taken twice as fast as they are indexed.
            tails = self.products(np.take(self.tail, rows, axis=0), turned[width:])
            scores = tails + scores * (1.0 / unit)
        return rows[best_rows(scores, count)]

    def _rounded(self, vector: np.ndarray) -> tuple[np.ndarray, float]:
        """A vector (d,) turned as the codes are, float32, and what it is multiplied with.

        For int8 these are whole numbers.
        """
        turned = np.asarray(vector, np.float32) @ self.turning.basis
        if self.storage != "int8":
            return turned, 1.0
        step = LARGEST / max(float(np.abs(turned).max()), 1e-30)
        return np.rint(turned * np.float32(step)), step

    def _head_products(self, vector: np.ndarray) -> np.ndarray:
        """The products of all heads with a vector (d,), (n,) float32."""
        turned, step = self._rounded(vector)
        products = self.products(self.head, turned[: self.head.shape[1]])
        return products.astype(np.float32) / np.float32(step)

    def products(self, codes: np.ndarray, turned: np.ndarray) -> np.ndarray:
        """Codes (m, k) times a query (k,), whole numbers for int8: (m,) int32 or float32."""
        if self._multiplies_bytes is None:
            self._multiplies_bytes = _bytes_are_faster(codes, turned)
        return _in_bytes(codes, turned) if self._multiplies_bytes else _converted(codes, turned)


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


def _about_best(scores: np.ndarray, count: int) -> np.ndarray:
    """Ascending rows with the best scores, about `count` of them, all where there are no more.

    One score in `SAMPLED` tells from where on; finding exactly so many took five times as long.
    """
    if len(scores) <= count:
        return np.arange(len(scores))
    sampled = scores[::SAMPLED]
    share = min(len(sampled) - 1, -(-count // SAMPLED))
    least = np.partition(sampled, len(sampled) - 1 - share)[len(sampled) - 1 - share]
    rows = np.flatnonzero(scores >= least)
    # Equal scores, or a sample that does not stand for all, can give many more or fewer.
    return rows if count // 2 <= len(rows) <= 2 * count else np.sort(best_rows(scores, count))


def _in_bytes(codes: np.ndarray, turned: np.ndarray) -> np.ndarray:
    import torch

    query = torch.from_numpy(turned.astype(np.int8))[:, None]
    products: np.ndarray = torch._int_mm(torch.from_numpy(codes), query)[:, 0].numpy()
    return products


def _converted(codes: np.ndarray, turned: np.ndarray) -> np.ndarray:
    import torch

    query = torch.from_numpy(np.ascontiguousarray(turned, dtype=np.float32))
    part = torch.empty((min(len(codes), CONVERTED_AT_ONCE), len(query)))
    scores = torch.empty(len(codes))
    for start in range(0, len(codes), CONVERTED_AT_ONCE):
        piece = torch.from_numpy(codes[start : start + CONVERTED_AT_ONCE])
        torch.mv(part[: len(piece)].copy_(piece), query, out=scores[start : start + len(piece)])
    result: np.ndarray = scores.numpy()
    return result


def _bytes_are_faster(codes: np.ndarray, turned: np.ndarray) -> bool:
    """Whether this processor multiplies bytes faster than it converts them."""
    few = codes[: 4 * CONVERTED_AT_ONCE]
    try:
        in_bytes = _fastest(lambda: _in_bytes(few, turned))
    except (RuntimeError, AttributeError):
        return False  # not every build of torch has this product
    return in_bytes < _fastest(lambda: _converted(few, turned))


def _lowest(dtype: np.dtype[Any]) -> Any:
    return np.iinfo(dtype).min if dtype.kind == "i" else -np.inf


def _fastest(call: Any) -> float:
    """Seconds of the fastest of a few calls."""
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)
