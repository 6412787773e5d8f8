"""Random activations for tests, written through the real writer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saedesk.features.sparse_activations import ActivationWriter, SparseActivations


def random_dense(n_documents: int, n_latents: int, seed: int = 0) -> np.ndarray:
    """(n_documents, n_latents) float32 with ties, empty documents and empty latents."""
    generator = np.random.default_rng(seed)
    dense = generator.integers(1, 30, (n_documents, n_latents)).astype(np.float32) / 16
    dense *= generator.random((n_documents, n_latents)) < generator.random(n_latents) ** 3
    if n_documents > 3 and n_latents > 3:
        dense[::5] = 0
        dense[:, 1] = 0
        dense[:, 2] = 0.5
    return dense


def write_dense(folder: Path, dense: np.ndarray, rows_at_once: int = 7) -> SparseActivations:
    """Write `dense` in chunks, the latents of a document in shuffled order."""
    writer = ActivationWriter(folder, dense.shape[1])
    generator = np.random.default_rng(1)
    for start in range(0, len(dense), rows_at_once):
        part = dense[start : start + rows_at_once]
        latents = [generator.permutation(np.flatnonzero(row)) for row in part]
        values = [row[chosen] for row, chosen in zip(part, latents, strict=True)]
        writer.append(
            np.array([len(chosen) for chosen in latents]),
            np.concatenate(latents).astype(np.int32),
            np.concatenate(values),
        )
    return writer.finish()
