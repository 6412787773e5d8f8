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

    def of(self, rows: np.ndarray, parts: Parts) -> np.ndarray:
        """q·x̂ of rows (m,) that can be found, (m,) float32."""
        added = [(1.0, parts.query), *parts.added]
        columns = [self._column(vector) for _, vector in added]
        self._complete(rows, columns, [vector for _, vector in added])
        total = columns[0][rows]
        for (share, _), column in zip(added[1:], columns[1:], strict=True):
            total += np.float32(share) * column[rows]
        total *= np.float32(1.0 / parts.norm)
        return total

    def _complete(
        self, rows: np.ndarray, columns: Sequence[np.ndarray], vectors: Sequence[np.ndarray]
    ) -> None:
        """Find what `columns`, the products with `vectors`, do not know yet of `rows`."""
        lacks = [np.isnan(column[rows]) for column in columns]
        unknown = np.logical_or.reduce(lacks)
        new = rows[unknown]
        lacking = [at for at, lack in enumerate(lacks) if lack.any()]
        for start in range(0, len(new), ROWS_AT_ONCE):
            piece = new[start : start + ROWS_AT_ONCE]
            read, inverse = single_precision(self._vectors[piece]), self._inverse_norms[piece]
            for at in lacking:
                # Row by row: a product of matrices would round a row by where it stands in it.
                products = np.matmul(read[:, None, :], vectors[at][:, None])[:, 0, 0]
                columns[at][piece] = products * inverse

    def _column(self, vector: np.ndarray) -> np.ndarray:
        """Products of all rows with a vector (d,), nan where they are not known yet."""
        key = vector.tobytes()
        if key not in self._kept:
            self._kept[key] = np.full(len(self._vectors), np.nan, np.float32)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_PRODUCTS:
            self._kept.popitem(last=False)
        return self._kept[key]
