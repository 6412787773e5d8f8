"""The HNSW index of a large project; small ones are searched exactly and need none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from saedesk.errors import BadInput
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.atomic_files import require_room
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.search.hnsw_index import GuardedHnswIndex, build_index, needs_index
from saedesk.search.index_description import INDEX_FILE, DamagedIndex
from saedesk.task_control import TaskControl

ALGORITHM_VERSION = 1
NEIGHBOURS = 16
"""M of hnswlib."""
_BYTES_PER_LINK = 4


@dataclass(frozen=True)
class IndexRequest:
    """Whether to build an index even where exact search is fast enough."""

    always: bool = False


def run(project: Project, request: IndexRequest, control: TaskControl) -> ArtifactRecord | None:
    """Build the index of the current vectors; None where exact search is fast enough."""
    project.check_writable()
    record = project.current("vectors")
    if record is None:
        raise BadInput(f"{project.name} has no vectors yet. Embed its documents first.")
    vectors = open_vectors(project, record)
    if not needs_index(*vectors.values.shape) and not request.always:
        return None
    found = find_index(project, record)
    if found is not None and project.is_intact(found):
        return found
    rows, width = vectors.values.shape
    require_room(project.folder, rows * (4 * width + 3 * NEIGHBOURS * _BYTES_PER_LINK + 16))
    with project.new_artifact("indexes", index_inputs(record)) as draft:
        about = build_index(
            vectors.values,
            draft.folder / INDEX_FILE,
            control,
            M=NEIGHBOURS,
            excluded_rows=vectors.bad_rows,
            threads=max(1, (os.cpu_count() or 2) - 1),
            vectors_hash=record.hash,
        )
        draft.summary |= {"documents": about.count}
    return find_index(project, record)


def index_inputs(vectors: ArtifactRecord) -> dict[str, Any]:
    """Everything that determines the index."""
    return {"vectors": vectors.hash, "neighbours": NEIGHBOURS, "algorithm": ALGORITHM_VERSION}


def find_index(project: Project, vectors: ArtifactRecord) -> ArtifactRecord | None:
    """The finished index of these vectors, or None."""
    return project.find("indexes", index_inputs(vectors))


def open_index(project: Project, vectors: Vectors) -> GuardedHnswIndex | None:
    """The index of the vectors, checked before it is loaded; None when there is none.

    Raises DamagedIndex when its files are not what was written; remove it with `drop_index`.
    """
    record = find_index(project, vectors.record)
    if record is None:
        return None
    rows, width = vectors.values.shape
    folder = project.folder / record.kind / record.hash
    return GuardedHnswIndex.open(folder, dim=width, rows=rows, vectors_hash=vectors.record.hash)


def drop_index(project: Project, vectors: Vectors) -> None:
    """Take a damaged index away, so that it is built again."""
    record = find_index(project, vectors.record)
    if record is not None and not project.read_only:
        project.remove(record)


__all__ = ["DamagedIndex", "IndexRequest", "drop_index", "find_index", "open_index", "run"]
