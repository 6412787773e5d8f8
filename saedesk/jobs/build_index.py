"""The search index of a large project; small ones are searched exactly and need none."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

from saedesk.errors import BadInput, BadSetting
from saedesk.jobs.job_phases import Phase, PhasesControl
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.atomic_files import require_room
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.search.compact_codes import STORAGES, Storage, head_width
from saedesk.search.hnsw_index import needs_index
from saedesk.search.index_building import IndexSettings, build_search_index
from saedesk.search.index_description import DamagedIndex
from saedesk.search.search_index import SearchIndex
from saedesk.task_control import TaskControl

ALGORITHM_VERSION = 2

_WRITING, _MEASURING = "writing compact codes", "measuring the search index"
_CHECKING = "checking the vectors"


def _codes(title: str, writing: float, measuring: float, *, wider: bool) -> tuple[Phase, Phase]:
    """Writing codes and finding out whether they are good enough."""
    return (
        Phase("documents", _WRITING, title, writing, wider),
        Phase("queries", _MEASURING, "Measuring what they find", measuring, wider),
    )


# The shares of a bar that goes on evenly until the first codes are measured (1.2, 0.8 and 1.8 s
# for 250,000 documents) and leaves room for what takes most where it is needed at all.
PHASES = (
    Phase("documents", _CHECKING, "Comparing with the index before", 0.02, True),
    Phase("documents", _MEASURING, "Finding what an exact search finds", 0.16),
    *_codes("Writing compact codes", 0.1, 0.2, wider=False),
    *3 * _codes("Writing wider codes", 0.04, 0.05, wider=True),
    Phase("documents", "building the search index", "Building a graph", 0.24, True),
    Phase("documents", _CHECKING, "Noting which vectors these are", 0.01),
)
"""Of building an index; codes are written again where they find too little."""


@dataclass(frozen=True)
class IndexRequest:
    """How the index is built, and whether one is built that nobody needs."""

    always: bool = False
    """Build one even where exact search is fast enough."""
    storage: Storage | None = None
    """Number format of the compact codes; float16 is a little closer and twice as large. None
    stays with that of the index before; the first one has int8."""
    graph: bool | None = None
    """Whether hnswlib's graph is built too; None leaves it to a measurement."""
    anew: bool = False
    """Build it again even where it is there and whole."""


def run(project: Project, request: IndexRequest, control: TaskControl) -> ArtifactRecord | None:
    """Build the index of the current vectors; None where exact search is fast enough.

    One of another storage stays in use until the new one is finished. Raises BadInput where there
    are no vectors, BadSetting for a storage that there is not.
    """
    project.check_writable()
    if request.storage is not None and request.storage not in STORAGES:
        raise BadSetting(f"There is no storage “{request.storage}”: {' or '.join(STORAGES)}.")
    record = project.current("vectors")
    if record is None:
        raise BadInput(f"{project.name} has no vectors yet. Embed its documents first.")
    vectors = open_vectors(project, record)
    found, before = find_index(project, record), _index_to_add_to(project, record, vectors)
    if found is None and not (request.always or needs_index(*vectors.values.shape)):
        return None
    storage = request.storage or storage_of(found or before)
    is_there = found is not None and storage_of(found) == storage
    if found is not None and is_there and not request.anew and project.is_intact(found):
        return found
    return _build(project, vectors, replace(request, storage=storage), before, control)


def _build(
    project: Project,
    vectors: Vectors,
    request: IndexRequest,
    before: ArtifactRecord | None,
    control: TaskControl,
) -> ArtifactRecord | None:
    """Build it, adding to the one `before` where that is possible, and put it in use."""
    record, storage = vectors.record, request.storage or "int8"
    rows, width = vectors.values.shape
    require_room(project.folder, 4 * rows * head_width(rows, width, storage))
    with project.new_artifact("indexes", index_inputs(record, storage)) as draft:
        about = build_search_index(
            vectors.values,
            draft.folder,
            PhasesControl(control, PHASES),
            vectors_hash=record.hash,
            excluded_rows=vectors.bad_rows,
            settings=IndexSettings(storage, request.graph, max(1, (os.cpu_count() or 2) - 1)),
            before=None if before is None or request.anew else project.path_of(before),
        )
        draft.summary |= {
            "documents": about.rows - len(vectors.bad_rows),
            "recall": round(min(about.recall_plain, about.recall_steered), 4),
            "milliseconds": round(about.milliseconds, 2),
            "graph_for": about.graph_for,
            "storage": about.storage,
        }
        # Only now that the new one is finished.
        for index in _indexes_of(project, record):
            project.remove(index)
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


def index_inputs(vectors: ArtifactRecord, storage: Storage = "int8") -> dict[str, Any]:
    """Everything that determines the index."""
    inputs = {"vectors": vectors.hash, "algorithm": ALGORITHM_VERSION}
    return inputs if storage == "int8" else {**inputs, "storage": storage}


def find_index(project: Project, vectors: ArtifactRecord) -> ArtifactRecord | None:
    """The finished index of these vectors, or None; the newest where a kill left two."""
    return next(reversed(_indexes_of(project, vectors)), None)


def _indexes_of(project: Project, vectors: ArtifactRecord) -> list[ArtifactRecord]:
    """The indexes of these vectors, of any storage, oldest first."""
    wanted = index_inputs(vectors).items()
    return [one for one in project.artifacts("indexes") if wanted <= one.inputs.items()]


def storage_of(index: ArtifactRecord | None) -> Storage:
    """The number format of its codes; int8 where there is none yet."""
    storage: Storage = "int8" if index is None else index.inputs.get("storage", "int8")
    return storage


def size_of(index: ArtifactRecord) -> int:
    """Bytes of all its files."""
    return sum(int(file["bytes"]) for file in index.files.values())


def index_in_words(index: ArtifactRecord) -> str:
    """“11,904 documents in int8, 5.1 MB. Recall 0.998 of an exact search, 1.3 ms a query.”"""
    summary = index.summary
    graph = "" if summary.get("graph_for", "nothing") == "nothing" else " with a graph"
    size = f"{size_of(index) / 1e6:,.1f} MB"
    return (
        f"{summary['documents']:,} documents in {storage_of(index)}{graph}, {size}. "
        f"Recall {summary['recall']:.3f} of an exact search, {summary['milliseconds']:.1f} ms a "
        "query."
    )


def open_index(project: Project, vectors: Vectors) -> SearchIndex | None:
    """The index of the vectors, checked before it is loaded; None when there is none.

    Raises DamagedIndex when its files are not what was written; `run` with `anew` mends it.
    """
    record = find_index(project, vectors.record)
    if record is None:
        return None
    rows, width = vectors.values.shape
    folder = project.folder / record.kind / record.hash
    return SearchIndex.open(folder, dim=width, rows=rows, vectors_hash=vectors.record.hash)


__all__ = [
    "DamagedIndex", "IndexRequest", "find_index", "index_in_words", "open_index", "run", "size_of",
    "storage_of",
]  # fmt: skip
