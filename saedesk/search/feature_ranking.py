"""A feature or a family alone as the query: documents by its activation, then by its direction.

The value of a document is Σ w_i z_i, its activations by the shares of the target and by what was
turned. Documents in which all of these are silent have no value; they follow those above zero, in
the order of their cosine with the direction of the target, whatever is turned.

Turned features change the values of all documents from v to v'. How far that is from what was asked
is cos(v, v') over the documents that take part, and a cap scales what was turned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.errors import NothingToSearch
from saedesk.features.sparse_activations import SparseActivations
from saedesk.search.exact_scores import best_rows
from saedesk.search.explanation import Contribution, Kind
from saedesk.search.query_features import QueryFeatures, added, take_apart
from saedesk.search.steering_plan import Target
from saedesk.search.target_columns import ROUNDING, ByCosine, TargetColumns, counted_ahead
from saedesk.search.target_values import moves_of, shares_of

_LEAST_ACTIVE = 1.5
"""Above every cosine, below what any value above zero is sorted by."""


def direction_of(target: Target, decoder: np.ndarray) -> np.ndarray:
    """The direction (d,) float64 of a feature or a family, as long as the decoder has it.

    Raises NothingToSearch where it is zero.
    """
    direction = added(moves_of(target), decoder)
    if not np.linalg.norm(direction) > 0.0:
        raise NothingToSearch(
            "This feature has no direction, so nothing can be searched for with it. "
            "Choose another one."
        )
    return direction


def query_of_target(target: Target, vector: np.ndarray, decoder: np.ndarray) -> QueryFeatures:
    """A target as a query along `vector` (d,), with the weights that documents are ranked by.

    No SAE reads it: strengths are added to these weights, and a slider stands where a weight is.
    """
    shares = shares_of(target)
    values = np.array(list(shares.values())) * np.linalg.norm(vector)
    return take_apart(vector, np.array(list(shares), np.int64), values, decoder)


def cosine_of_values(before: np.ndarray, after: np.ndarray) -> float:
    """cos(v, v') of the values of documents (n,), of all that have any; 1 where none had one."""
    length = float(np.linalg.norm(before))
    if length == 0.0 or np.array_equal(before, after):
        return 1.0
    if not after.any():
        raise NothingToSearch(
            "There is nothing to search for: the sliders cancel the query out. "
            "Put one of them back."
        )
    return float(np.clip(before @ after / (length * float(np.linalg.norm(after))), -1.0, 1.0))


class FeatureRanking:
    """Documents by the value of a target, with features turned up or down beside it."""

    def __init__(
        self,
        target: Target,
        strengths: Mapping[int, float],
        cosines: np.ndarray,
        activations: SparseActivations,
        allowed: np.ndarray | None,
        columns: TargetColumns | None = None,
    ) -> None:
        """`cosines` (n,) float32 are those with the direction, −inf for rows that never appear.

        `columns` are those of the target and of what is turned among the allowed rows, where they
        are at hand; the ranking is the same without them.
        """
        if columns is None:
            if allowed is not None:
                cosines = np.where(allowed, cosines, np.float32(-np.inf))
            columns = TargetColumns(target, tuple(strengths), ByCosine(cosines), activations)
        self.columns, self._activations = columns, activations
        self._strengths = dict(strengths)
        shares = columns.shares | {
            latent: columns.shares.get(latent, 0.0) + strength
            for latent, strength in strengths.items()
        }
        self._shares = {latent: share for latent, share in shares.items() if abs(share) > ROUNDING}
        self.active_values, self._order = columns.values(strengths)
        """(m,) float64, of the rows of the columns; all other documents have 0."""
        self._best: dict[int, np.ndarray] = {}
        self._rank_of: dict[int, int | None] = {}

    @property
    def values(self) -> np.ndarray:
        """The values of all documents, (n,) float64; 0 for those that do not take part."""
        values = np.zeros(len(self.columns.by_cosine.cosines))
        values[self.columns.rows] = self.active_values
        return values

    @property
    def active(self) -> int:
        """In how many documents that take part the value is above zero."""
        return int(np.count_nonzero(self.active_values > 0.0))

    def best(self, count: int) -> np.ndarray:
        """The first `count` rows, fewer where there are no more, (m,) int64."""
        if count not in self._best:
            rows = self._best[count] = self._first(count)
            self._rank_of |= {row: rank for rank, row in enumerate(rows.tolist(), start=1)}
        return self._best[count]

    def _first(self, count: int) -> np.ndarray:
        places = best_rows(self._order, count)
        rows, order = self.columns.rows[places], self._order[places]
        if len(order) == max(0, count) and (order > _LEAST_ACTIVE).all():
            return rows
        silent = self.columns.first_silent(count)
        rows = np.concatenate([rows, silent])
        order = np.concatenate([order, self.columns.by_cosine.cosines[silent]])
        first: np.ndarray = rows[np.lexsort((rows, -order))][: max(0, count)]
        return first

    def ranks(self, rows: Sequence[int] | np.ndarray) -> list[int | None]:
        """The rank of each row, from 1; None for a row that does not take part."""
        rows = np.asarray(rows, np.int64).tolist()
        if unknown := [row for row in rows if row not in self._rank_of]:
            self._rank_of |= zip(unknown, self._counted_ranks(np.array(unknown)), strict=True)
        return [self._rank_of[row] for row in rows]

    def _counted_ranks(self, wanted: np.ndarray) -> list[int | None]:
        places, _, order = self._looked_up(wanted)
        there = order > -np.inf
        wanted, places, order = wanted[there], places[there], order[there]
        ahead = counted_ahead(self._order, order, places)
        # Those in which all features are silent stand by their cosine, among them alone.
        low = order <= _LEAST_ACTIVE
        wanted, places, order = wanted[low], places[low], order[low]
        ahead[low] += self.columns.by_cosine.ahead(order, wanted)
        ahead[low] -= counted_ahead(self.columns.cosines, order.astype(np.float32), places)
        counted = iter((ahead + 1).tolist())
        return [next(counted) if one else None for one in there.tolist()]

    def scores(self, rows: Sequence[int] | np.ndarray) -> list[float | None]:
        """The score of each row; None for a row that does not take part."""
        _, values, order = self._looked_up(np.asarray(rows, np.int64))
        told = zip(values.tolist(), (order > -np.inf).tolist(), strict=True)
        return [value if there else None for value, there in told]

    def _looked_up(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of rows (k,): their places in the columns, their values, what they are sorted by."""
        places = np.searchsorted(self.columns.rows, rows)
        values, order = np.zeros(len(rows)), self.columns.by_cosine.cosines[rows].astype(float)
        inside = np.flatnonzero(places < len(self.columns.rows))
        inside = inside[self.columns.rows[places[inside]] == rows[inside]]
        values[inside] = self.active_values[places[inside]]
        order[inside] = self._order[places[inside]]
        return places, values, order

    def with_first(
        self, rows: Sequence[int] | np.ndarray, more: Mapping[int, Sequence[Contribution]]
    ) -> LedRanking:
        """The same ranking with these rows in front, in their order.

        `more` are parts of scores, by row, for which they stand there.
        """
        return LedRanking(
            self,
            np.asarray(rows, np.int64),
            {row: tuple(parts) for row, parts in more.items()},
        )

    def parts(self, row: int) -> tuple[Contribution, ...]:
        """What each active feature adds to the value, largest first; none where all are silent."""
        latents, active = self._activations.document(row)
        bars = [
            Contribution(
                latent,
                self._shares.get(latent, 0.0) * value,
                self._kind(latent),
                moved=self._strengths.get(latent, 0.0) * value,
            )
            for latent, value in zip(latents.tolist(), active.tolist(), strict=True)
            # One that was turned down to nothing has a part of 0, of which that is the reason.
            if latent in self._shares or self._strengths.get(latent, 0.0) != 0.0
        ]
        bars.sort(key=lambda bar: (-abs(bar.value), bar.latent))
        return tuple(bars)

    def _kind(self, latent: int) -> Kind:
        moved = self._strengths.get(latent, 0.0)
        return "up" if moved > 0.0 else "down" if moved < 0.0 else "typed"


@dataclass(frozen=True, eq=False)
class LedRanking:
    """A ranking with some documents in front of it, which take part, in their own order."""

    others: FeatureRanking
    front: np.ndarray
    """(k,) int64."""
    more: Mapping[int, tuple[Contribution, ...]]
    """Parts of scores, by row, for which they stand there."""

    def best(self, count: int) -> np.ndarray:
        """The first `count` rows, fewer where there are no more, (m,) int64."""
        others = self.others.best(count + len(self.front))
        rows = np.concatenate([self.front, others[~np.isin(others, self.front)]])
        return rows[: max(0, count)]

    def ranks(self, rows: Sequence[int] | np.ndarray) -> list[int | None]:
        """The rank of each row, from 1; None for a row that does not take part."""
        own = [rank for rank in self.others.ranks(self.front) if rank is not None]
        in_front = {row: place for place, row in enumerate(self.front.tolist(), start=1)}
        wanted = np.asarray(rows, np.int64)
        return [
            rank and in_front.get(row, rank + sum(one > rank for one in own))
            for row, rank in zip(wanted.tolist(), self.others.ranks(wanted), strict=True)
        ]

    def scores(self, rows: Sequence[int] | np.ndarray) -> list[float | None]:
        """The score of each row; None for a row that does not take part."""
        wanted = np.asarray(rows, np.int64)
        return [
            None if score is None else score + sum(part.value for part in self.more.get(row, ()))
            for row, score in zip(wanted.tolist(), self.others.scores(wanted), strict=True)
        ]

    def parts(self, row: int) -> tuple[Contribution, ...]:
        """What each active feature adds to the value, then for what it stands in front."""
        return (*self.others.parts(row), *self.more.get(row, ()))
