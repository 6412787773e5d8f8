"""Families as people want them: what was found, with names, pins, merges and splits on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily


@dataclass(frozen=True)
class FamilyEdit:
    """What a person did to the family of one root."""

    name: str = ""
    """"" where it has none of a person's."""
    pinned: bool = False
    """It stays as it is whatever the thresholds."""
    hidden: bool = False
    """Left out of lists unless they are asked to show hidden families."""
    family: FeatureFamily | None = None
    """Members and edges as a person made or pinned them; None: as found."""
    reshaped: bool = False
    """Whether a person made `family` by merging or splitting; a pin alone keeps what was found."""
    merged_into: int | None = None
    """Root of the family that took this one in; it is no family of its own then."""


@dataclass(frozen=True)
class ShownFamily:
    """A family with what a person did to it."""

    family: FeatureFamily
    name: str = ""
    """"" unless a person gave one, or whoever read the family has put its label here."""
    pinned: bool = False
    hidden: bool = False
    edited: bool = False
    """Whether a person changed its members, by merging or splitting."""
    merged_from: tuple[int, ...] = ()
    """Roots of the families that were merged into it, ascending."""

    @property
    def root(self) -> int:
        """The most general feature."""
        return self.family.root

    @property
    def children(self) -> tuple[int, ...]:
        """All features below the root, from the densest to the rarest."""
        return self.family.children

    @property
    def members(self) -> tuple[int, ...]:
        """The root and its children."""
        return self.family.members

    @property
    def edges(self) -> tuple[FamilyEdge, ...]:
        """Of the tree below the root; parents before their children."""
        return self.family.edges

    @property
    def found_in_pass(self) -> int:
        """From 1."""
        return self.family.found_in_pass

    @property
    def strength(self) -> float:
        """Mean weight of the edges."""
        return self.family.strength

    @property
    def size(self) -> int:
        """Number of features, the root among them."""
        return len(self.family.children) + 1


def with_edits(
    found: Sequence[FeatureFamily], edits: Mapping[int, FamilyEdit]
) -> tuple[ShownFamily, ...]:
    """One family for each root, largest first; equal ones as they were found, then by root.

    Pinned, merged and split families stay as they are, whether they were found again or not.
    Those that were merged into another one are left out, hidden ones are not.
    """
    families = {one.root: one for one in found}
    place = {root: number for number, root in enumerate(families)}
    taken_in: dict[int, list[int]] = {}
    for root, edit in edits.items():
        if edit.family is not None:
            families[root] = edit.family
        if edit.merged_into is not None:
            families.pop(root, None)
            taken_in.setdefault(edit.merged_into, []).append(root)
    last = len(place)
    order = sorted(
        families, key=lambda root: (-len(families[root].children), place.get(root, last), root)
    )
    # Most have no edit, and this follows every move of a threshold.
    return tuple(
        _shown(families[root], edits.get(root, FamilyEdit()), sorted(taken_in.get(root, ())))
        if root in edits or root in taken_in
        else ShownFamily(families[root])
        for root in order
    )


def _shown(family: FeatureFamily, edit: FamilyEdit, taken_in: Sequence[int]) -> ShownFamily:
    return ShownFamily(family, edit.name, edit.pinned, edit.hidden, edit.reshaped, tuple(taken_in))


def merged(
    a: FeatureFamily,
    b: FeatureFamily,
    *,
    weight: float = 0.0,
    counts: np.ndarray | None = None,
) -> FeatureFamily:
    """Both families as one: the root of `a` stays, that of `b` comes right below it.

    weight: of the edge between the two roots, 0 to 1. counts: (n_latents,) documents of each
    feature, by which the children are ordered; without it those of `a` come first. Features of
    both stay where they are in `a`. Raises BadInput where the two have one root.
    """
    if a.root == b.root:
        raise BadInput("A family cannot be merged with itself.")
    above = {edge.child: edge for edge in b.edges if edge.child != a.root}
    above |= {edge.child: edge for edge in a.edges}
    if b.root not in above:
        above[b.root] = FamilyEdge(a.root, b.root, weight)
    children = list(dict.fromkeys(i for i in (*a.children, *b.members) if i != a.root))
    if counts is not None:
        children.sort(key=lambda latent: -int(counts[latent]))
    return replace(a, children=tuple(children), edges=_ordered(a.root, children, above))


def split(family: FeatureFamily, child: int) -> tuple[FeatureFamily, FeatureFamily]:
    """The family without `child` and what is below it, and these as a family of their own.

    Raises BadInput where one of the two would be a single feature.
    """
    if child not in family.children:
        raise BadInput("A family can only be split at one of the features below its root.")
    below = {child}
    for edge in family.edges:
        if edge.parent in below:
            below.add(edge.child)
    if len(below) == 1:
        raise BadInput("There is nothing below this feature, so it cannot be a family of its own.")
    if len(below) == len(family.children):
        raise BadInput("This feature holds the whole family, so nothing would be left above it.")
    apart = replace(
        family,
        root=child,
        children=tuple(i for i in family.children if i in below and i != child),
        edges=tuple(edge for edge in family.edges if edge.parent in below),
    )
    rest = replace(
        family,
        children=tuple(i for i in family.children if i not in below),
        edges=tuple(edge for edge in family.edges if edge.child not in below),
    )
    return rest, apart


def _ordered(
    root: int, children: Sequence[int], above: Mapping[int, FamilyEdge]
) -> tuple[FamilyEdge, ...]:
    """The edges with parents before their children, siblings in the order of `children`."""
    below: dict[int, list[FamilyEdge]] = {}
    for child in children:
        below.setdefault(above[child].parent, []).append(above[child])
    edges: list[FamilyEdge] = []
    reached = [root]
    for latent in reached:
        edges += below.get(latent, ())
        reached += [edge.child for edge in below.get(latent, ())]
    return tuple(edges)
