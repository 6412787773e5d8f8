"""Which labels are shown, so that none lies on another, whatever the zoom.

Labels keep their size while the picture grows under them, so more of them fit the nearer one
looks. A choice is made for a range of scales and holds in all of it; it does not depend on what
part of the picture is in view, so labels stay while one pans.
"""

from __future__ import annotations

import math

import numpy as np

LEVELS_PER_DOUBLING = 4
"""Ranges of scales between one scale and twice that; more would choose anew more often."""
CANDIDATES = 4.0
"""Labels looked at for each that could fit if the picture were paved with them."""


def level_of(scale: float, per_doubling: int = LEVELS_PER_DOUBLING) -> int:
    """The number of the range in which a scale lies."""
    return math.floor(math.log2(scale) * per_doubling + 1e-9)


def scales_of(level: int, per_doubling: int = LEVELS_PER_DOUBLING) -> tuple[float, float]:
    """The lowest and the highest scale of a range."""
    return 2 ** (level / per_doubling), 2 ** ((level + 1) / per_doubling)


def chosen_labels(
    anchors: np.ndarray,
    offsets: np.ndarray,
    sizes: np.ndarray,
    scales: tuple[float, float],
    obstacles: np.ndarray | None = None,
) -> np.ndarray:
    """(n,) bool: the labels shown, the first in the list having the first claim.

    anchors: (n, 2) places in the picture; offsets: (n, 2) pixels from the anchor to the left top
    corner of the label; sizes: (n, 2) pixels; obstacles: (m, 2) places in the picture that no label
    may cover. At every scale between the two, no two labels that
    are chosen overlap.
    """
    n = len(anchors)
    chosen = np.zeros(n, bool)
    if not n:
        return chosen
    among = min(n, _worth_looking(anchors, sizes, scales[0]))
    first, second = _conflicts(anchors[:among], offsets[:among], sizes[:among], scales)
    undecided = np.ones(among, bool)
    if obstacles is not None:
        for scale in scales:
            corners = anchors[:among] * scale + offsets[:among]
            undecided &= ~covers(corners, corners + sizes[:among], obstacles * scale)
    while undecided.any():
        alive = undecided[first] & undecided[second]
        wins = undecided.copy()
        wins[second[alive]] = False
        chosen[:among] |= wins
        undecided &= ~wins
        undecided[second[wins[first]]] = False
    return chosen


def _worth_looking(anchors: np.ndarray, sizes: np.ndarray, scale: float) -> int:
    """How many labels to look at where only some of them can fit."""
    span = np.ptp(anchors, axis=0) * scale + sizes.max(axis=0)
    fit = span.prod() / max(1.0, float(sizes.prod(axis=1).mean()))
    return int(CANDIDATES * fit) + 64


def _conflicts(
    anchors: np.ndarray, offsets: np.ndarray, sizes: np.ndarray, scales: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of labels that overlap somewhere between two scales, the earlier one first."""
    largest = sizes.max(axis=0) + 1e-9
    pairs = [_near((anchors * scale + offsets + sizes / 2) / largest) for scale in scales]
    both = np.sort(np.concatenate(pairs), axis=1)
    # Single numbers are sorted many times as fast as rows.
    first, second = np.divmod(np.unique(both[:, 0] * len(anchors) + both[:, 1]), len(anchors))
    low, high = (_gaps(anchors * scale + offsets, sizes, first, second) for scale in scales)
    # What is apart along one axis at both ends is apart along it all the way between.
    apart = ((low >= 0) & (high >= 0)).any(axis=0)
    return first[~apart], second[~apart]


def _near(middles: np.ndarray) -> np.ndarray:
    """(n_pairs, 2) int64: places less than 1 apart along both axes."""
    order = np.argsort(middles[:, 1], kind="stable")
    x, y = middles[order].T
    pairs = [np.zeros((0, 2), np.int64)]
    for shift in range(1, len(order)):
        close = y[shift:] - y[:-shift] < 1
        if not close.any():
            break
        at = np.flatnonzero(close & (np.abs(x[shift:] - x[:-shift]) < 1))
        pairs.append(np.column_stack([order[at], order[at + shift]]))
    return np.concatenate(pairs)


def _gaps(
    corners: np.ndarray, sizes: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """(4, n_pairs): how far the second label begins right of, below, left of, above the first."""
    a, b = corners[first], corners[second]
    after, before = b - (a + sizes[first]), a - (b + sizes[second])
    return np.concatenate([after.T, before.T])


def covers(low: np.ndarray, high: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(n,) bool: rectangles from `low` to `high`, both (n, 2), with one of the (m, 2) points in
    them."""
    order = np.argsort(points[:, 1], kind="stable")
    x, y = points[order].T
    first, last = np.searchsorted(y, low[:, 1], "right"), np.searchsorted(y, high[:, 1])
    which, at = ranges(first, np.maximum(first, last))
    inside = (x[at] > low[which, 0]) & (x[at] < high[which, 0])
    return np.bincount(which[inside], minlength=len(low)) > 0


def ranges(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All whole numbers from `first` to before `last`, (n,) both, with the number of the range."""
    sizes = last - first
    which = np.repeat(np.arange(len(first)), sizes)
    ends = np.cumsum(sizes)
    return which, np.arange(len(which)) - (ends - sizes)[which] + first[which]
