"""All families in the plane: each a disc, packed so that related ones lie near one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.features.families.family_tree import FeatureFamily
from saedesk.task_control import TaskControl
from saedesk.ui.family_panels.disc_packing import packed
from saedesk.ui.family_panels.family_layout import FamilyTree, tree_of
from saedesk.ui.family_panels.family_rings import ring_places
from saedesk.ui.family_panels.kept_places import kept_places
from saedesk.ui.family_panels.node_sizes import node_radii

DISC_MARGIN = 5.0
"""Between the outermost nodes of a family and the edge of its disc."""
MOST_DISCS = 5000
"""Discs of families that are kept, some 3 kB each."""
DISC_GAP = 2.5
"""Half the distance of two discs."""
MOST_NEW = 0.5
"""Of the families; where more are new, all are packed anew."""

Links = Sequence[tuple[int, int, float]]
"""Pairs of roots with how strongly their families belong together."""
Disc = tuple[FamilyTree, np.ndarray, np.ndarray, float]
"""A tree, the radii (n,) and places (n, 2) of its nodes, and how far it reaches from its middle."""


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

    def place_of(self, latent: int) -> np.ndarray:
        """(2,) float64: where a feature stands last, NaN where it stands nowhere."""
        found = np.flatnonzero(self.latents == latent)
        return self.places[found[-1]] if len(found) else np.full(2, np.nan)


class FamilyDiscs:
    """The discs of single families; those that come again, as thresholds move, are kept."""

    def __init__(self) -> None:
        self._densities, self._smallest = np.zeros(0), 0.0
        self._made: dict[FeatureFamily, Disc] = {}

    def of(
        self, families: Sequence[FeatureFamily], densities: np.ndarray, smallest: float
    ) -> list[Disc]:
        """The disc of each family; densities, smallest: as for `overview_layout`."""
        known = self._made
        if densities is not self._densities or smallest != self._smallest:
            known, self._densities, self._smallest = {}, densities, smallest
        if len(known) > MOST_DISCS:
            known = {}
        made = []
        for one in families:
            disc = known.get(one)
            if disc is None:
                disc = known[one] = self._disc(one)
            made.append(disc)
        self._made = known
        return made

    def _disc(self, family: FeatureFamily) -> Disc:
        tree = tree_of(family, self._densities, self._smallest)
        radii = node_radii(tree.densities)
        return tree, radii, *ring_places(tree, radii)


@dataclass(frozen=True, eq=False)
class Packing:
    """Discs of families that are to be packed, in whatever thread."""

    roots: np.ndarray
    """(n_families,) int64."""
    radii: np.ndarray
    """(n_families,) float64, with half of the distance to the next disc."""
    aspect: float
    """Width of the room over its height."""

    def centres(self, links: Links = (), control: TaskControl | None = None) -> np.ndarray:
        """(n_families, 2) float64, the same for the same discs and links. Raises Cancelled."""
        number = {root: at for at, root in enumerate(self.roots.tolist())}
        pairs = [(number[a], number[b], w) for a, b, w in links if a in number and b in number]
        if not len(self.roots):
            return np.zeros((0, 2))
        return packed(self.radii, pairs, self.aspect, control)

    def is_same(self, other: Packing) -> bool:
        """Whether the same discs are packed into the same room."""
        return (
            self.aspect == other.aspect
            and np.array_equal(self.roots, other.roots)
            and np.array_equal(self.radii, other.radii)
        )

    def after(self, layout: OverviewLayout) -> np.ndarray | None:
        """(n_families, 2) float64: families that were there stay where they are, new ones lie near
        where their root was. None where few were there: then nothing holds the eye."""
        known = {root: at for at, root in enumerate(layout.roots.tolist())}
        at = np.array([known.get(root, -1) for root in self.roots.tolist()], np.int64)
        if np.count_nonzero(at >= 0) < MOST_NEW * len(at):
            return None
        is_new = at < 0
        wanted = np.full((len(at), 2), np.nan)
        for new in np.flatnonzero(is_new).tolist():
            wanted[new] = layout.place_of(int(self.roots[new]))
        before = np.where(is_new[:, None], np.nan, layout.centres[at])
        had = np.where(is_new, np.nan, layout.disc_radii[at] + DISC_GAP)
        return kept_places(self.radii, before, had, np.where(is_new[:, None], wanted, before))


@dataclass(frozen=True, eq=False)
class PackedFamilies:
    """Where families lie by what they have in common."""

    packing: Packing
    links: Links
    """Pairs of roots with the share of documents in common."""
    centres: np.ndarray
    """(n_families, 2) float64."""

    def is_of(self, packing: Packing, links: Links) -> bool:
        """Whether these discs were packed with these links."""
        return self.packing.is_same(packing) and list(self.links) == list(links)


def packing_of(families: Sequence[FeatureFamily], discs: Sequence[Disc], aspect: float) -> Packing:
    """What is to be packed of families whose discs are laid out."""
    reach = np.array([edge for *_, edge in discs], np.float64) + DISC_MARGIN + DISC_GAP
    return Packing(np.array([one.root for one in families], np.int64), reach, aspect)


def overview_layout(
    families: Sequence[FeatureFamily],
    densities: np.ndarray,
    links: Links = (),
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
    packing = packing_of(families, made, aspect)
    return layout_at(packing, made, packing.centres(links))


def layout_at(packing: Packing, discs: Sequence[Disc], centres: np.ndarray) -> OverviewLayout:
    """The layout of families whose discs lie at `centres` (n_families, 2)."""
    trees, radii = [one[0] for one in discs], [one[1] for one in discs]
    sizes = np.array([len(tree) for tree in trees], np.int64)
    firsts = np.cumsum(sizes) - sizes
    which = np.repeat(np.arange(len(trees)), sizes)
    parents = _joined([tree.parents for tree in trees], np.int64)
    places = np.concatenate([one[2] for one in discs]) if discs else np.zeros((0, 2))
    return OverviewLayout(
        packing.roots,
        centres,
        packing.radii - DISC_GAP,
        _joined([tree.latents for tree in trees], np.int64),
        which,
        np.where(parents >= 0, parents + firsts[which], -1),
        _joined([tree.depths for tree in trees], np.int64),
        _joined([tree.weights for tree in trees], np.float64),
        places + centres[which],
        _joined(radii, np.float64),
    )


def _joined(parts: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)
