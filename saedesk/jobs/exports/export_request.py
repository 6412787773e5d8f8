"""What somebody wants written, and which kinds of file each table can become."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.errors import BadInput, BadSetting
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae, open_sae
from saedesk.jobs.search_request import RESULTS, SearchRequest
from saedesk.jobs.turned_families import Turned
from saedesk.project.artifact_readers import Vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project

FORMATS_OF = {
    "features": ("csv", "jsonl", "parquet"),
    "documents": ("csv", "jsonl", "parquet"),
    "families": ("csv", "jsonl", "parquet", "graphml", "json"),
    "activations": ("parquet", "npz", "csv", "jsonl"),
    "steered-vectors": ("npy", "npz", "parquet", "jsonl"),
    "results": ("csv", "jsonl", "parquet"),
}
"""By table: the endings that a file with it may have, the usual one first."""

TABLES = tuple(FORMATS_OF)
MOST_RESULTS = 10_000
"""Each result holds its document and one bar for every feature of the query."""


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """What to write, and where; the ending of the path chooses the format.

    Compared by identity, because it may hold an array.
    """

    table: str
    """One of TABLES."""
    path: Path
    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    query: str = ""
    """For results, and beside steered vectors: the text to search for."""
    like: tuple[str, ...] = ()
    """Instead of `query`: keys of documents; what is most like them is searched for."""
    steer: tuple[tuple[int, float], ...] = ()
    """(feature, strength) pairs, as in a search."""
    where: DocumentFilter | None = None
    """Only the documents that pass; None for all."""
    documents: np.ndarray | None = None
    """(n,) int64, instead of `where`: the numbers of the documents wanted. A table of documents
    keeps their order."""
    count: int = RESULTS
    """For results: how many, 1 to 10,000."""
    published: bool = False
    """For families as .json: in the form that O'Neill et al. 2024 published."""
    search: SearchRequest | None = None
    """For results, instead of `query`, `like` and `steer`: a whole search, places and less of
    features too; the documents come from `where`, how many from `count`."""
    turned: Turned | None = None
    """What steers `search`, families apart from features; None for features alone."""


def check_request(request: ExportRequest) -> str:
    """The format that the ending of the path asks for, before any work is done.

    Raises BadSetting or BadInput for a table, ending or folder that is not there.
    """
    if request.table not in FORMATS_OF:
        raise BadSetting(
            f"There is no table “{request.table}” to export. There are: {', '.join(TABLES)}."
        )
    ending = check_path(request.path, FORMATS_OF[request.table])
    if request.published and (request.table, ending) != ("families", "json"):
        raise BadSetting("The published form is one of families, in a file that ends in .json.")
    return ending


def check_path(path: Path, endings: tuple[str, ...]) -> str:
    """The ending of a path, if it is among `endings` and its folder is there."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in endings:
        raise BadSetting(
            f"The name {path.name} must end in {', '.join('.' + name for name in endings)}."
        )
    if not path.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {path.absolute().parent} to write {path.name} to.")
    return ending


def sae_if_any(project: Project, sae_hash: str) -> LoadedSae | None:
    """The SAE asked for; the one in use if nobody asked, where it is analysed.

    Raises BadInput when the one asked for is not there or not analysed.
    """
    if sae_hash:
        return open_analysed_sae(project, sae_hash)
    record = project.current("saes")
    return None if record is None else open_sae(project, record)


def chosen_documents(project: Project, request: ExportRequest) -> np.ndarray | None:
    """Numbers of the documents to write, (n,) int64; None for all.

    Raises BadInput where there is none, BadSetting for a condition on an unknown field.
    """
    ids = request.documents
    if ids is None and request.where is not None and not request.where.is_empty:
        ids = project.documents.find(request.where)
    if ids is not None and not len(ids):
        raise BadInput("No document passes the filter, so there is nothing to write.")
    return ids


def chosen_rows(vectors: Vectors, ids: np.ndarray | None) -> np.ndarray:
    """Rows of the vectors of these documents, ascending (n,) int64; all for None.

    Raises BadInput where none of the documents has a vector.
    """
    if ids is None:
        return np.arange(len(vectors.values))
    rows = np.flatnonzero(np.isin(vectors.document_ids, ids))
    if not len(rows):
        raise BadInput("None of these documents has a vector yet. Embed the documents first.")
    return rows
