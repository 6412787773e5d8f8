"""What merging, splitting, pinning and so on mean: which edits they change, and to what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.families.edited_families import FamilyEdit, ShownFamily, merged, split

Edits = dict[int, FamilyEdit | None]
"""By root, None for a family as it was found."""

_NO_EDIT = FamilyEdit()


def renaming(edits: Mapping[int, FamilyEdit], root: int, text: str) -> Edits:
    """A name of a person's; "" takes it away."""
    return _changes(edits, {root: replace(edits.get(root, _NO_EDIT), name=text)})


def merging(
    edits: Mapping[int, FamilyEdit],
    families: Sequence[ShownFamily],
    counts: np.ndarray,
    weight: Callable[[int, int], float],
) -> Edits:
    """All of `families` as one, below the root with most documents, which is the most general.

    counts: (n_latents,) documents of each feature. weight: of an edge between two features.
    Raises BadInput for fewer than two.
    """
    if len(families) < 2:
        raise BadInput("Choose at least two families to merge.")
    first, *others = sorted(families, key=lambda one: (-int(counts[one.root]), one.root))
    family = first.family
    changed: dict[int, FamilyEdit] = {}
    for other in others:
        share = weight(first.root, other.root)
        family = merged(family, other.family, weight=share, counts=counts)
        for root in (other.root, *other.merged_from):
            changed[root] = replace(edits.get(root, _NO_EDIT), merged_into=first.root)
    before = edits.get(first.root, _NO_EDIT)
    changed[first.root] = replace(before, family=family, reshaped=True, merged_into=None)
    return _changes(edits, changed)


def splitting(edits: Mapping[int, FamilyEdit], family: ShownFamily, child: int) -> Edits:
    """What is below `child`, with it, as a family of its own; raises BadInput as `split` does."""
    rest, apart = split(family.family, child)
    own = replace(edits.get(child, _NO_EDIT), family=apart, reshaped=True, merged_into=None)
    left = replace(edits.get(family.root, _NO_EDIT), family=rest, reshaped=True)
    return _changes(edits, {family.root: left, child: own})


def pinning(
    edits: Mapping[int, FamilyEdit], families: Sequence[ShownFamily], pinned: bool
) -> Edits:
    """Families that stay as they are now, or that go with the thresholds again."""
    changed = {}
    for one in families:
        edit = replace(edits.get(one.root, _NO_EDIT), pinned=pinned)
        if not edit.reshaped:
            edit = replace(edit, family=one.family if pinned else None)
        changed[one.root] = edit
    return _changes(edits, changed)


def hiding(edits: Mapping[int, FamilyEdit], families: Sequence[ShownFamily], hidden: bool) -> Edits:
    """Families left out of lists, or shown again."""
    return _changes(
        edits,
        {one.root: replace(edits.get(one.root, _NO_EDIT), hidden=hidden) for one in families},
    )


def restoring(edits: Mapping[int, FamilyEdit], families: Sequence[ShownFamily]) -> Edits:
    """Families as they are found, those that were merged into them apart again; names stay."""
    changed = {}
    for one in families:
        for root in (one.root, *one.merged_from):
            edit = replace(edits.get(root, _NO_EDIT), merged_into=None)
            if edit.reshaped:
                edit = replace(edit, family=None, reshaped=False, pinned=False)
            changed[root] = edit
    return _changes(edits, changed)


def _changes(edits: Mapping[int, FamilyEdit], wanted: Mapping[int, FamilyEdit]) -> Edits:
    """Those of the edits that are other ones now."""
    return {
        root: None if edit == _NO_EDIT else edit
        for root, edit in wanted.items()
        if edit != edits.get(root, _NO_EDIT)
    }
