"""All families in the plane: each a disc, packed so that related ones lie near one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.features.families.family_tree import FeatureFamily
from saedesk.ui.family_panels.disc_packing import packed
from saedesk.ui.family_panels.family_layout import FamilyTree, tree_of
from saedesk.ui.family_panels.family_rings import ring_places
from saedesk.ui.family_panels.node_sizes import node_radii

DISC_MARGIN = 5.0
"""Between the outermost nodes of a family and the edge of its disc."""
MOST_DISCS = 5000
"""Discs of families that are kept, some 3 kB each."""
DISC_GAP = 2.5
"""Half the distance of two discs."""


@dataclass(frozen=True, eq=False)
class OverviewLayout:
    """Nodes of all families, family by family; a feature of two families stands there twice."""

    roots: np.ndarray
    """(n_families,) int64: the latent of each root."""
    centres: np.ndarray
    """(n_families, 2) float64: middles of the discs."""
    disc_radii: np.ndarray
    """(n_families,) float64."""
    latents: np.ndarray
    """(n,) int64."""
    families: np.ndarray
    """(n,) int64: number of the family of each node."""
    parents: np.ndarray
    """(n,) int64: place of the parent; −1 for roots."""
    depths: np.ndarray
    """(n,) int64."""
    weights: np.ndarray
    """(n,) float64: of the edge to the parent; NaN for roots."""
    places: np.ndarray
    """(n, 2) float64."""
    radii: np.ndarray
    """(n,) float64: of the nodes."""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all discs."""
        if not len(self.roots):
            return 0.0, 0.0, 1.0, 1.0
        reach = self.disc_radii[:, None]
        low, high = (self.centres - reach).min(axis=0), (self.centres + reach).max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


class FamilyDiscs:
    """The discs of single families; those that come again, as thresholds move, are kept."""

    def __init__(self) -> None:
        self._densities, self._smallest = np.zeros(0), 0.0
        self._made: dict[FeatureFamily, tuple[FamilyTree, np.ndarray, np.ndarray, float]] = {}

    def of(
        self, families: Sequence[FeatureFamily], densities: np.ndarray, smallest: float
    ) -> list[tuple[FamilyTree, np.ndarray, np.ndarray, float]]:
        """Of each family its tree, the radii (n,) and places (n, 2) of its nodes, and how far it
        reaches from its middle. densities, smallest: as for `overview_layout`."""
        known = self._made
        if densities is not self._densities or smallest != self._smallest:
            known, self._densities, self._smallest = {}, densities, smallest
        made = [known.get(one) or self._disc(one) for one in families]
        if len(known) > MOST_DISCS:
            known = {}
        known.update(zip(families, made, strict=True))
        self._made = known
        return made

    def _disc(self, family: FeatureFamily) -> tuple[FamilyTree, np.ndarray, np.ndarray, float]:
        tree = tree_of(family, self._densities, self._smallest)
        radii = node_radii(tree.densities)
        return tree, radii, *ring_places(tree, radii)


def overview_layout(
    families: Sequence[FeatureFamily],
    densities: np.ndarray,
    links: Sequence[tuple[int, int, float]] = (),
    smallest_density: float = 0.0,
    aspect: float = 1.0,
    known: FamilyDiscs | None = None,
) -> OverviewLayout:
    """Lay out families; the same ones always give the same picture.

    densities: (n_latents,) share of all documents; features below `smallest_density` are left
    out. links: pairs of roots with how strongly their families belong together, e.g. documents
    in common. aspect: width of the room over its height. known: discs laid out before.
    """
    made = (known or FamilyDiscs()).of(families, densities, smallest_density)
    trees, radii = [one[0] for one in made], [one[1] for one in made]
    discs = np.array([edge + DISC_MARGIN for *_, edge in made])
    number = {one.root: at for at, one in enumerate(families)}
    pairs = [(number[a], number[b], w) for a, b, w in links if a in number and b in number]
    centres = packed(discs + DISC_GAP, pairs, aspect) if len(discs) else np.zeros((0, 2))
    sizes = np.array([len(tree) for tree in trees], np.int64)
    firsts = np.cumsum(sizes) - sizes
    which = np.repeat(np.arange(len(trees)), sizes)
    parents = [
        np.where(t.parents >= 0, t.parents + f, -1) for t, f in zip(trees, firsts, strict=True)
    ]
    return OverviewLayout(
        np.array([one.root for one in families], np.int64),
        centres,
        discs,
        _joined([tree.latents for tree in trees], np.int64),
        which,
        _joined(parents, np.int64),
        _joined([tree.depths for tree in trees], np.int64),
        _joined([tree.weights for tree in trees], np.float64),
        (np.concatenate([places for _, _, places, _ in made]) if made else np.zeros((0, 2)))
        + centres[which],
        _joined(radii, np.float64),
    )


def _joined(parts: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)
