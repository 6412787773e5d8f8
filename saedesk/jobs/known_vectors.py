"""Vectors that exist already, by the hash of their text, so that no text is embedded twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.embedding.model_catalogue import ModelFiles
from saedesk.embedding.shipped_vectors import ShippedVectors
from saedesk.embedding.text_hashes import find_rows, from_bytes, sorting_order
from saedesk.embedding.text_model import PRECISIONS
from saedesk.jobs.embedded_chunks import EmbeddedChunks
from saedesk.jobs.vectors_precision import precision_codes
from saedesk.project.artifact_readers import TEXT_HASHES_NAME, VECTORS_NAME
from saedesk.project.atomic_files import open_array
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project


@dataclass(frozen=True)
class _Source:
    """Vectors that can be looked up by the hash of their text."""

    hashes: np.ndarray
    """(n,) HASH_DTYPE, sorted."""
    order: np.ndarray
    """(n,) row of each sorted hash."""
    take: Callable[[np.ndarray], np.ndarray]
    """Rows to vectors."""
    precision_codes: Callable[[np.ndarray], np.ndarray]
    """Rows to places in PRECISIONS."""
    dimensions: int


SURE_FROM = 0.98
"""Cosine of imported vectors to what the model makes; lower is another preparation of the texts."""


def _made_by(record: ArtifactRecord, model: ModelFiles) -> bool:
    """Whether vectors are what a model makes; of imported ones that has to have been compared."""
    if record.inputs.get("model_fingerprint") != model.fingerprint:
        return False
    imported = record.summary.get("imported")
    return imported is None or (imported["cosine"] or 0.0) >= SURE_FROM


class KnownVectors:
    """Vectors that exist already, by the hash of their text."""

    def __init__(self) -> None:
        self._sources: list[_Source] = []
        self._shipped: ShippedVectors | None = None

    @classmethod
    def collect(cls, project: Project, model: ModelFiles, ready: Path | None) -> KnownVectors:
        """What earlier vectors artifacts of the same model, and a ready folder, offer."""
        known = cls()
        for record in project.artifacts("vectors"):
            if _made_by(record, model) and project.is_intact(record):
                vectors = open_array(project.path_of(record, VECTORS_NAME))
                hashes = open_array(project.path_of(record, TEXT_HASHES_NAME))
                known._add(
                    from_bytes(np.asarray(hashes)),
                    vectors.__getitem__,
                    precision_codes(project, record, len(vectors)).__getitem__,
                    vectors.shape[1],
                )
        if ready is not None:
            shipped = ShippedVectors.open(ready)
            if shipped.about.model_fingerprint == model.fingerprint:
                known._shipped = shipped
        return known

    def _add(
        self,
        hashes: np.ndarray,
        take: Callable[[np.ndarray], np.ndarray],
        codes: Callable[[np.ndarray], np.ndarray],
        dimensions: int,
    ) -> None:
        order = sorting_order(hashes)
        self._sources.append(_Source(hashes[order], order, take, codes, dimensions))

    def add(self, embedded: EmbeddedChunks) -> None:
        """Count finished chunks among the known vectors."""
        if len(embedded):
            hashes = np.concatenate(embedded.hashes)
            self._add(hashes, embedded.take, embedded.precision_codes, embedded.dimensions)

    def missing(self, hashes: np.ndarray) -> np.ndarray:
        """Rows of `hashes` that nobody has, each text once, in order."""
        unknown = np.ones(len(hashes), bool)
        for source in self._sources:
            unknown &= find_rows(source.hashes, hashes) < 0
        if self._shipped is not None:
            unknown &= ~self._shipped.lookup(hashes)[0]
        rows = np.flatnonzero(unknown)
        _, first = np.unique(hashes[rows], return_index=True)
        return rows[np.sort(first)]

    def dimensions(self) -> int:
        """Length of a vector."""
        if self._sources:
            return self._sources[0].dimensions
        assert self._shipped is not None
        return self._shipped.about.dimensions

    def precision_codes(self, hashes: np.ndarray) -> np.ndarray:
        """(n,) uint8: place in PRECISIONS for the vector that `fill` takes for each hash.

        Ready vectors that come with the program were made in float32.
        """
        codes = np.full(len(hashes), PRECISIONS.index("float32"), np.uint8)
        left = np.arange(len(hashes))
        for source in self._sources:
            found = find_rows(source.hashes, hashes[left])
            hit = found >= 0
            codes[left[hit]] = source.precision_codes(source.order[found[hit]])
            left = left[~hit]
        return codes

    def fill(self, hashes: np.ndarray, into: np.ndarray) -> None:
        """Write the vector of each hash into the same row of `into`."""
        left = np.arange(len(hashes))
        for source in self._sources:
            found = find_rows(source.hashes, hashes[left])
            hit = found >= 0
            into[left[hit]] = source.take(source.order[found[hit]])
            left = left[~hit]
        if self._shipped is not None and len(left):
            there, vectors = self._shipped.lookup(hashes[left])
            into[left[there]] = vectors[there]
            left = left[~there]
        assert not len(left)
