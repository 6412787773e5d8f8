"""Opening what lies in a project's artifact folders, mapped and read-only; no torch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from saedesk.features.latent_statistics import LatentStatistics
from saedesk.features.sparse_activations import SparseActivations
from saedesk.project.atomic_files import open_array
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project

VECTORS_NAME = "vectors.npy"
DOCUMENT_IDS_NAME = "document_ids.npy"
TEXT_HASHES_NAME = "text_hashes.npy"
BAD_ROWS_NAME = "bad_rows.npy"
PRECISIONS_NAME = "precisions.npy"
KEPT_OUT_NAME = "kept_out.npy"


@dataclass(frozen=True)
class Vectors:
    """The vectors of a project's documents and what made them."""

    values: np.ndarray
    """(n, d) float32, memory-mapped; row i belongs to document `document_ids[i]`."""
    document_ids: np.ndarray
    """(n,) int64, ascending."""
    bad_rows: np.ndarray
    """Rows that are zero or not finite; never trained on, never found."""
    record: ArtifactRecord
    kept_out: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    """Rows that training leaves aside, such as repeated vectors; search finds them."""

    @property
    def model_name(self) -> str:
        """The embedding model; "" where imported vectors do not say."""
        return str(self.record.inputs.get("model", ""))

    @property
    def not_trained_on(self) -> np.ndarray:
        """Rows that no training may see, ascending int64: the bad and the kept-out ones."""
        return np.union1d(self.bad_rows, self.kept_out).astype(np.int64)

    def row_of(self, document_id: int) -> int | None:
        """The row of a document, or None when it has no vector."""
        row = int(np.searchsorted(self.document_ids, document_id))
        if row < len(self.document_ids) and self.document_ids[row] == document_id:
            return row
        return None


def open_vectors(project: Project, record: ArtifactRecord) -> Vectors:
    """Map a vectors artifact; raises DamagedArtifact when a file is missing or cut."""
    vectors = Vectors(
        open_array(project.path_of(record, VECTORS_NAME)),
        open_array(project.path_of(record, DOCUMENT_IDS_NAME)),
        open_array(project.path_of(record, BAD_ROWS_NAME)),
        record,
    )
    if KEPT_OUT_NAME not in record.files:
        return vectors
    return replace(vectors, kept_out=open_array(project.path_of(record, KEPT_OUT_NAME)))


def open_activations(project: Project, record: ArtifactRecord) -> SparseActivations:
    """Map an activations artifact."""
    for name in record.files:
        project.path_of(record, name)
    return SparseActivations.open(project.path_of(record))


def open_statistics(project: Project, record: ArtifactRecord) -> LatentStatistics:
    """Read a statistics artifact."""
    for name in record.files:
        project.path_of(record, name)
    return LatentStatistics.open(project.path_of(record))
