"""How strongly each document shows each family: families read as if they were features.

A document belongs to a family as `family_documents` says. How strongly is the sum over the
members that fire in it, each in units of its own mean activation: documents come first that show
many members, not those in which one loud member fires.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import Progress, TaskControl, Unattended


def family_activations(
    activations: SparseActivations,
    families: Sequence[FeatureFamily | ShownFamily],
    control: TaskControl | None = None,
) -> SparseActivations:
    """In memory, with the number of a family in `families` in the place of a latent's."""
    control = control or Unattended()
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for number, family in enumerate(families):
        control.checkpoint()
        control.report(Progress(number, len(families), "families", "Reading their documents"))
        found.append(_strengths(activations, family))
    return _in_memory(found, activations.n_documents)


def family_directions(
    directions: np.ndarray, families: Sequence[FeatureFamily | ShownFamily]
) -> np.ndarray:
    """(n_families, d) float32: the mean of the members' directions, at length 1."""
    means = np.array([directions[list(one.members)].mean(axis=0) for one in families], np.float32)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    found: np.ndarray = means / np.maximum(lengths, 1e-30)
    return found


def _strengths(
    activations: SparseActivations, family: FeatureFamily | ShownFamily
) -> tuple[np.ndarray, np.ndarray]:
    """Rows (int64, ascending) and strengths (float32) of the family's documents."""
    strengths = np.zeros(activations.n_documents, np.float32)
    for latent in family.members:
        rows, values = activations.latent(latent)
        if len(rows):
            strengths[rows] += values / values.mean()
    rows = family_documents(activations, family.root, family.children)
    return rows, strengths[rows]


def _in_memory(
    found: Sequence[tuple[np.ndarray, np.ndarray]], n_documents: int
) -> SparseActivations:
    """From the rows and values of each latent."""
    counts = np.array([len(rows) for rows, _ in found], np.int64)
    rows = np.concatenate([np.zeros(0, np.int64), *(rows for rows, _ in found)])
    values = np.concatenate([np.zeros(0, np.float32), *(values for _, values in found)])
    latents = np.repeat(np.arange(len(found)), counts)
    by_latent = np.lexsort((rows, -values, latents))
    by_document = np.lexsort((latents, -values, rows))
    per_document = np.bincount(rows, minlength=n_documents)
    document_offsets = np.concatenate([[0], np.cumsum(per_document)])
    strongest = np.full(n_documents, -1, np.int32)
    strongest_value = np.zeros(n_documents, np.float32)
    first = by_document[document_offsets[:-1][per_document > 0]]
    strongest[per_document > 0] = latents[first]
    strongest_value[per_document > 0] = values[first]
    arrays: dict[str, np.ndarray] = {
        "document_offsets": document_offsets.astype(np.int64),
        "document_latents": latents[by_document].astype(np.int32),
        "document_values": values[by_document],
        "latent_offsets": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        "latent_rows": rows[by_latent].astype(np.int32),
        "latent_values": values[by_latent],
        "strongest_latents": strongest,
        "strongest_values": strongest_value,
    }
    return SparseActivations(arrays)
