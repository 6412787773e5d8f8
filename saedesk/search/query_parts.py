"""What a steered query is the sum of, so that what belongs to each part is computed once.

While a slider moves, q' = (q + Σ u_i d_i) / N changes, but neither q nor any d_i does.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from saedesk.search.query_features import SteeredQuery, added

Parts = Sequence[tuple[float, np.ndarray]]
"""How much of each vector (d,) float32 makes up a query."""

CANCELLATION = 0.25
"""Where N falls below this share of what was added up, rounding of the parts would count."""
KEPT_PRODUCTS = 8
"""Products with one vector that are kept, 4 bytes a row each: of the query as typed and of the
features that are turned. Adding one up takes .2 ms of 1,000,000 rows, a scan for it 3 to 8."""
MOST_FEATURES = KEPT_PRODUCTS - 2
"""Plans that turn more features are taken as one move, which a family of features is."""


def parts_of(steered: SteeredQuery, decoder: np.ndarray) -> Parts | None:
    """The parts of a steered query, no more than `KEPT_PRODUCTS`; None where they cancel out.

    Its plan alone decides what they are, never what was asked before.
    """
    strengths, other = steered.plan.strengths, steered.other
    if not strengths and other is None:
        return [(1.0, steered.vector)]
    if len(strengths) > MOST_FEATURES:
        length, direction = way_of(steered, decoder)
        moved = [(length, direction)] if length else []
    else:
        moved = [(u, np.asarray(decoder[i], np.float32)) for i, u in strengths]
        if other is not None:
            moved.append((steered.other_share, np.asarray(other, np.float32)))
    # Decoder rows have another length than 1 where an SAE sees dimensions scaled.
    added_up = 1.0 + sum(abs(share) * float(np.linalg.norm(part)) for share, part in moved)
    if steered.norm < CANCELLATION * added_up:
        return None
    parts = [(1.0, steered.query.vector), *moved]
    return [(share / steered.norm, part) for share, part in parts]


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
    """Products of all rows with a query, added up from those with its parts, which are kept."""

    def __init__(self, products: Callable[[np.ndarray], np.ndarray]) -> None:
        """`products` gives those of all rows with a vector (d,), (n,) float32."""
        self._products = products
        self._total: np.ndarray | None = None
        self._kept: OrderedDict[bytes, np.ndarray] = OrderedDict()

    def times(self, parts: Parts, factor: float) -> np.ndarray:
        """The products with the sum of `parts`, times `factor`, (n,) float32.

        Good until the next call, which writes them to the same memory: getting so much anew from
        the system took as long again as the sum.
        """
        import torch

        (share, vector), *others = parts
        first = self._of(vector)
        if self._total is None:
            self._total = np.empty_like(first)
        total = torch.from_numpy(self._total)
        torch.mul(torch.from_numpy(first), factor * share, out=total)
        for share, vector in others:
            total.add_(torch.from_numpy(self._of(vector)), alpha=factor * share)
        return self._total

    def _of(self, vector: np.ndarray) -> np.ndarray:
        key = vector.tobytes()
        if key not in self._kept:
            self._kept[key] = self._products(vector)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_PRODUCTS:
            self._kept.popitem(last=False)
        return self._kept[key]
