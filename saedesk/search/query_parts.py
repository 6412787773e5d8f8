"""What a steered query is the sum of, so that what belongs to each part is computed once.

While a slider moves, q' = (q + Σ u_i d_i) / N changes, but neither q nor any d_i does.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.search.exact_scores import CANCELLATION, KEPT_PROJECTIONS, MOST_FEATURES
from saedesk.search.query_features import SteeredQuery, added

MOST_ADDED = 32.0
"""Where more than this is added up, in lengths of the query, whole numbers of 32 bits overflow."""
KEPT_PRODUCTS = KEPT_PROJECTIONS + 1
"""Products with one vector that are kept, 4 bytes a row each: one more for the query as typed."""
RANGE = 2**13
"""A product with a part of length 1 is rounded to a whole number up to this: a hundredth of what
rounding the part to 8 bits does to it."""
STEPS = 2**12
"""Shares are rounded to so many in the length of the query."""
LARGEST_SHARE = 2.0**18
"""Of a very short part: `STEPS` times it are a whole number of 32 bits."""
SURE = 4.0
"""Standard deviations of rounding that are allowed for. The length of a code is allowed for with
twice what it is, so these are more."""


@dataclass(frozen=True, eq=False)
class Parts:
    """A query as (q + Σ share · part) / N."""

    query: np.ndarray
    """q, (d,) float32."""
    added: Sequence[tuple[float, np.ndarray]] = ()
    """How much of each vector (d,) float32."""
    norm: float = 1.0
    """N."""


def parts_of(steered: SteeredQuery, decoder: np.ndarray) -> Parts | None:
    """The parts of a steered query, fewer than `KEPT_PRODUCTS`; None where they cancel out.

    Its plan alone decides what they are, never what was asked before.
    """
    strengths, other = steered.plan.strengths, steered.other
    if not strengths and other is None:
        return Parts(steered.vector)
    if len(strengths) > MOST_FEATURES:
        length, direction = way_of(steered, decoder)
        moved = [(length, direction)] if length else []
    else:
        moved = [(u, np.asarray(decoder[i], np.float32)) for i, u in strengths]
        if other is not None:
            moved.append((steered.other_share, np.asarray(other, np.float32)))
    # Decoder rows have another length than 1 where an SAE sees dimensions scaled.
    added_up = 1.0 + sum(abs(share) * float(np.linalg.norm(part)) for share, part in moved)
    if steered.norm < CANCELLATION * added_up or added_up > MOST_ADDED:
        return None
    if any(abs(share) > LARGEST_SHARE for share, _ in moved):
        return None
    return Parts(steered.query.vector, moved, steered.norm)


def way_of(steered: SteeredQuery, decoder: np.ndarray) -> tuple[float, np.ndarray]:
    """All that was added to a query: how far, and along which direction (d,) float32 at length 1.

    To and fro along one direction is one direction; 0.0 where nothing is left of what was added.
    """
    move = added(steered.plan.strengths, decoder)
    if steered.other is not None:
        move += steered.other_share * steered.other
    length = math.copysign(float(np.linalg.norm(move)), steered.plan.strengths[0][1])
    direction = move / length if length != 0.0 else move
    return length, direction.astype(np.float32)


class SumOfParts:
    """Products of all rows with a query, added up from those with its parts, which are kept.

    In whole numbers: so the sum is the same bit for bit in whatever order its parts came, and one
    slider that moves adds what it moved by, however many others stand somewhere.
    """

    def __init__(
        self,
        products: Callable[[np.ndarray], tuple[np.ndarray, float]],
        longest: float,
        left_out: np.ndarray,
    ) -> None:
        """`products` gives those of all rows with a vector (d,), (n,) floats.

        And to what the components of the vector were rounded for that. None with a vector of
        length 1 is more than `longest`. Rows `left_out` have products of 0, and the lowest number
        for a sum.
        """
        self._products, self._longest, self._left_out = products, longest, left_out
        self._unit = RANGE / max(longest, 1e-30)
        self._kept: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._total: np.ndarray | None = None
        self._shares: dict[bytes, int] = {}
        self._rounding: dict[bytes, float] = {}
        self._last: tuple[bytes, dict[bytes, float]] = b"", {}

    def moved_to(self, parts: Parts) -> bool:
        """Whether a slider has moved since the last call: only then sums by parts are worth it.

        It has where the query is the same and some parts are, one at most is new, and their shares
        differ.
        """
        query, shares = parts.query.tobytes(), {v.tobytes(): share for share, v in parts.added}
        if not shares:
            return False
        (query_before, before), self._last = self._last, (query, shares)
        is_near = bool(shares.keys() & before.keys()) and len(shares.keys() - before.keys()) <= 1
        return query == query_before and is_near and shares != before

    @property
    def error(self) -> float:
        """What rounding a vector to whole numbers does to a product with it, but for rare rows."""
        return SURE * self._longest / math.sqrt(12)

    def error_of(self, parts: Parts) -> float:
        """What rounding has done to `times` of these parts over `unit`, but for rare rows."""
        total = 0.0
        for share, vector in ((1.0, parts.query), *parts.added):
            rounding = self._rounding[vector.tobytes()]
            total += abs(share) * (self.error * rounding + 0.5 / self._unit)
            total += 0.5 / STEPS * self._longest * float(np.linalg.norm(vector))
        return total

    @property
    def unit(self) -> float:
        """How many of the whole numbers are 1, where the query was divided by nothing."""
        return self._unit * STEPS

    def times(self, parts: Parts) -> np.ndarray:
        """The products with q + Σ share · part times `unit`, (n,) int32.

        Not to be written; good until the next call.
        """
        import torch

        wanted = {parts.query.tobytes(): STEPS}
        vectors = {parts.query.tobytes(): parts.query}
        for share, vector in parts.added:
            key = vector.tobytes()
            wanted[key] = wanted.get(key, 0) + round(share * STEPS)
            vectors[key] = vector
        products = {key: self._of(key, vector) for key, vector in vectors.items()}
        before = self._shares
        if self._total is None or any(key not in self._kept for key in before):
            self._total, before = np.zeros_like(products[parts.query.tobytes()]), {}
            self._total[self._left_out] = np.iinfo(np.int32).min
        total = torch.from_numpy(self._total)
        for key in {**before, **wanted}:
            change = wanted.get(key, 0) - before.get(key, 0)
            if change:
                total.add_(torch.from_numpy(self._kept[key]), alpha=change)
        self._shares = wanted
        return self._total

    def _of(self, key: bytes, vector: np.ndarray) -> np.ndarray:
        if key not in self._kept:
            products, self._rounding[key] = self._products(vector)
            self._kept[key] = np.rint(products * np.float32(self._unit)).astype(np.int32)
            while len(self._kept) > KEPT_PRODUCTS:
                del self._rounding[self._kept.popitem(last=False)[0]]
        self._kept.move_to_end(key)
        return self._kept[key]
