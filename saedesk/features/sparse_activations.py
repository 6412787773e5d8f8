"""The activations of a whole corpus on disk, by document and by latent.

Only values > 0 are stored. Rows are positions in the vectors the SAE has read (from 0), not
document numbers. A folder holds plain .npy files:

    document_offsets  (n_documents + 1,) int64     latent_offsets  (n_latents + 1,) int64
    document_latents  (n_active,) int32            latent_rows     (n_active,) int32
    document_values   (n_active,) float32          latent_values   (n_active,) float32
    strongest_latents (n_documents,) int32         strongest_values (n_documents,) float32
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from saedesk.errors import DamagedArtifact
from saedesk.features.mapped_arrays import GrowingArray, create_mapped, open_mapped
from saedesk.task_control import Progress, TaskControl, Unattended

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

ENTRIES_AT_ONCE = 1 << 20
"""Activations handled between two checkpoints: 8 MB, about 20 ms."""

FILES = (
    "document_offsets",
    "document_latents",
    "document_values",
    "latent_offsets",
    "latent_rows",
    "latent_values",
    "strongest_latents",
    "strongest_values",
)


class SparseActivations:
    """Which latents fire in which documents and how strongly; read-only, memory-mapped."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        """`arrays` are those of `FILES`; see `SparseActivations.open`."""
        self.document_offsets = arrays["document_offsets"]
        self.document_latents = arrays["document_latents"]
        self.document_values = arrays["document_values"]
        self.latent_offsets = arrays["latent_offsets"]
        self.latent_rows = arrays["latent_rows"]
        self.latent_values = arrays["latent_values"]
        self._strongest = (arrays["strongest_latents"], arrays["strongest_values"])
        self.n_documents = len(self.document_offsets) - 1
        self.n_latents = len(self.latent_offsets) - 1
        self.n_active = int(self.document_offsets[-1])

    @classmethod
    def open(cls, folder: Path) -> SparseActivations:
        """Map the files of `folder`; raises DamagedArtifact when they do not fit together."""
        arrays = {}
        for name in FILES:
            try:
                arrays[name] = open_mapped(folder / f"{name}.npy")
            except (OSError, ValueError, EOFError) as error:
                raise DamagedArtifact(
                    f"The activations in {folder} cannot be read ({name}.npy: {error}). "
                    "Analyse the corpus again."
                ) from error
        if not _fit_together(arrays):
            raise DamagedArtifact(
                f"The activations in {folder} are incomplete. Analyse the corpus again."
            )
        return cls(arrays)

    def document(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Latents (int32) and values (float32) of one document, strongest first."""
        start, stop = _bounds(self.document_offsets, row, "document")
        return self.document_latents[start:stop], self.document_values[start:stop]

    def latent(self, latent: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows (int32) and values (float32) of one latent, strongest first, ties by row."""
        start, stop = _bounds(self.latent_offsets, latent, "latent")
        return self.latent_rows[start:stop], self.latent_values[start:stop]

    def strongest(self) -> tuple[np.ndarray, np.ndarray]:
        """The strongest latent of each document (n_documents,), −1 where none fires, its value."""
        return self._strongest

    def to_csr(self) -> csr_matrix:
        """A copy in memory, (n_documents, n_latents) float32, columns ascending in each row."""
        from scipy.sparse import csr_matrix

        parts = (
            np.array(self.document_values),
            np.array(self.document_latents),
            np.array(self.document_offsets),
        )
        matrix = csr_matrix(parts, shape=(self.n_documents, self.n_latents))
        matrix.sort_indices()
        return matrix


class ActivationWriter:
    """Streams the activations of a corpus into a folder, chunk by chunk in document order."""

    def __init__(self, folder: Path, n_latents: int) -> None:
        """Start in `folder`, which is made when it is absent."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.n_latents = n_latents
        self._counts: list[np.ndarray] = []
        self._per_latent = np.zeros(n_latents, np.int64)
        self._latents = GrowingArray(folder / "document_latents.npy", np.int32)
        self._values = GrowingArray(folder / "document_values.npy", np.float32)

    def append(self, counts: np.ndarray, latents: np.ndarray, values: np.ndarray) -> None:
        """Add the next documents.

        counts: (rows,) how many latents fire in each; latents: (counts.sum(),) their numbers,
        each at most once in a document; values: (counts.sum(),) > 0.
        Raises ValueError when the three do not describe activations.
        """
        counts = np.asarray(counts, np.int64)
        latents = np.asarray(latents)
        values = np.asarray(values, np.float32)
        self._check(counts, latents, values)
        rows = np.repeat(np.arange(len(counts)), counts)
        order = np.lexsort((latents, -values, rows))
        self._latents.append(latents[order])
        self._values.append(values[order])
        self._counts.append(counts)
        self._per_latent += np.bincount(latents, minlength=self.n_latents)

    def _check(self, counts: np.ndarray, latents: np.ndarray, values: np.ndarray) -> None:
        if len(counts) and counts.min() < 0:
            raise ValueError("a count of activations is negative")
        if not len(latents) == len(values) == counts.sum():
            raise ValueError(
                f"{counts.sum()} activations announced, {len(latents)} latents and "
                f"{len(values)} values given"
            )
        if len(latents) == 0:
            return
        if not np.issubdtype(latents.dtype, np.integer):
            raise ValueError("latents must be whole numbers")
        if latents.min() < 0 or latents.max() >= self.n_latents:
            raise ValueError(f"a latent lies outside 0 … {self.n_latents - 1}")
        if not (np.isfinite(values).all() and values.min() > 0):
            raise ValueError("an activation is not a finite number above 0")

    def finish(self, control: TaskControl | None = None) -> SparseActivations:
        """Write the rest, among it the order by latent, and open what has been written.

        The order by latent is a counting sort in chunks: memory stays bounded by a few chunks
        and the documents of the densest latent.
        """
        control = control or Unattended()
        counts = np.concatenate([np.empty(0, np.int64), *self._counts])
        offsets = _offsets(counts)
        latent_offsets = _offsets(self._per_latent)
        latents, values = self._latents.finish(), self._values.finish()
        self._save("document_offsets", offsets)
        self._save("latent_offsets", latent_offsets)
        self._save_strongest(offsets, latents, values)
        n_active = len(latents)
        by_latent = (
            create_mapped(self.folder / "latent_rows.npy", (n_active,), np.int32),
            create_mapped(self.folder / "latent_values.npy", (n_active,), np.float32),
        )
        _scatter_by_latent((offsets, latents, values), latent_offsets, by_latent, control)
        _sort_within_latents(latent_offsets, by_latent, control)
        for array in by_latent:
            if isinstance(array, np.memmap):
                array.flush()
        return SparseActivations.open(self.folder)

    def _save_strongest(self, offsets: np.ndarray, latents: np.ndarray, values: np.ndarray) -> None:
        some = np.diff(offsets) > 0
        strongest = np.full(len(some), -1, np.int32)
        value = np.zeros(len(some), np.float32)
        first = offsets[:-1][some]
        strongest[some] = latents[first]
        value[some] = values[first]
        self._save("strongest_latents", strongest)
        self._save("strongest_values", value)

    def _save(self, name: str, array: np.ndarray) -> None:
        created = create_mapped(self.folder / f"{name}.npy", array.shape, array.dtype)
        created[...] = array
        if isinstance(created, np.memmap):
            created.flush()


def group_boundaries(offsets: np.ndarray, at_most: int) -> list[tuple[int, int]]:
    """Cut consecutive groups into runs of about `at_most` entries, at least one group each."""
    runs: list[tuple[int, int]] = []
    start, n_groups = 0, len(offsets) - 1
    while start < n_groups:
        stop = int(np.searchsorted(offsets, offsets[start] + at_most, side="right")) - 1
        stop = min(max(stop, start + 1), n_groups)
        runs.append((start, stop))
        start = stop
    return runs


def _scatter_by_latent(
    by_document: tuple[np.ndarray, np.ndarray, np.ndarray],
    latent_offsets: np.ndarray,
    by_latent: tuple[np.ndarray, np.ndarray],
    control: TaskControl,
) -> None:
    """Put every activation among those of its latent, rows ascending."""
    from scipy.sparse import csr_matrix

    offsets, latents, values = by_document
    rows_out, values_out = by_latent
    cursor = latent_offsets[:-1].copy()
    n_latents = len(cursor)
    for start, stop in group_boundaries(offsets, ENTRIES_AT_ONCE):
        control.checkpoint()
        first, last = offsets[start], offsets[stop]
        block = csr_matrix(
            (values[first:last], latents[first:last], offsets[start : stop + 1] - first),
            shape=(stop - start, n_latents),
        ).tocsc()
        counts = np.diff(block.indptr).astype(np.int64)
        target = np.repeat(cursor - block.indptr[:-1], counts) + np.arange(block.nnz)
        rows_out[target] = block.indices + start
        values_out[target] = block.data
        cursor += counts
        control.report(Progress(stop, len(offsets) - 1, "documents", "ordering by feature"))


def _sort_within_latents(
    latent_offsets: np.ndarray, by_latent: tuple[np.ndarray, np.ndarray], control: TaskControl
) -> None:
    """Strongest first within every latent; the stable sort keeps equal values by row."""
    rows, values = by_latent
    for start, stop in group_boundaries(latent_offsets, ENTRIES_AT_ONCE // 4):
        control.checkpoint()
        for latent in range(start, stop):
            part = slice(latent_offsets[latent], latent_offsets[latent + 1])
            order = np.argsort(-values[part], kind="stable")
            values[part] = values[part][order]
            rows[part] = rows[part][order]


def _offsets(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _bounds(offsets: np.ndarray, position: int, what: str) -> tuple[int, int]:
    if not 0 <= position < len(offsets) - 1:
        raise IndexError(f"there is no {what} {position} among {len(offsets) - 1}")
    return int(offsets[position]), int(offsets[position + 1])


def _fit_together(arrays: dict[str, np.ndarray]) -> bool:
    by_document, by_latent = arrays["document_offsets"], arrays["latent_offsets"]
    if by_document.ndim != 1 or by_latent.ndim != 1 or not len(by_document) or not len(by_latent):
        return False
    n_documents = len(by_document) - 1
    lengths = {len(arrays[name]) for name in FILES[1:3] + FILES[4:6]}
    return lengths == {int(by_document[-1])} == {int(by_latent[-1])} and all(
        len(arrays[name]) == n_documents for name in FILES[6:]
    )
