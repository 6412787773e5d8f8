"""One family as a disc: the root in the middle, the more special the farther out.

Every level of the tree has rings of its own, as many as it needs, so a family of hundreds stays
round and small. Lengths are device-independent pixels at scale 1.
"""

from __future__ import annotations

import numpy as np

from saedesk.ui.family_panels.family_layout import FamilyTree

GAP = 2.5
"""Between two nodes."""
RING_GAP = 6.0
"""Between the rings of two levels: there the edges are seen."""
DISC_STEPS = 12
LOOSE_SHARE = 0.7
"""Rings fuller than this have their nodes evenly round; in others each stands near its parent."""


def ring_places(tree: FamilyTree, radii: np.ndarray) -> tuple[np.ndarray, float]:
    """(n, 2) float64: places in a disc around (0, 0), and the radius of the disc.

    radii: (n,) of the nodes. No two nodes overlap, and the disc is little larger than it must be.
    """
    wanted = _sector_middles(tree)
    places = np.zeros((len(tree), 2))
    edge = float(radii[0])
    for depth in range(1, int(tree.depths.max()) + 1):
        level = np.flatnonzero(tree.depths == depth)
        level = level[np.argsort(wanted[level], kind="stable")]
        angles, distances, edge = _level(wanted[level], float(radii[level].max()), edge)
        places[level, 0] = distances * np.sin(angles)
        places[level, 1] = -distances * np.cos(angles)
    return _centred(places, radii)


def _sector_middles(tree: FamilyTree) -> np.ndarray:
    """(n,) float64: the angle of each node, clockwise from the top; sectors by leaves below."""
    leaves = tree.sums(tree.leaves().astype(np.float64))
    width = 2 * np.pi * leaves / leaves[0]
    start, used = np.zeros(len(tree)), np.zeros(len(tree))
    for place in range(1, len(tree)):
        parent = tree.parents[place]
        start[place] = start[parent] + used[parent]
        used[parent] += width[place]
    return start + width / 2


def _level(wanted: np.ndarray, radius: float, inner: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Angles and distances of the nodes of one level, and where it ends."""
    pitch = 2 * radius + GAP
    first = inner + RING_GAP + radius
    rings = np.array([first])
    while _capacity(rings, pitch).sum() < len(wanted):
        rings = np.append(rings, rings[-1] + pitch)
    end = float(rings[-1]) + radius
    if len(rings) == 1 and len(wanted) <= LOOSE_SHARE * _capacity(rings, pitch)[0]:
        return _spaced(wanted, _least_angle(first, pitch)), np.full(len(wanted), first), end
    angles, distances = _even(len(wanted), rings, pitch)
    return angles + _turn(wanted - angles), distances, end


def _least_angle(distance: float, pitch: float) -> float:
    """Between two nodes whose chord is `pitch` long."""
    return float(2 * np.arcsin(min(1.0, pitch / (2 * distance))))


def _capacity(rings: np.ndarray, pitch: float) -> np.ndarray:
    half = np.minimum(1.0, pitch / (2 * rings))
    return np.maximum(1, np.floor(np.pi / np.arcsin(half) + 1e-9)).astype(np.int64)


def _even(count: int, rings: np.ndarray, pitch: float) -> tuple[np.ndarray, np.ndarray]:
    """Ascending angles of `count` nodes spread evenly on all rings, and their distances."""
    capacity = _capacity(rings, pitch)
    shares = np.floor(capacity * count / capacity.sum()).astype(np.int64)
    left = count - shares.sum()
    room = capacity - shares
    for ring in range(len(rings) - 1, -1, -1):
        more = min(int(room[ring]), int(left))
        shares[ring] += more
        left -= more
    angles = np.concatenate([2 * np.pi * (np.arange(n) + 0.5) / max(1, n) for n in shares])
    distances = np.repeat(rings, shares)
    order = np.argsort(angles, kind="stable")
    return angles[order], distances[order]


def _turn(differences: np.ndarray) -> float:
    """The mean of some angles on the circle."""
    return float(np.arctan2(np.sin(differences).mean(), np.cos(differences).mean()))


def _spaced(wanted: np.ndarray, least: float) -> np.ndarray:
    """The angles nearest to `wanted` (ascending) that are at least `least` apart."""
    n = len(wanted)
    if n < 2:
        return wanted
    gaps = np.diff(np.append(wanted, wanted[0] + 2 * np.pi))
    cut = (int(np.argmax(gaps)) + 1) % n
    unrolled = np.roll(wanted, -cut)
    unrolled = unrolled + 2 * np.pi * (np.arange(n) >= n - cut)
    steps = least * np.arange(n)
    found = _ascending(unrolled - steps) + steps
    if found[-1] - found[0] > 2 * np.pi - least:
        found = unrolled.mean() + 2 * np.pi * (np.arange(n) - (n - 1) / 2) / n
    return np.roll(found, cut)


def _ascending(values: np.ndarray) -> np.ndarray:
    """The ascending numbers nearest to `values`: pooling of neighbours that are out of order."""
    means: list[float] = []
    counts: list[int] = []
    for value in values.tolist():
        mean, count = value, 1
        while means and means[-1] > mean:
            mean = (mean * count + means[-1] * counts[-1]) / (count + counts[-1])
            count += counts.pop()
            means.pop()
        means.append(mean)
        counts.append(count)
    return np.repeat(means, counts)


def _centred(places: np.ndarray, radii: np.ndarray) -> tuple[np.ndarray, float]:
    """The places moved so that a small disc around (0, 0) holds all nodes, and its radius.

    Each step goes a shrinking way towards the farthest node (Bădoiu and Clarkson 2003).
    """
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    best, edge = middle, np.inf
    for step in range(1, DISC_STEPS + 1):
        away = places - middle
        reach = np.sqrt((away**2).sum(axis=1)) + radii
        far = int(reach.argmax())
        if reach[far] < edge:
            best, edge = middle, float(reach[far])
        middle = middle + away[far] / (step + 2)
    return places - best, edge
