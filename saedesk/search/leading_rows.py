"""The rows with the best of many scores, about so many: a few scores tell from where on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from saedesk.search.exact_scores import best_rows

SAMPLED = 64
"""One score in so many is looked at to tell where the best begin."""


@dataclass(frozen=True, eq=False)
class Pool:
    """The rows that a filter lets through."""

    count: int
    allowed: np.ndarray | None
    """(n,) bool, None for all."""
    rows: np.ndarray | None
    """The same as numbers, where they are so few that they are looked at alone."""

    @classmethod
    def of(cls, count: int, allowed: np.ndarray | None) -> Pool:
        if allowed is None or 2 * np.count_nonzero(allowed) >= count:
            return cls(count, allowed, None)
        return cls(count, allowed, np.flatnonzero(allowed))

    def __len__(self) -> int:
        return self.count if self.rows is None else len(self.rows)

    def sampled(self) -> np.ndarray:
        """One row in `SAMPLED`, as `about_best` takes them."""
        return sampled_of(self.count) if self.rows is None else self.rows[::SAMPLED]


def about_best(scores: np.ndarray, count: int) -> np.ndarray:
    """Ascending rows with the best scores, about `count` of them, all where there are no more.

    One score in `SAMPLED` tells from where on; finding exactly so many took five times as long.
    """
    if len(scores) <= count:
        return np.arange(len(scores))
    rows = np.flatnonzero(scores >= least_of(scores[::SAMPLED], count))
    # Equal scores, or a sample that does not stand for all, can give many more or fewer.
    return rows if count // 2 <= len(rows) <= 2 * count else np.sort(best_rows(scores, count))


def least_of(sampled: np.ndarray, count: int) -> Any:
    """What about `count` scores reach, of which one in `SAMPLED` is given."""
    place = len(sampled) - 1 - min(len(sampled) - 1, -(-count // SAMPLED))
    return np.partition(sampled, place)[place]


def sampled_of(count: int) -> np.ndarray:
    """The rows of `count` that are sampled."""
    return np.arange(0, count, SAMPLED)


def lowest_of(dtype: np.dtype[Any]) -> Any:
    """A score that no row has which can be found."""
    return np.iinfo(dtype).min if dtype.kind == "i" else -np.inf
