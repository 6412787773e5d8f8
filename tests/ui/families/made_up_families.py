"""Families of any shape, with densities that fall from parent to child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily


def family(below: Mapping[int, Sequence[int]], root: int = 0, weight: float = 0.3) -> ShownFamily:
    """A family from the children of each feature."""
    edges = [FamilyEdge(a, b, weight) for a, children in below.items() for b in children]
    children = tuple(edge.child for edge in edges)
    return ShownFamily(FeatureFamily(root, children, tuple(edges), 1))


def random_family(size: int, first: int = 0, seed: int = 0, to_root: float = 0.5) -> ShownFamily:
    """`size` features, each below the root with a chance of `to_root`, else below any other."""
    rng = np.random.default_rng(seed)
    below: dict[int, list[int]] = {first: []}
    for child in range(1, size):
        parent = 0 if rng.random() < to_root else int(rng.integers(0, child))
        below.setdefault(first + parent, []).append(first + child)
    return family(dict(sorted(below.items())), first)


def densities(count: int, most: float = 0.04) -> np.ndarray:
    """Falling shares of documents."""
    return most / (1 + np.arange(count)) ** 0.6
