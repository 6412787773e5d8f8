"""Where the features of one family stand: general at the left, special at the right.

Pure arithmetic on arrays; lengths in device-independent pixels at scale 1.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from saedesk.features.families.family_tree import FeatureFamily


@dataclass(frozen=True, eq=False)
class FamilyTree:
    """The nodes of a family, level by level, siblings beside one another."""

    latents: np.ndarray
    """(n,) int64; the root first."""
    parents: np.ndarray
    """(n,) int64: place of the parent in these arrays; −1 for the root."""
    depths: np.ndarray
    """(n,) int64: edges from the root."""
    weights: np.ndarray
    """(n,) float64: weight of the edge to the parent; NaN for the root."""
    densities: np.ndarray
    """(n,) float64: share of all documents."""

    def __len__(self) -> int:
        return len(self.latents)

    def place_of(self, latent: int) -> int | None:
        """Where a feature stands in the arrays, None for a feature of another family."""
        found = np.flatnonzero(self.latents == latent)
        return int(found[0]) if len(found) else None

    def children_of(self, place: int) -> np.ndarray:
        """Places of the nodes right below one."""
        return np.flatnonzero(self.parents == place)

    def part(self, kept: np.ndarray) -> FamilyTree:
        """Only the nodes of a mask (n,) that holds with each node its parent."""
        number = np.cumsum(kept) - 1
        parents = self.parents[kept]
        return FamilyTree(
            self.latents[kept],
            np.where(parents >= 0, number[parents], -1),
            self.depths[kept],
            self.weights[kept],
            self.densities[kept],
        )

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(n,): of each node, the sum of `values` over it and all that lies below it."""
        total = np.array(values)
        for place in range(len(self) - 1, 0, -1):
            total[self.parents[place]] += total[place]
        return total

    def leaves(self) -> np.ndarray:
        """(n,) bool: nodes with nothing below them."""
        is_leaf = np.ones(len(self), bool)
        is_leaf[self.parents[1:]] = False
        return is_leaf


def tree_of(
    family: FeatureFamily, densities: np.ndarray, smallest_density: float = 0.0
) -> FamilyTree:
    """The tree of a family without features rarer than `smallest_density` and what is below them.

    densities: (n_latents,) share of all documents. Siblings keep the order of the edges.
    """
    below: dict[int, list[tuple[int, float]]] = {}
    for edge in family.edges:
        below.setdefault(edge.parent, []).append((edge.child, edge.weight))
    latents, parents, depths, weights = [family.root], [-1], [0], [np.nan]
    seen = {family.root}
    for place, latent in enumerate(latents):
        for child, weight in below.get(latent, ()):
            if child in seen or densities[child] < smallest_density:
                continue
            seen.add(child)
            latents.append(child)
            parents.append(place)
            depths.append(depths[place] + 1)
            weights.append(weight)
    order = np.array(latents, np.int64)
    return FamilyTree(
        order,
        np.array(parents, np.int64),
        np.array(depths, np.int64),
        np.array(weights, np.float64),
        np.asarray(densities, np.float64)[order],
    )


def visible_nodes(
    tree: FamilyTree,
    rows: int,
    opened: Collection[int] = (),
    closed: Collection[int] = (),
    levels: int | None = None,
) -> np.ndarray:
    """(n,) bool: the densest features that together need at most `rows` rows, none of them
    deeper than `levels`.

    A child is never denser than its parent in a family that was found; where a person made it
    otherwise, the parent still comes first. opened, closed: features whose children a person
    asked to see, and those whose descendants a person folded away.
    """
    rank = _importance(tree)
    shown = np.zeros(len(tree), bool)
    has_child = np.zeros(len(tree), bool)
    used = 0
    order = np.argsort(rank, kind="stable")
    if levels is not None:
        order = order[tree.depths[order] < levels]
    for place in order:
        parent = tree.parents[place]
        more = 0 if parent >= 0 and not has_child[parent] else 1
        if used + more > max(1, rows):
            break
        used += more
        shown[place] = True
        if parent >= 0:
            has_child[parent] = True
    opened_places = np.isin(tree.latents, list(opened))
    closed_places = np.isin(tree.latents, list(closed))
    shown[0] = True
    for place in range(1, len(tree)):
        parent = tree.parents[place]
        asked = shown[place] or opened_places[parent]
        shown[place] = asked and shown[parent] and not closed_places[parent]
    return shown


def _importance(tree: FamilyTree) -> np.ndarray:
    """(n,) int64: 0 for the densest; a parent always comes before its children."""
    density = tree.densities.copy()
    for place in range(1, len(tree)):
        density[place] = min(density[place], density[tree.parents[place]])
    rank = np.empty(len(tree), np.int64)
    rank[np.lexsort((np.arange(len(tree)), -density))] = np.arange(len(tree))
    return rank


def column_starts(
    needed: np.ndarray, around: np.ndarray, room: float, least: float | np.ndarray, most: float
) -> np.ndarray:
    """(n_levels,) float64: x of each level, the first at 0.

    needed: (n_levels − 1,) widths that the labels of all levels but the last ask for; around:
    (n_levels − 1,) what is before and after them; room: where the last level is to stand at most.
    Where there is less room than needed labels get less, down to `least`, one number or one of
    each level; where there is more, levels are set apart evenly, up to `most` from one to the next.
    """
    short = needed.sum() + around.sum() - room
    if short > 0:
        spare = np.maximum(needed - least, 0)
        share = min(1.0, short / spare.sum()) if spare.sum() > 0 else 0.0
        pitches = needed - share * spare + around
    else:
        pitches = needed + around
        widest = np.maximum(most, pitches)
        for _ in range(len(pitches)):
            growing = pitches < widest - 1e-9
            if not growing.any():
                break
            more = (room - pitches.sum()) / growing.sum()
            pitches = np.where(growing, np.minimum(pitches + more, widest), pitches)
    return np.concatenate([[0.0], np.cumsum(pitches)])


def row_centres(
    tree: FamilyTree, heights: np.ndarray, room: float, most_stretch: float
) -> tuple[np.ndarray, float]:
    """(n,) float64: the y of every node, and the height of all rows together.

    heights: (n,) of each node's label with the gap around it. Leaves stand under one another in
    the order of the tree, every other node in the middle between its first and last child. Rows
    are stretched to fill `room`, up to `most_stretch` times.
    """
    order = reading_order(tree)
    is_leaf = tree.leaves()
    needed = _row_heights(tree, heights, is_leaf)
    leaves = order[is_leaf[order]]
    rows = needed[leaves]
    rows = rows * float(np.clip(room / rows.sum(), 1.0, most_stretch))
    centres = np.zeros(len(tree))
    centres[leaves] = np.cumsum(rows) - rows / 2
    low, high = np.full(len(tree), np.inf), np.full(len(tree), -np.inf)
    for place in range(len(tree) - 1, -1, -1):
        if not is_leaf[place]:
            centres[place] = (low[place] + high[place]) / 2
        parent = tree.parents[place]
        if parent >= 0:
            low[parent] = min(low[parent], centres[place])
            high[parent] = max(high[parent], centres[place])
    return centres, float(rows.sum())


def reading_order(tree: FamilyTree) -> np.ndarray:
    """(n,) int64: places from top to bottom, each node before what is below it."""
    children: list[list[int]] = [[] for _ in range(len(tree))]
    for place in range(1, len(tree)):
        children[tree.parents[place]].append(place)
    order, stack = [], [0]
    while stack:
        place = stack.pop()
        order.append(place)
        stack.extend(reversed(children[place]))
    return np.array(order, np.int64)


def _row_heights(tree: FamilyTree, heights: np.ndarray, is_leaf: np.ndarray) -> np.ndarray:
    """What the row of each leaf needs: where a line of single children ends in it, as much as
    the tallest label of the line."""
    needed = np.array(heights, np.float64)
    only = tree.sums(is_leaf.astype(np.int64)) == 1
    for place in range(1, len(tree)):
        if only[tree.parents[place]]:
            needed[place] = max(needed[place], needed[tree.parents[place]])
    return needed


def next_node(tree: FamilyTree, centres: np.ndarray, place: int, way: str) -> int:
    """The node to which an arrow key leads; the same one where there is none.

    way: "left" to the parent, "right" to the first child, "up" and "down" to the neighbour on the
    same level, a sibling where there is one.
    """
    if way == "left":
        return int(max(tree.parents[place], 0))
    if way == "right":
        children = tree.children_of(place)
        return int(children[0]) if len(children) else place
    level = np.flatnonzero(tree.depths == tree.depths[place])
    level = level[np.argsort(centres[level], kind="stable")]
    at = int(np.flatnonzero(level == place)[0]) + (1 if way == "down" else -1)
    return int(level[at]) if 0 <= at < len(level) else place
