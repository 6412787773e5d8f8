"""Exact cosines of candidates while a slider moves, without reading their vectors again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from saedesk.search.exact_scores import single_precision
from saedesk.search.query_parts import KEPT_PRODUCTS, Parts

ROWS_AT_ONCE = 256
"""Vectors read at once, which stay in the processor's cache."""


class RowsByParts:
    """Cosines of some rows with a query, added up from products with its parts, which are kept.

    While a slider moves, nearly all candidates were candidates before, and no vectors are read
    for them. What a row's product is does not depend on the rows that are asked for with it.
    """

    def __init__(self, vectors: np.ndarray, inverse_norms: np.ndarray) -> None:
        """`vectors` (n, d) and 1 / |x| of each row (n,)."""
        self._vectors, self._inverse_norms = vectors, inverse_norms
        self._kept: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._asked: dict[bytes, float] = {}
        """The shares of the last query's parts."""

    def of(self, rows: np.ndarray, parts: Parts) -> np.ndarray:
        """q·x̂ of rows (m,) that can be found, (m,) float32."""
        vectors = [parts.query, *(vector for _, vector in parts.added)]
        shares = {vector.tobytes(): share for share, vector in ((1.0, parts.query), *parts.added)}
        # Most queries are asked for once, or with one filter after the other.
        kept = self._asked.keys() if shares != self._asked else ()
        total, *products = self._products(rows, vectors, [v.tobytes() in kept for v in vectors])
        self._asked = shares
        for (share, _), product in zip(parts.added, products, strict=True):
            total += np.float32(share) * product
        total *= np.float32(1.0 / parts.norm)
        return total

    def _products(
        self, rows: np.ndarray, vectors: Sequence[np.ndarray], keep: Sequence[bool]
    ) -> list[np.ndarray]:
        """Products of rows (m,) with each vector, (m,) float32 each."""
        columns = [self._column(*wanted) for wanted in zip(vectors, keep, strict=True)]
        nothing = np.full(len(rows), np.nan, np.float32)
        found = [nothing.copy() if column is None else column[rows] for column in columns]
        unknown = np.flatnonzero(np.logical_or.reduce([np.isnan(one) for one in found]))
        for start in range(0, len(unknown), ROWS_AT_ONCE):
            piece = unknown[start : start + ROWS_AT_ONCE]
            read = single_precision(self._vectors[rows[piece]])
            inverse = self._inverse_norms[rows[piece]]
            for vector, one in zip(vectors, found, strict=True):
                if np.isnan(one[piece]).any():
                    # Row by row: a product of matrices would round a row by where it stands.
                    one[piece] = np.matmul(read[:, None, :], vector[:, None])[:, 0, 0] * inverse
        for column, one in zip(columns, found, strict=True):
            if column is not None:
                column[rows[unknown]] = one[unknown]
        return found

    def _column(self, vector: np.ndarray, keep: bool) -> np.ndarray | None:
        """Products of all rows with a vector (d,), nan where they are not known yet.

        None where they are not kept and need not be.
        """
        key = vector.tobytes()
        if key not in self._kept:
            if not keep:
                return None
            self._kept[key] = np.full(len(self._vectors), np.nan, np.float32)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_PRODUCTS:
            self._kept.popitem(last=False)
        return self._kept[key]
