"""Scores of a query that many features moved, cheap while one slider after the other moves on.

From one move of a slider to the next the moved query v goes along a line: v = s + t·e, whatever
all the other sliders add to s. So v·x̂ = s·x̂ + t (e·x̂), and the products of all documents with s
and e, which are kept, tell the next scores without reading a vector.

Which products are kept depends on what was asked before, and the scores must not: they are told on
a grid, the products are in double precision, and wherever their error leaves open which point of
the grid is the nearest, the product of that very document is taken by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

GRID = 2.0**-30
"""Between two neighbouring scores: a quarter of the rounding of a cosine of .03 in single
precision."""
KEPT_LINES = 8
"""Lines whose products are kept, 8 bytes a document each: of the sliders that moved last. With the
start and the last scores it is 76 bytes a document, 76 MB for a million."""
WIDEST = 0.002
"""In units of the grid: with a larger error too many documents would be looked at one by one."""
ROWS_AT_ONCE = 2**14
"""The processor's cache holds the products of so many documents."""
ROUNDING = 2.0**-53
"""Of one number in double precision."""

Products = Callable[[np.ndarray], np.ndarray]
"""Of all rows x̂ with a vector (d,): (n,) float64, each within the usual bound of a sum."""
ProductsOfRows = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Of some rows (m,) with a vector, each as if it were the only one: (m,) float64."""


@dataclass(frozen=True, eq=False)
class _Column:
    """The products of all documents with a vector."""

    vector: np.ndarray
    """(d,) float64."""
    products: np.ndarray
    """With x̂ of every row, (n,) float64."""
    error: float
    """No product is further than this from the true one."""

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.vector))


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a moved query is: at the start of a line, or t along it."""

    start: _Column
    line: _Column | None
    t: float
    error: float

    def column(self, vector: np.ndarray) -> _Column:
        """The products there."""
        if self.line is None:
            return self.start
        products = self.t * self.line.products
        products += self.start.products
        return _Column(vector, products, self.error)


class MovedScores:
    """Not for use from two threads at once."""

    def __init__(
        self, products: Products, by_itself: ProductsOfRows, width: int, left_out: np.ndarray
    ) -> None:
        """`width` is d; the rows `left_out` (m,) are never found, and their products are 0."""
        self._products, self._by_itself, self._left_out = products, by_itself, left_out
        self._bound = (width + 8) * ROUNDING
        self._query: np.ndarray | None = None
        self._start: _Column | None = None
        self._lines: deque[_Column] = deque(maxlen=KEPT_LINES)
        self._last: tuple[np.ndarray, _Place, np.ndarray] | None = None

    def of(self, query: np.ndarray, moved: np.ndarray) -> np.ndarray:
        """cos(v, x) of every row, (n,) float32, read-only; `moved` (d,) float64 is v.

        They depend on v alone; −inf for rows that are left out. `query` is what was moved: for
        another one the products with its v are taken anew.
        """
        if self._query is None or not np.array_equal(self._query, query):
            self._query, self._start, self._last = np.array(query), None, None
        if self._last is None or not np.array_equal(self._last[0], moved):
            place = self._find(moved)
            scores = self._rounded(place, moved)
            scores[self._left_out] = -np.inf
            scores.flags.writeable = False
            self._last = (moved, place, scores)
        return self._last[2]

    def _find(self, moved: np.ndarray) -> _Place:
        """Where `moved` is; takes one product with all documents where it is nowhere."""
        place = None if self._start is None else self._along(self._start, moved)
        if place is None and self._last is not None:
            # Another slider moves from where the last one was left.
            here = self._last[1].column(self._last[0])
            place = self._along(here, moved)
            if place is None:
                self._lines.append(self._line(moved - here.vector))
                place = self._along(here, moved)
            if place is not None:
                self._start = here
        if place is None:
            self._start = self._column(moved)
            place = _Place(self._start, None, 0.0, self._start.error)
        return place

    def _along(self, start: _Column, moved: np.ndarray) -> _Place | None:
        """The place of `moved` on a known line from `start`, if it is on one."""
        step = moved - start.vector
        allowed = WIDEST * GRID * float(np.linalg.norm(moved))
        error = start.error + float(np.linalg.norm(step))
        if error <= allowed:
            return _Place(start, None, 0.0, error)
        for line in self._lines:
            t = float(step @ line.vector)
            beside = float(np.linalg.norm(step - t * line.vector))
            rounding = 8 * ROUNDING * (start.length + abs(t))
            error = start.error + abs(t) * line.error + beside + rounding
            if error <= allowed:
                return _Place(start, line, t, error)
        return None

    def _line(self, step: np.ndarray) -> _Column:
        return self._column(step / np.linalg.norm(step))

    def _column(self, vector: np.ndarray) -> _Column:
        error = self._bound * float(np.linalg.norm(vector))
        return _Column(vector, self._products(vector), error)

    def _rounded(self, place: _Place, moved: np.ndarray) -> np.ndarray:
        """The products at a place as scores on the grid."""
        length = float(np.linalg.norm(moved))
        points = 1.0 / (GRID * length)
        # 1 % for documents that are not quite of length 1, 1e-6 for the rounding of points.
        unsure = 1.01 * (place.error + self._bound * length) * points + 1e-6
        start, n = place.start.products, len(place.start.products)
        scores, open_rows = np.empty(n, np.float32), []
        for first in range(0, n, ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            if place.line is None:
                own = start[rows] * points
            else:
                own = place.t * place.line.products[rows]
                own += start[rows]
                own *= points
            nearest = np.rint(own)
            own -= nearest
            open_rows.append(first + np.flatnonzero(np.abs(own, out=own) >= 0.5 - unsure))
            np.multiply(nearest, GRID, out=scores[rows], casting="same_kind")
        undecided = np.concatenate(open_rows) if open_rows else np.empty(0, np.int64)
        scores[undecided] = GRID * np.rint(self._by_itself(undecided, moved) * points)
        return scores
