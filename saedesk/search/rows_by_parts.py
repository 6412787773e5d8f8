"""Exact cosines of candidates while a slider moves, without reading their vectors again."""

from __future__ import annotations

from collections import OrderedDict

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
        total = self._products(rows, parts.query)
        for share, vector in parts.added:
            total += np.float32(share) * self._products(rows, vector)
        total *= np.float32(1.0 / parts.norm)
        return total

    def _products(self, rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
        column = self._column(vector)
        products = column[rows]
        unknown = np.flatnonzero(np.isnan(products))
        if len(unknown):
            new = rows[unknown]
            for start in range(0, len(new), ROWS_AT_ONCE):
                piece = new[start : start + ROWS_AT_ONCE]
                # A product of matrices would round a row otherwise by where it stands in it.
                read = np.einsum("ij,j->i", single_precision(self._vectors[piece]), vector)
                column[piece] = read * self._inverse_norms[piece]
            products[unknown] = column[new]
        return products

    def _column(self, vector: np.ndarray) -> np.ndarray:
        """Products of all rows with a vector (d,), nan where they are not known yet."""
        key = vector.tobytes()
        if key not in self._kept:
            self._kept[key] = np.full(len(self._vectors), np.nan, np.float32)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_PRODUCTS:
            self._kept.popitem(last=False)
        return self._kept[key]
