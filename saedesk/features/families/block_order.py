"""Which features stand in the picture of who fires with whom, and in which order.

One block for a family; inside it the features as in the family's tree, from the top down, so that
branches lie side by side. A feature stands in one place only, in the first family that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.features.families.family_tree import FeatureFamily

WANTED_FEATURES = 90
"""Features around a chosen family: cells of four pixels in a column of the window."""
MOST_FEATURES = 200
"""Beyond, a feature would have less than two pixels."""
ROOM_FOR_OTHERS = 40
"""Features of other families that stand beside a family which is large itself."""
MOST_OF_ANOTHER = 20
"""Of a family beside the chosen one; its densest features stand for it."""
FEWEST_OF_A_BLOCK = 3
"""A family of which fewer features are left for a block has none: the others stand elsewhere."""


@dataclass(frozen=True)
class Block:
    """Part of one family, side by side in the picture."""

    root: int
    """Root of the family; it may stand in the block of a family before."""
    latents: tuple[int, ...]
    size: int
    """Features of the whole family."""


@dataclass(frozen=True)
class BlockOrder:
    """The blocks from the top left to the bottom right."""

    blocks: tuple[Block, ...]

    @property
    def latents(self) -> np.ndarray:
        """(n,) int64: all features in order, each once."""
        return np.array([i for block in self.blocks for i in block.latents], np.int64)

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each block begins, and where the last one ends."""
        ends = np.cumsum([0, *(len(block.latents) for block in self.blocks)])
        return tuple(int(end) for end in ends)


def tree_order(family: FeatureFamily) -> tuple[int, ...]:
    """The members from the top of the tree down, each branch whole before the next."""
    below: dict[int, list[int]] = {}
    for edge in family.edges:
        below.setdefault(edge.parent, []).append(edge.child)
    order: list[int] = []
    left = [family.root]
    while left:
        latent = left.pop()
        order.append(latent)
        left.extend(reversed(below.get(latent, [])))
    # A family that a person made may have members without an edge.
    placed = set(order)
    return (*order, *(member for member in family.members if member not in placed))


def order_around(
    family: FeatureFamily,
    nearest: Sequence[FeatureFamily],
    wanted: int = WANTED_FEATURES,
) -> BlockOrder:
    """The chosen family whole, then the nearest ones until there are about `wanted` features.

    `nearest` are the other families, nearest first.
    """
    own = tree_order(family)[:MOST_FEATURES]
    room = min(MOST_FEATURES, max(wanted, len(own) + ROOM_FOR_OTHERS)) - len(own)
    blocks, placed = [Block(family.root, own, len(family.members))], set(own)
    for other in nearest:
        block = _block(other, placed, min(room, MOST_OF_ANOTHER))
        if block is not None:
            blocks.append(block)
            placed.update(block.latents)
            room -= len(block.latents)
        if room < FEWEST_OF_A_BLOCK:
            break
    return BlockOrder(tuple(blocks))


def order_of_all(families: Sequence[FeatureFamily]) -> BlockOrder | None:
    """All families in their order; None with more than MOST_FEATURES features."""
    if len({latent for one in families for latent in one.members}) > MOST_FEATURES:
        return None
    blocks: list[Block] = []
    placed: set[int] = set()
    for family in families:
        block = _block(family, placed, MOST_FEATURES)
        if block is not None:
            blocks.append(block)
            placed.update(block.latents)
    return BlockOrder(tuple(blocks))


def side_by_side(shares: np.ndarray) -> np.ndarray:
    """(n,) int64: an order in which families that fire together lie side by side.

    `shares` (n, n) float64, NaN for unknown ones: the leaves of a tree by average linkage on the
    logarithm of the mean share of both directions, so that rare families are joined too.
    """
    n = len(shares)
    if n < 3:
        return np.arange(n)
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    known = np.nan_to_num((shares + shares.T) / 2)
    smallest = known[known > 0].min(initial=1.0)
    distances = -np.log(np.clip(known, smallest / 2, 1.0))
    np.fill_diagonal(distances, 0)
    return np.asarray(leaves_list(linkage(squareform(distances), "average")), np.int64)


def _block(family: FeatureFamily, placed: set[int], most: int) -> Block | None:
    """What is left of a family; None where that is too little."""
    # Members are ordered from the densest to the rarest.
    kept = set([member for member in family.members if member not in placed][:most])
    if len(kept) < FEWEST_OF_A_BLOCK:
        return None
    latents = tuple(latent for latent in tree_order(family) if latent in kept)
    return Block(family.root, latents, len(family.members))
