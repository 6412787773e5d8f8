"""Write something of the project to a file: a table, an array, or search results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from saedesk.jobs.exports.document_rows import document_cells as document_cells
from saedesk.jobs.exports.document_rows import document_kinds as document_kinds
from saedesk.jobs.exports.document_rows import document_rows
from saedesk.jobs.exports.export_request import FORMATS_OF as FORMATS_OF
from saedesk.jobs.exports.export_request import TABLES as TABLES
from saedesk.jobs.exports.export_request import ExportRequest as ExportRequest
from saedesk.jobs.exports.export_request import (
    check_path,
    check_request,
    chosen_documents,
    chosen_rows,
)
from saedesk.jobs.exports.family_files import family_file
from saedesk.jobs.exports.family_rows import family_rows
from saedesk.jobs.exports.feature_rows import feature_rows
from saedesk.jobs.exports.result_rows import ResultTexts, results_in_words, search_and_write
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.search_documents import ResultRow
from saedesk.jobs.table_writers import WRITERS, Kind, Row
from saedesk.project.atomic_files import replacement
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

Write = Callable[[BinaryIO, TaskControl], int]


def run(project: Project, request: ExportRequest, control: TaskControl) -> int:
    """Write the file; returns the number of its rows.

    The file takes the place of an older one when all is written; whatever stops that before leaves
    the older one and nothing else. CSV has texts and numbers alone; JSON Lines and Parquet have
    lists of records too. Raises BadSetting, BadInput, OutOfRoom, and for a search ModelProblem or
    NothingToSearch.
    """
    ending = check_request(request)
    if request.table == "results":
        return search_and_write(project, request, control)
    if request.table == "features":
        rows, kinds = feature_rows(project, request.sae, ending != "csv", control)
        return write_table(request.path, rows, kinds)
    if request.table == "families" and ending in WRITERS:
        rows, kinds = family_rows(project, request.sae, ending != "csv", control)
        return write_table(request.path, rows, kinds)
    if request.table == "documents":
        ids = chosen_documents(project, request)
        rows, kinds = document_rows(project, request.sae, ids, ending != "csv", control)
        return write_table(request.path, rows, kinds)
    writer = _FILES[request.table](project, request, ending)
    with replacement(request.path.absolute()) as file:
        return writer(file, control)


def write_table(path: Path, rows: Iterable[Row], kinds: Mapping[str, Kind] | None = None) -> int:
    """Write rows as CSV, JSON Lines or Parquet by the path's ending; returns how many.

    The rows have the columns of the first one and are taken one after the other, never all at
    once. The file takes the place of an older one when all are written; whatever stops that
    before leaves the older one and nothing else. `kinds` are the types of columns in Parquet,
    for rows that come too late to tell. Text cells of a CSV that a spreadsheet would run as a
    formula get a leading apostrophe; the other formats carry the exact text.
    """
    write = WRITERS[check_path(path, tuple(WRITERS))]
    with replacement(path.absolute()) as file:
        return write(file, rows, kinds or {})


def result_rows(results: Sequence[ResultRow], label: dict[int, str]) -> list[Row]:
    """Search results as rows: rank, key, title, scores, and what made the score."""
    return results_in_words(results, ResultTexts(label))


def _activations(project: Project, request: ExportRequest, ending: str) -> Write:
    from saedesk.jobs.exports.activation_matrix import write_activation_matrix
    from saedesk.jobs.exports.activation_table import ActivationTable

    sae = open_analysed_sae(project, request.sae)
    rows = chosen_rows(sae.vectors, chosen_documents(project, request))
    if ending == "npz":
        return lambda file, control: write_activation_matrix(file, project, sae, rows, control)
    table = ActivationTable(project, sae, rows)
    return {
        "parquet": table.write_parquet,
        "csv": table.write_csv,
        "jsonl": table.write_json_lines,
    }[ending]


def _steered_vectors(project: Project, request: ExportRequest, ending: str) -> Write:
    from saedesk.jobs.exports.steered_vectors import SteeredVectors

    vectors = SteeredVectors(project, request)
    return {
        "npy": vectors.write_npy,
        "npz": vectors.write_npz,
        "parquet": vectors.write_parquet,
        "jsonl": vectors.write_json_lines,
    }[ending]


def _families(project: Project, request: ExportRequest, ending: str) -> Write:
    return family_file(project, request.sae, ending, published=request.published)


_FILES: dict[str, Callable[[Project, ExportRequest, str], Write]] = {
    "activations": _activations,
    "families": _families,
    "steered-vectors": _steered_vectors,
}
