"""Where a target and what is turned beside it are active: all that a move of a slider changes.

A slider moves the values of the documents in which its feature is active, and of no others. These
documents are looked up once for a target and the features turned beside it; a move then adds up
numbers of theirs alone. What is added up, and in which order, depends on the target and on which
features are turned, never on what was asked before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np

from saedesk.features.sparse_activations import SparseActivations
from saedesk.search.exact_scores import best_rows
from saedesk.search.steering_plan import Target
from saedesk.search.target_values import shares_of

ROUNDING = 1e-6
"""What is left of a weight that a slider takes away in single precision."""
KEPT = 4
"""So many sets of turned features are kept: those of both settings that are compared, each with and
without the slider that passes its rest."""
ROOM = 2**27
"""Bytes for all of these but the newest. One takes 20 or 28 bytes for every document in which any
of its features is active, 4 more for each turned one that is active in many of them, and 4 for
every activation of the others, 8 under a filter. With nine features, 19 MB where each is active in
50,000 documents, 43 MB with the nine most frequent of 4,096 in a million documents."""
MANY = 0.125
"""Share of the documents from which on a column has a place for each of them: adding it up then
reads memory in order. Where a fifth of 800,000 has one, 0.7 ms instead of 2.2."""
MOST_WHOLE = 16
"""Columns at most that have a place for every document."""
_BEYOND = 2.0
"""No cosine reaches it, so that any value above zero comes before any silent document."""
_AT_ONCE = 2**15
"""Values that are worked on in one go: the processor's cache holds them."""


class ByCosine:
    """Documents by falling cosine, equal ones in the order of rows; sorted once it is asked."""

    def __init__(self, cosines: np.ndarray) -> None:
        """`cosines` (n,) float32, −inf for documents that do not take part."""
        self.cosines = cosines
        self._sorted: np.ndarray | None = None

    def ahead(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """How many come before each of some rows (m,) if it had this value, (m,) int64."""
        if self._sorted is None:
            self._sorted = np.sort(self.cosines)
        values = values.astype(np.float32)
        stop = np.searchsorted(self._sorted, values, side="right")
        equal = stop - np.searchsorted(self._sorted, values)
        found: np.ndarray = len(self._sorted) - stop
        # The document itself is one of those that are equal.
        for place in np.flatnonzero(equal > 1).tolist():
            before = self.cosines[: rows[place]]
            found[place] += int(np.count_nonzero(before == values[place]))
        return found


class TargetColumns:
    """The documents in which a target or a turned feature is active, and how active it is."""

    def __init__(
        self,
        target: Target,
        turned: Sequence[int],
        by_cosine: ByCosine,
        activations: SparseActivations,
    ) -> None:
        """`turned` are the latents that strengths turn, in any order."""
        self.by_cosine, self.shares = by_cosine, shares_of(target)
        is_active = np.zeros(len(by_cosine.cosines), bool)
        for latent in {*self.shares, *turned}:
            is_active[activations.latent(latent)[0]] = True
        is_active &= by_cosine.cosines > -np.inf
        self.rows = np.flatnonzero(is_active)
        """Documents that take part, ascending (m,) int64; in all others every one is silent."""
        self.cosines = by_cosine.cosines[self.rows]
        """(m,) float32."""
        columns = _Columns(activations, is_active)
        self._sparse: dict[int, _Column] = {}
        self._whole: dict[int, np.ndarray] = {}
        """{latent: its activations in all of the rows, (m,) float32}."""
        for latent in sorted(turned):
            places, active = columns.of(latent)
            if len(places) < MANY * len(self.rows) or len(self._whole) == MOST_WHOLE:
                self._sparse[latent] = places, active
            else:
                self._whole[latent] = np.zeros(len(self.rows), np.float32)
                self._whole[latent][places] = active
        standing = {i: share for i, share in self.shares.items() if i not in set(turned)}
        self._standing = columns.summed(standing)
        whole = len(standing) == len(self.shares)
        self.plain = self._standing if whole else columns.summed(self.shares)
        """The values of the target alone, (m,) float64."""
        self._silent: dict[int, np.ndarray] = {}

    @property
    def bytes(self) -> int:
        """What it takes to keep it."""
        arrays = [self.rows, self.cosines, self._standing]
        arrays += [] if self.plain is self._standing else [self.plain]
        arrays += [*self._whole.values()]
        arrays += [array for column in self._sparse.values() for array in column]
        return sum(array.nbytes for array in arrays if not isinstance(array, np.memmap))

    def values(self, strengths: Mapping[int, float]) -> tuple[np.ndarray, np.ndarray]:
        """The values under strengths, one for every turned latent, and what they are sorted by.

        Both (m,) float64. Those above zero come first, then silent documents by their cosine, then
        those below zero.
        """
        values, order = self._standing.copy(), np.empty(len(self.rows))
        for latent, column in self._sparse.items():
            _add(values, column, self.shares.get(latent, 0.0) + strengths[latent])
        whole = [
            (self.shares.get(latent, 0.0) + strengths[latent], active)
            for latent, active in self._whole.items()
        ]
        room = np.empty(_AT_ONCE)
        for start in range(0, len(values), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            own, by = values[rows], order[rows]
            for share, active in whole:
                if abs(share) > ROUNDING:
                    more = room[: len(own)]
                    np.copyto(more, active[rows])
                    more *= share
                    own += more
            np.copysign(_BEYOND, own, out=by)
            by += own
            np.copyto(by, self.cosines[rows], where=own == 0.0)
        return values, order

    def first_silent(self, count: int) -> np.ndarray:
        """The first `count` of all other documents, by their cosine, (k,) int64."""
        if count not in self._silent:
            others = self.by_cosine.cosines.copy()
            others[self.rows] = -np.inf
            self._silent[count] = best_rows(others, count)
        return self._silent[count]


class KeptColumns:
    """The columns of one target under one filter for the features turned last."""

    def __init__(self, target: Target, by_cosine: ByCosine, activations: SparseActivations) -> None:
        self._target, self._by_cosine, self._activations = target, by_cosine, activations
        self._kept: OrderedDict[tuple[int, ...], TargetColumns] = OrderedDict()

    def of(self, turned: Sequence[int]) -> TargetColumns:
        """Those for these turned latents."""
        key = tuple(sorted(turned))
        if key not in self._kept:
            self._kept[key] = TargetColumns(self._target, key, self._by_cosine, self._activations)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT or (len(self._kept) > 1 and self._bytes_of_older > ROOM):
            self._kept.popitem(last=False)
        return self._kept[key]

    @property
    def _bytes_of_older(self) -> int:
        return sum(columns.bytes for columns in list(self._kept.values())[:-1])


def counted_ahead(scores: np.ndarray, values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """How many of `scores` (m,) come before each of some values (k,), (k,) int64.

    Equal ones do where they stand before the value's place (k,) among the scores.
    """
    found = np.zeros(len(values), np.int64)
    if not len(values):
        return found
    # Mostly these are among the best, and few others are.
    among = np.flatnonzero(scores >= values.min())
    scores, places = scores[among], np.searchsorted(among, places)
    for start in range(0, len(scores), _AT_ONCE):
        piece = scores[start : start + _AT_ONCE]
        for at, (value, place) in enumerate(zip(values, places - start, strict=True)):
            found[at] += np.count_nonzero(piece > value)
            if place > 0:
                found[at] += np.count_nonzero(piece[:place] == value)
    return found


_Column = tuple[np.ndarray, np.ndarray]
"""Places among the rows (a,) int32, and the activations there (a,) float32."""


class _Columns:
    """Takes the activations of latents out of those of all documents."""

    def __init__(self, activations: SparseActivations, takes_part: np.ndarray) -> None:
        self._activations, self._takes_part = activations, takes_part
        self._place_of = np.cumsum(takes_part, dtype=np.int32) - np.int32(1)

    def of(self, latent: int) -> _Column:
        rows, active = self._activations.latent(latent)
        there = self._takes_part[rows]
        if not there.all():
            rows, active = rows[there], active[there]
        return self._place_of[rows], active

    def summed(self, shares: Mapping[int, float]) -> np.ndarray:
        count = int(self._place_of[-1]) + 1 if len(self._place_of) else 0
        values = np.zeros(count)
        for latent, share in shares.items():
            _add(values, self.of(latent), share)
        return values


def _add(values: np.ndarray, column: _Column, share: float) -> None:
    if abs(share) > ROUNDING:
        places, active = column
        values[places] += share * np.asarray(active, np.float64)
