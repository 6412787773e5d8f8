"""The search index of a large project; small ones are searched exactly and need none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from saedesk.errors import BadInput
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.atomic_files import require_room
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.search.compact_codes import Storage, head_width
from saedesk.search.hnsw_index import needs_index
from saedesk.search.index_building import IndexSettings, build_search_index
from saedesk.search.index_description import DamagedIndex
from saedesk.search.search_index import SearchIndex
from saedesk.task_control import TaskControl

ALGORITHM_VERSION = 2


@dataclass(frozen=True)
class IndexRequest:
    """Whether to build an index even where exact search is fast enough."""

    always: bool = False
    storage: Storage = "int8"
    """Number format of the compact codes; float16 is a little closer and twice as large."""
    graph: bool | None = None
    """Whether hnswlib's graph is built too; None leaves it to a measurement."""


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
    require_room(project.folder, 4 * rows * head_width(rows, width, request.storage))
    before = _index_to_add_to(project, record, vectors)
    with project.new_artifact("indexes", index_inputs(record)) as draft:
        about = build_search_index(
            vectors.values,
            draft.folder,
            control,
            vectors_hash=record.hash,
            excluded_rows=vectors.bad_rows,
            settings=IndexSettings(
                request.storage, request.graph, max(1, (os.cpu_count() or 2) - 1)
            ),
            before=None if before is None else project.path_of(before),
        )
        draft.summary |= {
            "documents": about.rows - len(vectors.bad_rows),
            "recall": round(min(about.recall_plain, about.recall_steered), 4),
            "milliseconds": round(about.milliseconds, 2),
            "graph_for": about.graph_for,
        }
    return find_index(project, record)


def _index_to_add_to(
    project: Project, record: ArtifactRecord, vectors: Vectors
) -> ArtifactRecord | None:
    """The index over the most rows of earlier vectors, when documents were added since."""
    earlier = [
        index
        for index in project.artifacts("indexes")
        if index.inputs.get("algorithm") == ALGORITHM_VERSION
        and index.inputs["vectors"] != record.hash
        and int(index.summary.get("documents", 0)) <= len(vectors.values)
    ]
    return max(earlier, key=lambda index: int(index.summary["documents"]), default=None)


def index_inputs(vectors: ArtifactRecord) -> dict[str, Any]:
    """Everything that determines the index."""
    return {"vectors": vectors.hash, "algorithm": ALGORITHM_VERSION}


def find_index(project: Project, vectors: ArtifactRecord) -> ArtifactRecord | None:
    """The finished index of these vectors, or None."""
    return project.find("indexes", index_inputs(vectors))


def open_index(project: Project, vectors: Vectors) -> SearchIndex | None:
    """The index of the vectors, checked before it is loaded; None when there is none.

    Raises DamagedIndex when its files are not what was written; remove it with `drop_index`.
    """
    record = find_index(project, vectors.record)
    if record is None:
        return None
    rows, width = vectors.values.shape
    folder = project.folder / record.kind / record.hash
    return SearchIndex.open(folder, dim=width, rows=rows, vectors_hash=vectors.record.hash)


def drop_index(project: Project, vectors: Vectors) -> None:
    """Take a damaged index away, so that it is built again."""
    record = find_index(project, vectors.record)
    if record is not None and not project.read_only:
        project.remove(record)


__all__ = ["DamagedIndex", "IndexRequest", "drop_index", "find_index", "open_index", "run"]
