"""Vectors that somebody made already into the project, matched to its documents.

The file is read in pieces: first to look at every row, then to write the rows that stay into the
artifact. Documents that come along are written in one step just before the artifact is listed; a
kill in between leaves documents without vectors, and the same import goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from saedesk.embedding.model_catalogue import ModelFiles
from saedesk.embedding.text_model import PRECISIONS
from saedesk.embedding.vector_files.any_vector_file import open_vector_file
from saedesk.embedding.vector_files.row_scan import RowScan, scan_rows
from saedesk.embedding.vector_files.vector_file import VectorFile, VectorTable
from saedesk.jobs.documents_beside_vectors import DocumentsBeside, heading_of
from saedesk.jobs.embed_documents import name_in_project
from saedesk.jobs.stored_vectors import (
    StoredRows,
    discard_leftovers,
    rows_to_store,
    write_other_files,
    write_vectors,
)
from saedesk.jobs.vector_file_checks import (
    check_unchanged,
    content_digest,
    file_states,
    refuse_unusable,
)
from saedesk.jobs.vector_matching import RowMatch, match_rows
from saedesk.jobs.vectors_of_model import (
    ModelCheck,
    compare_with_model,
    model_named,
    remember,
)
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import CANNOT_GO_ON_NAME, Project
from saedesk.task_control import Progress, TaskControl

ALGORITHM_VERSION = 1
EXAMPLES = 5
Match = Literal["auto", "key", "order", "new documents"]


@dataclass(frozen=True)
class ImportVectorsRequest:
    """Which vectors to bring in, and what to do about rows that cannot or should not be used."""

    path: Path
    table: str = ""
    """Name of the table where the file has several."""
    match: Match = "auto"
    key_column: str = ""
    """Column of the keys; "" for the likely one."""
    model: str = ""
    """Name or folder of the encoder that made the vectors; "" where it is unknown."""
    unusable: Literal["ask", "drop", "keep out"] = "ask"
    """Zero, NaN and infinite rows: "ask" refuses the import and names them, "drop" leaves these
    documents without a vector, "keep out" keeps the rows but never trains on or finds them."""
    duplicates: Literal["use", "drop", "keep out"] = "use"
    """Rows equal to an earlier one: "keep out" leaves them out of training only."""


@dataclass(frozen=True)
class VectorsPreview:
    """What an import would do."""

    table: VectorTable
    match: str
    """"key", "order" or "new documents"."""
    documents: int
    """In the project."""
    matched: int
    """Rows that have a document."""
    without_vector: int
    """Documents that get no vector."""
    without_document: int
    """Rows that are left out because no document has their key."""
    examples: tuple[tuple[int, str, str], ...]
    """(row from 0, key in the file or row number from 1, heading of the document), the first."""
    zero_rows: np.ndarray
    """Row numbers from 0, ascending, int64; so the following three. Rows without a document do
    not count in any of them."""
    nan_rows: np.ndarray
    infinite_rows: np.ndarray
    duplicate_rows: np.ndarray
    """Usable rows equal to an earlier row."""
    notes: tuple[str, ...]
    """Sentences worth showing."""
    key_column: str = ""
    """The column of keys; "" where row numbers take their place."""


@dataclass(frozen=True)
class ImportVectorsResult:
    """What was stored."""

    record: ArtifactRecord
    stored: int
    """Documents that have a vector now."""
    dropped: int
    """Rows left out as unusable or duplicate."""
    kept_out: int
    """Rows stored but kept out of training."""
    model_cosine: float | None
    """Mean cosine to what the named model makes of the texts; None where it was not compared."""
    documents_made: int
    notes: tuple[str, ...] = ()
    """Sentences worth showing."""


def preview(
    project: Project | None, request: ImportVectorsRequest, control: TaskControl
) -> VectorsPreview:
    """What `run` would do; reads the whole file once and stores nothing.

    Raises BadInput where it could not do it, for all reasons but unusable rows.
    """
    control.report(Progress(0, None, "vectors", "Looking at the file"))
    file = open_vector_file(request.path, request.table)
    model_named(request.model, file.table.dimensions)
    match = match_rows(project, file, request.match, request.key_column, control)
    has_document = match.document_ids > 0
    scan = scan_rows(file.chunks(), file.table.rows, among=has_document, control=control)
    matched = int(np.count_nonzero(has_document))
    with_vector = matched - int(np.count_nonzero(match.document_ids[scan.missing]))
    documents = file.table.rows if match.match == "new documents" else match.documents
    return VectorsPreview(
        table=file.table,
        match=match.match,
        documents=match.documents,
        matched=matched,
        without_vector=documents - with_vector,
        without_document=file.table.rows - matched,
        examples=_examples(project, file, match),
        zero_rows=scan.zero[has_document[scan.zero]],
        nan_rows=scan.nan[has_document[scan.nan]],
        infinite_rows=scan.infinite[has_document[scan.infinite]],
        duplicate_rows=scan.duplicate,
        notes=file.notes + match.notes,
        key_column=match.key_column,
    )


def _examples(
    project: Project | None, file: VectorFile, match: RowMatch
) -> tuple[tuple[int, str, str], ...]:
    """The first rows that have a document, with their key and its heading."""
    rows = np.flatnonzero(match.document_ids)[:EXAMPLES]
    if not len(rows):
        return ()
    columns = (match.key_column,) if match.key_column else ()
    cells = enumerate(islice(file.cells(columns), int(rows[-1]) + 1))
    wanted = set(rows.tolist())
    keys = {row: cell[0] if cell else str(row + 1) for row, cell in cells if row in wanted}
    if match.match == "new documents":
        made = islice(DocumentsBeside(file, match, "").documents(), EXAMPLES)
        headings = [heading_of(document) for document in made]
    else:
        assert project is not None
        found = project.documents.rows(match.document_ids[rows])
        headings = [document.heading for document in found]
    return tuple(
        (int(row), keys[int(row)], heading) for row, heading in zip(rows, headings, strict=True)
    )


def run(
    project: Project, request: ImportVectorsRequest, control: TaskControl
) -> ImportVectorsResult:
    """Store the vectors and put them in use; raises BadInput, and then nothing has changed.

    The same file again with the same choices is found and not stored twice.
    """
    project.check_writable()
    control.report(Progress(0, None, "vectors", "Looking at the file"))
    file = open_vector_file(request.path, request.table)
    model = model_named(request.model, file.table.dimensions)
    before = file_states(file)
    digest = content_digest(file, control)
    match = match_rows(project, file, request.match, request.key_column, control, digest)
    inputs = _inputs(project, request, file, match, model, digest)
    found = project.find_intact("vectors", inputs) if match.documents else None
    if found is not None:
        project.use(found)
        return _result_of(found)
    scan = scan_rows(
        file.chunks(),
        file.table.rows,
        with_duplicates=request.duplicates != "use",
        among=match.document_ids > 0,
        control=control,
    )
    if request.unusable == "ask":
        refuse_unusable(file, match, scan)
    rows = rows_to_store(match, scan, request.unusable, request.duplicates)
    check = ModelCheck(None)
    if model is not None:
        usable = np.setdiff1d(np.flatnonzero(rows.place >= 0), scan.unusable)
        check = compare_with_model(project, model, file, match, usable, control)
    beside = DocumentsBeside(file, match, digest)
    made = 0
    discard_leftovers(project)
    try:
        with project.new_artifact("vectors", inputs, use=True) as draft:
            (draft.folder / CANNOT_GO_ON_NAME).touch()
            write_vectors(draft.folder, file, rows, control)
            check_unchanged(file, before)
            draft.summary |= {
                "model": inputs["model"],
                **_summary(file, match, scan, rows, check),
            }
            control.checkpoint()
            if match.match == "new documents" and not match.documents:
                made = beside.write(project, control)
                draft.inputs["corpus"] = project.documents.corpus_hash()
            write_other_files(draft.folder, project, rows)
    except BaseException:
        project.discard_work("vectors", inputs)
        raise
    if model is not None:
        remember(model)
    record = project.find("vectors", draft.inputs)
    assert record is not None
    return replace(_result_of(record), documents_made=made, notes=_notes(file, match, check, rows))


def _inputs(
    project: Project,
    request: ImportVectorsRequest,
    file: VectorFile,
    match: RowMatch,
    model: ModelFiles | None,
    digest: str,
) -> dict[str, Any]:
    """Everything that determines the artifact; with new documents the corpus is known later."""
    return {
        "corpus": project.documents.corpus_hash(),
        "imported": digest,
        "table": file.table.name,
        "match": match.match,
        "key_column": match.key_column,
        "unusable": request.unusable,
        "duplicates": request.duplicates,
        "model": "" if model is None else name_in_project(project, model),
        "model_fingerprint": "" if model is None else model.fingerprint,
        "algorithm": ALGORITHM_VERSION,
    }


def _summary(
    file: VectorFile,
    match: RowMatch,
    scan: RowScan,
    rows: StoredRows,
    check: ModelCheck,
) -> dict[str, Any]:
    """What a person wants to know of the vectors; the numbers of bad rows are those stored."""
    zero = int(np.count_nonzero(rows.place[scan.zero] >= 0))
    documents = match.documents or file.table.rows
    dtype = file.table.dtype
    return {
        "documents": len(rows.document_ids),
        "dimensions": file.table.dimensions,
        "zero_rows": zero,
        "not_finite_rows": len(rows.bad_rows) - zero,
        "kept_out": len(rows.kept_out),
        "precision": dtype if dtype in PRECISIONS else "float32",
        "truncated": 0,
        "imported": {
            "file": file.path.name,
            "dtype": dtype,
            "rows": file.table.rows,
            "dropped": rows.dropped,
            "without_document": rows.without_document,
            "without_vector": documents - len(rows.document_ids),
            "cosine": None if check.cosine is None else round(check.cosine, 4),
        },
    }


def _result_of(record: ArtifactRecord) -> ImportVectorsResult:
    summary = record.summary
    told = summary["imported"]
    return ImportVectorsResult(
        record, summary["documents"], told["dropped"], summary["kept_out"], told["cosine"], 0
    )


def _notes(
    file: VectorFile, match: RowMatch, check: ModelCheck, rows: StoredRows
) -> tuple[str, ...]:
    notes = file.notes + match.notes + check.notes
    if rows.without_document:
        were = "row was" if rows.without_document == 1 else "rows were"
        notes += (f"{rows.without_document:,} {were} left out: no document has such a key.",)
    return notes
