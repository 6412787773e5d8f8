"""The activations of chosen documents, some at a time, as arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from saedesk.features.sparse_activations import SparseActivations, group_boundaries
from saedesk.task_control import Progress, TaskControl


@dataclass(frozen=True)
class ActivationBatch:
    """The activations of consecutive ones of the chosen documents."""

    rows: np.ndarray
    """(b,) int64: rows of the vectors."""
    counts: np.ndarray
    """(b,) int64: active features of each."""
    latents: np.ndarray
    """(counts.sum(),) int32, document by document, strongest first."""
    values: np.ndarray
    """(counts.sum(),) float32 > 0."""


def activation_counts(activations: SparseActivations, rows: np.ndarray) -> np.ndarray:
    """(n,) int64: how many features are active in each of the documents."""
    counts: np.ndarray = activations.document_offsets[rows + 1] - activations.document_offsets[rows]
    return counts


def activation_batches(
    activations: SparseActivations, rows: np.ndarray, at_once: int, control: TaskControl
) -> Iterator[ActivationBatch]:
    """All activations of the documents in `rows` (n,), about `at_once` in each batch."""
    counts = activation_counts(activations, rows)
    # A document without any counts too, so that no batch has very many of them.
    weights = np.concatenate([[0], np.cumsum(counts + 1)])
    for start, stop in group_boundaries(weights, at_once):
        control.checkpoint()
        control.report(Progress(start, len(rows), "documents"))
        part, many = rows[start:stop], counts[start:stop]
        ends = np.cumsum(many)
        firsts = activations.document_offsets[part]
        gather = np.repeat(firsts - ends + many, many) + np.arange(ends[-1])
        yield ActivationBatch(
            part, many, activations.document_latents[gather], activations.document_values[gather]
        )
