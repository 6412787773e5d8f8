"""Vectors turned to their widest directions and kept in a byte a number, to scan them all.

x̂ − mean is turned by principal components, the first `width` of them are rounded to −127 … 127.
A product of these codes with a query, turned in the same way, orders documents nearly as their
cosine does, wherever steering has led the query: a scan has no manifold to fall off. It only
proposes; `VectorSearch` scores the best few thousand exactly. The mean changes no order, so no
query has to know it. Measured on 1,000,000 x 384 and 420,000 x 1,536 vectors by
tests/benchmarks/search_speed.py.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from saedesk.search.exact_scores import ExactScores, best_rows
from saedesk.task_control import Progress, TaskControl

Storage = Literal["int8", "float16"]
STORAGES: tuple[Storage, ...] = ("int8", "float16")

SCANNED_BYTES = 96 * 2**20
"""A scan reads so much for one query: about 5 ms on one core that reads 20 GB a second."""
NARROWEST, WIDEST, STEP = 32, 256, 32
"""Numbers kept of a vector: under 32 too little is left, 32 fill a register of the processor."""
SAMPLE = 40_000
"""Vectors that the principal components are found from."""
ROWS_AT_ONCE = 4_096
CONVERTED_AT_ONCE = 8_192
"""Codes turned into single precision at once, where they are not multiplied as they are: so many
stay in the processor's cache."""
LARGEST = 127


def code_width(rows: int, dim: int, storage: Storage = "int8") -> int:
    """How many numbers are kept of each of `rows` vectors of width `dim`."""
    room = SCANNED_BYTES // (max(1, rows) * (1 if storage == "int8" else 2))
    return min(dim, max(NARROWEST, min(WIDEST, room // STEP * STEP)))


@dataclass(frozen=True, eq=False)
class Turning:
    """How a vector becomes a code."""

    mean: np.ndarray
    """Of the vectors at length 1, (d,) float32."""
    basis: np.ndarray
    """Their principal directions, widest first, (d, width) float32, orthonormal columns."""
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
        """Components (m, width) float32 of vectors (m, d) at length 1."""
        components: np.ndarray = (unit_vectors - self.mean) @ self.basis
        return components


class CompactCodes:
    """Codes of all vectors; not for use from two threads at once."""

    def __init__(self, turning: Turning, codes: np.ndarray, left_out: np.ndarray) -> None:
        """`codes` (n, width) int8 or float16; `left_out` rows are never proposed."""
        import torch

        self.turning, self.codes, self.left_out = turning, codes, left_out
        self._tensor = torch.from_numpy(codes)
        self._multiplies_bytes: bool | None = None if codes.dtype == np.int8 else False

    @property
    def rows(self) -> int:
        """How many vectors there are, those left out included."""
        return len(self.codes)

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return len(self.turning.basis)

    @property
    def storage(self) -> Storage:
        """The number format of a code."""
        return "int8" if self.codes.dtype == np.int8 else "float16"

    def scores(self, q: np.ndarray) -> np.ndarray:
        """What orders the rows for a query (d,): (n,) int32 or float32, greater is nearer."""
        turned = np.asarray(q, np.float32) @ self.turning.basis
        if self.storage == "float16":
            return self._converted(turned)
        rounded = np.rint(turned * (LARGEST / max(float(np.abs(turned).max()), 1e-30)))
        if self._multiplies_bytes is None:
            self._multiplies_bytes = self._bytes_are_faster(rounded)
        return self._in_bytes(rounded) if self._multiplies_bytes else self._converted(rounded)

    def propose(
        self, q: np.ndarray, count: int, allowed_rows: np.ndarray | None = None
    ) -> np.ndarray:
        """The `count` rows with the best codes for q (d,), ascending, int64.

        `allowed_rows` (n,) bool is a filter.
        """
        scores = self.scores(q)
        if allowed_rows is not None:
            np.copyto(scores, _lowest(scores.dtype), where=~allowed_rows)
        elif len(self.left_out):
            scores[self.left_out] = _lowest(scores.dtype)
        rows = np.sort(best_rows(scores, count))
        return rows if allowed_rows is None else rows[allowed_rows[rows]]

    def _in_bytes(self, rounded: np.ndarray) -> np.ndarray:
        import torch

        query = torch.from_numpy(rounded.astype(np.int8))
        products: np.ndarray = torch._int_mm(self._tensor, query[:, None])[:, 0].numpy()
        return products

    def _converted(self, turned: np.ndarray, rows: int | None = None) -> np.ndarray:
        import torch

        rows = self.rows if rows is None else rows
        query = torch.from_numpy(np.ascontiguousarray(turned, dtype=np.float32))
        part = torch.empty((min(rows, CONVERTED_AT_ONCE), len(query)))
        scores = torch.empty(rows)
        for start in range(0, rows, CONVERTED_AT_ONCE):
            codes = self._tensor[start : min(rows, start + CONVERTED_AT_ONCE)]
            single = part[: len(codes)].copy_(codes)
            torch.mv(single, query, out=scores[start : start + len(codes)])
        result: np.ndarray = scores.numpy()
        return result

    def _bytes_are_faster(self, rounded: np.ndarray) -> bool:
        """Whether this processor multiplies bytes faster than it converts them."""
        import torch

        few: Any = self._tensor[: 4 * CONVERTED_AT_ONCE]
        query = torch.from_numpy(rounded.astype(np.int8))[:, None]
        try:
            in_bytes = _fastest(lambda: torch._int_mm(few, query))
        except (RuntimeError, AttributeError):
            return False  # not every build of torch has this product
        return in_bytes < _fastest(lambda: self._converted(rounded, len(few)))


def encode(
    exact: ExactScores,
    control: TaskControl,
    *,
    storage: Storage = "int8",
    before: CompactCodes | None = None,
) -> CompactCodes:
    """Codes of all vectors of `exact`.

    `before` are codes of its first rows: they are kept, and the others are turned as they were.
    """
    rows, dim = exact.vectors.shape
    if before is None:
        turning = Turning.fit(exact, code_width(rows, dim, storage), control)
        done = 0
    else:
        turning, storage, done = before.turning, before.storage, before.rows
    codes = np.zeros((rows, turning.basis.shape[1]), np.dtype(storage))
    if before is not None:
        codes[:done] = before.codes
    for start in range(done, rows, ROWS_AT_ONCE):
        control.checkpoint()
        control.report(Progress(start, rows, "documents", "writing compact codes"))
        piece = np.arange(start, min(rows, start + ROWS_AT_ONCE))
        piece = piece[exact.searchable[piece]]
        components = turning.of(exact.unit_vectors(piece))
        if storage == "int8":
            components = np.clip(np.rint(components * turning.scale), -LARGEST, LARGEST)
        codes[piece] = components
    return CompactCodes(turning, codes, np.flatnonzero(~exact.searchable))


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
