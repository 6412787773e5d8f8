"""On which side of a node or a disc its name stands, so that few other nodes lie under it."""

from __future__ import annotations

import numpy as np

from saedesk.ui.family_panels.label_places import ranges
from saedesk.ui.family_panels.overview_layout import OverviewLayout

GAP = 1.0
"""Pixels between a node and its name."""
FIRST_NAMES = 32
"""Names of the largest families, which are shown wherever there is room for them."""
APART = 10.0, 5.0
"""Pixels that two names keep between them; less reads as one long name."""
OTHERS_COUNT = 10
"""Nodes of its own family under a name, for which one of another family counts."""


def disc_sides(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(4,) in disc radii down from the middle, and (4, n, 2) from there to the left top corner:
    below the disc, above it, inside it at its lower and at its upper edge."""
    half, height = -sizes[:, 0] / 2, sizes[:, 1]
    nothing = np.zeros(len(sizes))
    tops = (nothing, -height, -height, nothing)
    return np.array([1.0, -1.0, 1.0, -1.0]), np.stack([np.column_stack([half, y]) for y in tops])


def node_sides(sizes: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """(4, n, 2): pixels from a node to the left top corner of its name below it, right of it,
    left of it, above it."""
    (width, height), away = sizes.T, radii + GAP
    return np.stack(
        [
            np.column_stack([-width / 2, away]),
            np.column_stack([away, -height / 2]),
            np.column_stack([-away - width, -height / 2]),
            np.column_stack([-width / 2, -away - height]),
        ]
    )


def disc_names(
    layout: OverviewLayout,
    families: np.ndarray,
    sizes: np.ndarray,
    scales: tuple[float, float],
    radii: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) places in the picture and (n, 2) pixels from them to names of families.

    The first names each take a side where they lie on none before, as the largest families lie
    side by side in the middle. families: (n,) numbers; sizes: (n, 2) pixels; radii: of all nodes
    in pixels between the scales.
    """
    downs, offsets = disc_sides(sizes)
    steps = downs[:, None] * layout.disc_radii[families]
    anchors = layout.centres[families] + np.stack([np.zeros_like(steps), steps], axis=2)
    scale = float(np.sqrt(np.prod(scales)))
    costs = [
        _covered(layout, families, anchor * scale + offset, sizes, scale, radii)
        for anchor, offset in zip(anchors, offsets, strict=True)
    ]
    best, every = np.argmin(costs, axis=0), np.arange(len(families))
    first = min(FIRST_NAMES, len(families))
    sides = np.argsort(costs, axis=0, kind="stable")
    ends = np.stack([anchors * one + offsets for one in scales], axis=2)
    best[:first] = _apart(sides[:, :first], ends[:, :first], sizes[:first] + APART)
    return anchors[best, every], offsets[best, every]


def _apart(sides: np.ndarray, ends: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(n,): of each name the first side at which it lies on no name before; the first without one.

    sides: (4, n) in the order of liking; ends: (4, n, 2, 2) corners of each side at two scales;
    sizes: (n, 2) with what names keep between them.
    """
    best, taken = sides[0].copy(), np.zeros(len(sizes), bool)
    for name in range(len(sizes)):
        before = np.flatnonzero(taken[:name])
        there = ends[best[before], before]
        for side in sides[:, name]:
            here = ends[side, name]
            after = (there >= here + sizes[name]).all(axis=1)
            # Apart along one axis at both scales is apart along it at all between.
            apart = after | (here >= there + sizes[before, None]).all(axis=1)
            if apart.any(axis=1).all():
                best[name], taken[name] = side, True
                break
    return best


def _covered(
    layout: OverviewLayout,
    families: np.ndarray,
    corners: np.ndarray,
    sizes: np.ndarray,
    scale: float,
    radii: np.ndarray,
) -> np.ndarray:
    """(n,): how many nodes lie under each name."""
    widest = float(radii.max(initial=0.0))
    places = layout.places * scale
    which, at = _in_rows(places, corners - widest, corners + sizes + widest)
    x, y = places[at].T
    reach, low, high = radii[at], corners[which], (corners + sizes)[which]
    under = (x > low[:, 0] - reach) & (x < high[:, 0] + reach)
    under &= (y > low[:, 1] - reach) & (y < high[:, 1] + reach)
    is_own = layout.families[at] == families[which]
    weights = np.where(is_own, 1, OTHERS_COUNT)[under]
    return np.bincount(which[under], weights, minlength=len(families))


def _in_rows(
    places: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n_pairs,) twice: numbers of rectangles from `low` to `high`, both (n, 2), and the (m, 2)
    places that may lie in them: all that do, and few others."""
    if not len(places) or not len(low):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    row = max(1.0, float((high - low)[:, 1].max()))
    start = np.minimum(places.min(axis=0), low.min(axis=0))
    span = float(max(places[:, 0].max(), high[:, 0].max()) - start[0]) + 1.0
    rows = np.floor((places[:, 1] - start[1]) / row)
    # All rows one behind the other: what is in a row between two x is a range.
    keys = rows * span + places[:, 0] - start[0]
    order = np.argsort(keys)
    first_row = np.floor((low[:, 1] - start[1]) / row)
    found = []
    for further in range(2):
        behind = (first_row + further) * span - start[0]
        ends = (np.searchsorted(keys[order], behind + x[:, 0]) for x in (low, high))
        found.append(ranges(*ends))
    which, at = (np.concatenate(part) for part in zip(*found, strict=True))
    return which, order[at]


def node_names(
    layout: OverviewLayout, nodes: np.ndarray, sizes: np.ndarray, scales: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) pixels from nodes to their names, and (n,) the scale from which no node lies there.

    Names stand on one side at all scales between the two, at which nodes have one size.
    nodes: (n,) places in the layout; sizes: (n, 2) pixels.
    """
    offsets = node_sides(sizes, layout.radii[nodes])
    which, others = _near(layout, nodes, sizes, scales[0])
    way = layout.places[others] - layout.places[nodes[which]]
    free_from = np.zeros((len(offsets), len(nodes)))
    for side, offset in enumerate(offsets):
        reach = layout.radii[others, None]
        low, high = offset[which] - reach, (offset + sizes)[which] + reach
        into, out = _scales_inside(way, low, high)
        hit = (into < out) & (out > scales[0]) & (into < scales[1])
        np.maximum.at(free_from[side], which[hit], out[hit])
    free_from = np.maximum(free_from, scales[0])
    best, every = np.argmin(free_from, axis=0), np.arange(len(nodes))
    return offsets[best, every], free_from[best, every]


def _near(
    layout: OverviewLayout, nodes: np.ndarray, sizes: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """(n_pairs,) twice: numbers of names, and the nodes that could lie under them."""
    widest = float(layout.radii.max(initial=0.0))
    reach = (sizes.max(axis=0, initial=0.0) + 2 * widest + GAP) / scale
    order = np.argsort(layout.places[:, 1], kind="stable")
    x, y = layout.places[order].T
    x0, y0 = layout.places[nodes].T
    which, at = ranges(np.searchsorted(y, y0 - reach[1]), np.searchsorted(y, y0 + reach[1]))
    near = (np.abs(x[at] - x0[which]) < reach[0]) & (order[at] != nodes[which])
    return which[near], order[at[near]]


def _scales_inside(
    way: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) twice: between which scales what lies `way` off is in a rectangle of pixels."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.stack([low / way, high / way]), axis=0)
    still, inside = way == 0, (low < 0) & (high > 0)
    into = np.where(still, np.where(inside, -np.inf, np.inf), ends[0])
    out = np.where(still, np.where(inside, np.inf, -np.inf), ends[1])
    return into.max(axis=1), out.min(axis=1)
