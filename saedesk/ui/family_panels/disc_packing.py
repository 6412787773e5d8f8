"""Discs beside one another without overlap, those that belong together near each other.

Greedy: the largest disc in the middle, then each next one where it touches two that lie already
(Wang, Wang, Dai and Wang 2006, "Visualization of large hierarchical data by circle packing"), of
all such places that nearest to the discs it is linked to and to the middle. Deterministic.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.task_control import TaskControl, Unattended
from saedesk.ui.family_panels.label_places import ranges

MIDDLE_PULL = 0.8
"""How much the distance to the middle counts beside that to the linked discs; keeps it round."""
CLASS_STEP = 1.1
"""Radii are rounded up to powers of this, so that free places are kept from disc to disc."""
SLACK = 1e-6


def packed(
    radii: np.ndarray,
    links: Sequence[tuple[int, int, float]] = (),
    aspect: float = 1.0,
    control: TaskControl | None = None,
) -> np.ndarray:
    """(n, 2) float64: centres of discs that do not overlap.

    radii: (n,); links: pairs of discs with how strongly each belongs together; aspect: width of
    the room over its height. Raises Cancelled.
    """
    control = control or Unattended()
    n = len(radii)
    centres = np.zeros((n, 2))
    if n < 2:
        return centres
    classes = np.ceil(np.log(radii) / np.log(CLASS_STEP) - SLACK)
    sizes = CLASS_STEP**classes
    order = np.lexsort((np.arange(n), -sizes))
    pull = _link_table(n, links)
    table = _Table(aspect)
    for place, disc in enumerate(order):
        control.checkpoint()
        linked = pull[disc, order[:place]]
        centres[disc] = table.add(float(sizes[disc]), linked)
    middle = (centres * sizes[:, None] ** 2).sum(axis=0) / (sizes**2).sum()
    return centres - middle


def _link_table(n: int, links: Sequence[tuple[int, int, float]]) -> np.ndarray:
    """(n, n) float64: weights, both ways."""
    table = np.zeros((n, n))
    for a, b, weight in links:
        table[a, b] = table[b, a] = max(float(weight), table[a, b])
    return table


class _Table:
    """The discs that lie already, and the places where one more of the same size could lie."""

    def __init__(self, aspect: float) -> None:
        self._stretch = np.array([aspect**-0.5, aspect**0.5])
        self._centres = np.zeros((0, 2))
        self._radii = np.zeros(0)
        self._radius = 0.0
        self._free = np.zeros((0, 2))

    def add(self, radius: float, linked: np.ndarray) -> np.ndarray:
        """Lay down a disc; `linked` are its weights to the discs in the order they came in."""
        if not len(self._radii):
            place = np.zeros(2)
        elif len(self._radii) == 1:
            place = np.array([self._radii[0] + radius, 0.0])
        else:
            if radius != self._radius:
                self._free = self._free_places(radius, 0)
            place = self._free[self._best(linked)]
        self._lay(place, radius)
        return place

    def _best(self, linked: np.ndarray) -> int:
        score = MIDDLE_PULL * _lengths(self._free * self._stretch)
        near = np.flatnonzero(linked)
        if len(near):
            apart = _lengths(self._free[:, None] - self._centres[near][None])
            score = score + apart @ (linked[near] / linked[near].sum())
        return int(np.argmin(score))

    def _lay(self, place: np.ndarray, radius: float) -> None:
        self._centres = np.vstack([self._centres, place])
        self._radii = np.append(self._radii, radius)
        still = _lengths(self._free - place) >= 2 * radius - SLACK
        self._free = self._free[still]
        if len(self._radii) > 2 and radius == self._radius:
            newest = len(self._radii) - 1
            self._free = np.vstack([self._free, self._free_places(radius, newest)])
        self._radius = radius if len(self._radii) > 2 else 0.0

    def _free_places(self, radius: float, since: int) -> np.ndarray:
        """(n, 2): where a disc touches two others, one of them laid `since`, and overlaps none."""
        first, second = self._near_pairs(radius, since)
        a, b = self._centres[first], self._centres[second]
        to_a, to_b = self._radii[first] + radius, self._radii[second] + radius
        between = b - a
        apart = np.maximum(_lengths(between), SLACK)
        along = (to_a**2 - to_b**2 + apart**2) / (2 * apart)
        across = np.sqrt(np.maximum(0.0, to_a**2 - along**2))
        unit = between / apart[:, None]
        foot = a + along[:, None] * unit
        side = across[:, None] * np.column_stack([-unit[:, 1], unit[:, 0]])
        places = np.concatenate([foot + side, foot - side])
        touched = np.concatenate([first, first])
        return places[self._is_free(places, touched, radius, (first, second))]

    def _near_pairs(self, radius: float, since: int) -> tuple[np.ndarray, np.ndarray]:
        newer = np.arange(since, len(self._radii))
        x, y = self._centres.T
        apart = (x[newer, None] - x) ** 2 + (y[newer, None] - y) ** 2
        near = apart <= (self._radii[newer, None] + self._radii + 2 * radius) ** 2
        which, other = np.nonzero(near)
        is_older = newer[which] > other
        return newer[which[is_older]], other[is_older]

    def _is_free(
        self,
        places: np.ndarray,
        touched: np.ndarray,
        radius: float,
        pairs: tuple[np.ndarray, np.ndarray],
    ) -> np.ndarray:
        """(n,) bool: only what is near the disc that a place touches can be in the way there.

        touched: (n,) numbers of discs; pairs: all that are near one another and near these.
        """
        ones, others = np.concatenate(pairs), np.concatenate(pairs[::-1])
        order = np.argsort(ones, kind="stable")
        ones, others = ones[order], others[order]
        ends = (np.searchsorted(ones, touched, side) for side in ("left", "right"))
        which, at = ranges(*ends)
        apart = _lengths(places[which] - self._centres[others[at]])
        radii = self._radii[others[at]]
        is_free = np.ones(len(places), bool)
        is_free[which[apart < radii + radius - SLACK * (1 + radii)]] = False
        return is_free


def _lengths(ways: np.ndarray) -> np.ndarray:
    """(...,) of (..., 2); `np.linalg.norm` takes several times as long for so few."""
    return np.asarray(np.hypot(ways[..., 0], ways[..., 1]))
