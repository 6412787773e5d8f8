"""What a search keeps of a query while its sliders move: candidates and ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.search.exact_scores import best_rows


@dataclass(frozen=True, eq=False)
class Candidates:
    """What an index proposed for a query, scored exactly; kept while it is asked about."""

    q: np.ndarray
    """The query, (d,) float32."""
    count: int
    """How many results it was asked for."""
    allowed_rows: np.ndarray | None
    """The filter, (n,) bool; None where there was none."""
    steered: bool
    """Whether the query was steered."""
    rows: np.ndarray
    """What was proposed, ascending, (m,) int64."""
    scores: np.ndarray
    """Their cosines with the query, (m,) float32."""

    def answer(
        self, q: np.ndarray, count: int, allowed_rows: np.ndarray | None, cosine: float
    ) -> bool:
        """Whether this is what would be proposed again."""
        # An index that gives twice as many rows as were asked for serves more results, too.
        return (
            max(self.count, len(self.rows) // 2) >= count
            and self.steered == (cosine < 1.0)
            and np.array_equal(q, self.q)
            and same_filter(allowed_rows, self.allowed_rows)
        )


def best_of(rows: np.ndarray, scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The best `count` of some rows and their scores, in the order of rows."""
    kept = np.sort(best_rows(scores, count))
    return rows[kept], scores[kept]


def same_filter(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether two filters (n,) bool let the same rows through."""
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


class Ranks:
    """The ranks of one query under one filter, kept while its sliders move.

    Places are looked up in the sorted scores: sorting values alone is several times faster than
    sorting rows by them.
    """

    def __init__(
        self,
        q: np.ndarray,
        allowed_rows: np.ndarray | None,
        ranked: np.ndarray | None,
        scores: np.ndarray,
    ) -> None:
        self._q = np.array(q)
        self._allowed_rows = None if allowed_rows is None else allowed_rows.copy()
        self._ranked = ranked
        """Rows that have a rank, ascending; None for all."""
        self._scores = scores
        self._sorted = np.sort(scores)

    def answer(self, q: np.ndarray, allowed_rows: np.ndarray | None) -> bool:
        """Whether these are the ranks of this query under this filter."""
        return same_filter(allowed_rows, self._allowed_rows) and np.array_equal(q, self._q)

    def of(self, row: int) -> int | None:
        """The rank of a row, from 1; None where it has none."""
        place = row if self._ranked is None else int(np.searchsorted(self._ranked, row))
        if self._ranked is not None and (place == len(self._ranked) or self._ranked[place] != row):
            return None
        score = self._scores[place]
        if score == -np.inf:
            return None
        above = len(self._sorted) - int(np.searchsorted(self._sorted, score, side="right"))
        equal = len(self._sorted) - above - int(np.searchsorted(self._sorted, score))
        # Equal scores come in the order of rows; only then is it worth looking for them.
        earlier = int(np.count_nonzero(self._scores[:place] == score)) if equal > 1 else 0
        return above + earlier + 1
