"""Families and documents as sparse matrices, so that one product says which meet where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from saedesk.features.families.family_documents import FEWEST_MEMBERS
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.features.sparse_activations import SparseActivations

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def membership(families: Sequence[FeatureFamily], n_latents: int) -> csr_matrix:
    """(n_latents, families) int32: 1 where a feature stands in a family."""
    from scipy.sparse import csr_matrix

    latents = np.array([latent for one in families for latent in one.members], np.int64)
    numbers = np.repeat(np.arange(len(families)), [len(one.members) for one in families])
    shape = (n_latents, len(families))
    return csr_matrix((np.ones(len(latents), np.int32), (latents, numbers)), shape)


def document_weights(families: Sequence[FeatureFamily], n_latents: int) -> csr_matrix:
    """(n_latents, families) int32: what each feature counts for, the root as much as is needed.

    A document, as (n_latents,) zeros and ones, times this is FEWEST_MEMBERS or more where it
    belongs to the family (`family_documents`).
    """
    from scipy.sparse import csr_matrix

    members = membership(families, n_latents)
    roots = np.array([one.root for one in families], np.int64)
    more = np.full(len(roots), FEWEST_MEMBERS - 1, np.int32)
    return members + csr_matrix((more, (roots, np.arange(len(roots)))), members.shape)


def firing_in(activations: SparseActivations, rows: np.ndarray) -> csr_matrix:
    """(len(rows), n_latents) int32: 1 where a latent fires in one of these rows."""
    from scipy.sparse import csr_matrix

    offsets = activations.document_offsets
    rows = np.asarray(rows, np.int64)
    starts = np.asarray(offsets[rows])
    lengths = np.asarray(offsets[rows + 1]) - starts
    ends = np.concatenate([[0], np.cumsum(lengths)])
    gather = np.repeat(starts - ends[:-1], lengths) + np.arange(ends[-1])
    latents = np.asarray(activations.document_latents[gather])
    ones = np.ones(len(latents), np.int32)
    return csr_matrix((ones, latents, ends), (len(rows), activations.n_latents))
