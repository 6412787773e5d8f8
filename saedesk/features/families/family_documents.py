"""Which documents belong to a family; one definition, everywhere the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.features.sparse_activations import SparseActivations

FEWEST_MEMBERS = 2
"""Members below the root that make a document one of the family without the root. One alone would
let in everything that a single special feature catches by mistake; the root alone is enough, as it
is what the family is about."""


def family_documents(
    activations: SparseActivations, root: int, children: Sequence[int]
) -> np.ndarray:
    """(documents,) int64, ascending: rows where the root or at least two other members fire."""
    seen = np.zeros(activations.n_documents, np.int32)
    for child in children:
        seen[activations.latent(int(child))[0]] += 1
    seen[activations.latent(int(root))[0]] = FEWEST_MEMBERS
    return np.flatnonzero(seen >= FEWEST_MEMBERS)
