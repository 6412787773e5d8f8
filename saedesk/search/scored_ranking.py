"""A ranking in which every document has a score, or −inf where it does not take part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from saedesk.search.exact_scores import best_rows, rank_among
from saedesk.search.explanation import Contribution


class Ranking(Protocol):
    """Documents by row, best first, and why."""

    def best(self, count: int) -> np.ndarray:
        """The first `count` rows, fewer where there are no more, (m,) int64."""
        ...

    def ranks(self, rows: Sequence[int] | np.ndarray) -> list[int | None]:
        """The rank of each row, from 1; None for a row without one."""
        ...

    def scores(self, rows: Sequence[int] | np.ndarray) -> list[float | None]:
        """The score of each row; None for a row without one."""
        ...

    def parts(self, row: int) -> tuple[Contribution, ...]:
        """What the score of a row is made of; sums to it."""
        ...


class ScoredRanking:
    """Documents by falling score, equal ones in the order of rows."""

    def __init__(self, order: np.ndarray, shown: np.ndarray | None = None) -> None:
        """`order` (n,) is what documents are sorted by, −inf for those that do not take part.

        `shown` (n,) are the scores to be shown, where these are others.
        """
        self._order = order
        self._shown = order if shown is None else shown

    def best(self, count: int) -> np.ndarray:
        """The first `count` rows, fewer where there are no more, (m,) int64."""
        return best_rows(self._order, count)

    def ranks(self, rows: Sequence[int] | np.ndarray) -> list[int | None]:
        """The rank of each row, from 1; None for a row that does not take part."""
        return [rank_among(self._order, int(row)) for row in rows]

    def scores(self, rows: Sequence[int] | np.ndarray) -> list[float | None]:
        """The score of each row; None for a row that does not take part."""
        return [
            float(self._shown[int(row)]) if self._order[int(row)] > -np.inf else None
            for row in rows
        ]
