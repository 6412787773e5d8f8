"""Which families meet in the same documents: the bridges from one family, or between all.

Documents of a family: see `family_documents`. Features that stand in two families would put
every document into both. From one family, they do not count for the other side; between all,
pairs of families with a feature in common are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.features.families.block_counts import DOCUMENTS_AT_ONCE, sampled_rows
from saedesk.features.families.family_documents import FEWEST_MEMBERS, family_documents
from saedesk.features.families.family_matrices import document_weights, firing_in
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import TaskControl, Unattended

FEWEST_DOCUMENTS = 5
"""Documents in common below which two families meet by chance."""


@dataclass(frozen=True)
class Bridge:
    """Two families that have documents in common."""

    root: int
    """Of the family one comes from."""
    other: int
    """Root of the other family."""
    together: int
    """Documents that belong to both, among those that were read."""
    documents: int
    """Documents read of the family one comes from."""

    @property
    def share(self) -> float:
        """Of the documents of the family one comes from, those that belong to the other too."""
        return self.together / max(1, self.documents)


@dataclass(frozen=True)
class Bridges:
    """The bridges from one family, or between all; the broadest first."""

    found: tuple[Bridge, ...]
    documents_read: int
    documents: int
    """All that were asked about; more than `documents_read` where a sample was read."""


def bridges_from(
    activations: SparseActivations,
    families: Sequence[FeatureFamily],
    root: int,
    control: TaskControl | None = None,
    seed: int = 0,
) -> Bridges:
    """From the family with this root to every other one that has documents in common with it.

    Exact up to MOST_ACTIVATIONS activations in its documents, beyond that from a sample drawn by
    `seed`. Raises ValueError where no family has this root.
    """
    control = control or Unattended()
    own = next((one for one in families if one.root == root), None)
    if own is None:
        raise ValueError(f"no family has the root {root}")
    every = family_documents(activations, root, own.children)
    rows = sampled_rows(activations, every, seed)
    weights = document_weights(families, activations.n_latents).tolil()
    weights[list(own.members)] = 0
    weights = weights.tocsr()
    together = np.zeros(len(families), np.int64)
    for first in range(0, len(rows), DOCUMENTS_AT_ONCE):
        control.checkpoint()
        part = firing_in(activations, rows[first : first + DOCUMENTS_AT_ONCE])
        met = part @ weights
        together += np.bincount(met.indices[met.data >= FEWEST_MEMBERS], minlength=len(families))
    ranked = np.argsort(-together, kind="stable")
    found = tuple(
        Bridge(root, families[at].root, int(together[at]), len(rows))
        for at in ranked.tolist()
        if together[at] >= FEWEST_DOCUMENTS
    )
    return Bridges(found, len(rows), len(every))


def bridges_among(
    activations: SparseActivations,
    families: Sequence[FeatureFamily],
    control: TaskControl | None = None,
    *,
    count: int = 20,
    seed: int = 0,
) -> Bridges:
    """The `count` broadest bridges between families without a feature in common.

    Each from the family with fewer documents, so that its share is the larger one. From a sample
    of documents drawn by `seed` where they have more than MOST_ACTIVATIONS activations.
    """
    control = control or Unattended()
    n = len(families)
    weights = document_weights(families, activations.n_latents)
    rows = sampled_rows(activations, np.arange(activations.n_documents), seed)
    together = np.zeros((n, n), np.int64)
    for first in range(0, len(rows), DOCUMENTS_AT_ONCE):
        control.checkpoint()
        met = firing_in(activations, rows[first : first + DOCUMENTS_AT_ONCE]) @ weights
        met.data = (met.data >= FEWEST_MEMBERS).astype(np.int32)
        met.eliminate_zeros()
        together += (met.T @ met).toarray()
    documents = np.diag(together).copy()
    has_common = (weights.T @ weights).toarray() > 0
    small_first = (documents[:, None] < documents) | (
        (documents[:, None] == documents) & (np.arange(n)[:, None] < np.arange(n))
    )
    usable = small_first & ~has_common & (together >= FEWEST_DOCUMENTS)
    small, large = np.nonzero(usable)
    shares = together[small, large] / np.maximum(1, documents[small])
    ranked = np.lexsort((large, small, -shares))[:count]
    found = tuple(
        Bridge(
            families[small[at]].root,
            families[large[at]].root,
            int(together[small[at], large[at]]),
            int(documents[small[at]]),
        )
        for at in ranked.tolist()
    )
    return Bridges(found, len(rows), activations.n_documents)
