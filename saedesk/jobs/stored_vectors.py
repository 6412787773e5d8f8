"""Writing imported vectors into an artifact, row by row to the place of their document."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from saedesk.embedding.vector_files.row_scan import RowScan
from saedesk.embedding.vector_files.vector_file import VectorFile
from saedesk.errors import BadInput
from saedesk.jobs.vector_matching import RowMatch
from saedesk.project.artifact_readers import (
    BAD_ROWS_NAME,
    DOCUMENT_IDS_NAME,
    KEPT_OUT_NAME,
    TEXT_HASHES_NAME,
    VECTORS_NAME,
)
from saedesk.project.atomic_files import PARTIAL_PREFIX, create_array, write_array
from saedesk.project.project_folder import CANNOT_GO_ON_NAME, Project
from saedesk.task_control import Progress, TaskControl

_BYTES_BETWEEN_FLUSHES = 256 << 20
"""So that the last flush, which cannot be cancelled, has little to do."""


@dataclass(frozen=True)
class StoredRows:
    """Which rows of a file are stored, and where."""

    place: np.ndarray
    """(rows,) int64: the row in the artifact; −1 for rows that are left out."""
    document_ids: np.ndarray
    """(stored,) int64, ascending."""
    bad_rows: np.ndarray
    """Of the artifact, ascending int64; so the next."""
    kept_out: np.ndarray
    dropped: int
    """Rows left out as unusable or repeated."""
    without_document: int


def rows_to_store(match: RowMatch, scan: RowScan, unusable: str, duplicates: str) -> StoredRows:
    """Decide about every row; raises BadInput when none is left."""
    has_document = match.document_ids > 0
    wanted = has_document.copy()
    wanted[scan.missing] = False
    before = int(np.count_nonzero(wanted))
    if unusable == "drop":
        wanted[scan.unusable] = False
    if duplicates == "drop":
        wanted[scan.duplicate] = False
    rows = np.flatnonzero(wanted)
    order = rows[np.argsort(match.document_ids[rows], kind="stable")]
    place = np.full(len(wanted), -1, np.int64)
    place[order] = np.arange(len(order))
    bad = _places(place, scan.unusable)
    if len(bad) == len(order):
        raise BadInput(
            "None of the vectors can be used: they are zero or not finite, or have no document."
        )
    kept_out = scan.duplicate if duplicates == "keep out" else np.zeros(0, np.int64)
    return StoredRows(
        place,
        match.document_ids[order],
        bad,
        _places(place, kept_out),
        before - len(order),
        int(np.count_nonzero(~has_document)),
    )


def _places(place: np.ndarray, rows: np.ndarray) -> np.ndarray:
    found = np.sort(place[rows])
    return found[found >= 0]


def write_vectors(folder: Path, file: VectorFile, rows: StoredRows, control: TaskControl) -> None:
    """Stream the rows into vectors.npy, (stored, d) float32.

    Written at offsets rather than through a map, whose pages would count as memory in use. Raises
    OutOfRoom before anything is written where the disk is too full.
    """
    path = folder / VECTORS_NAME
    stored, dimensions = len(rows.document_ids), file.table.dimensions
    offset = int(getattr(create_array(path, (stored, dimensions), np.float32), "offset", 0))
    start, since_flush = 0, 0
    with path.open("r+b") as out:
        for chunk in file.chunks():
            control.checkpoint()
            places = rows.place[start : start + len(chunk.values)]
            since_flush += _write_rows(out, offset, chunk.values, places, control)
            if since_flush > _BYTES_BETWEEN_FLUSHES:
                out.flush()
                os.fsync(out.fileno())
                since_flush = 0
            start += len(chunk.values)
            control.report(Progress(start, file.table.rows, "vectors", "Storing the vectors"))
    if start != file.table.rows:
        raise BadInput(
            f"{file.path.name} had {file.table.rows:,} vectors and now has {start:,}: it was "
            "changed while it was being imported. Nothing was imported."
        )


def _write_rows(
    out: BinaryIO, offset: int, values: np.ndarray, places: np.ndarray, control: TaskControl
) -> int:
    """Write the rows that have a place; consecutive ones together. Returns the bytes written."""
    kept = np.flatnonzero(places >= 0)
    if not len(kept):
        return 0
    of_a_row = 4 * int(values.shape[1])
    breaks = np.flatnonzero((np.diff(places[kept]) != 1) | (np.diff(kept) != 1)) + 1
    for number, run in enumerate(np.split(kept, breaks)):
        if number % 500 == 0:
            control.checkpoint()
        out.seek(offset + int(places[run[0]]) * of_a_row)
        out.write(values[run[0] : run[-1] + 1].data)
    return len(kept) * of_a_row


def discard_leftovers(project: Project) -> None:
    """Remove what imports that were killed left in their work folders."""
    for folder in (project.folder / "vectors").glob(f"{PARTIAL_PREFIX}*"):
        if (folder / CANNOT_GO_ON_NAME).exists():
            shutil.rmtree(folder)


def write_other_files(folder: Path, project: Project, rows: StoredRows) -> None:
    """What lies beside the vectors in an artifact; the documents must be in the project."""
    write_array(folder / DOCUMENT_IDS_NAME, rows.document_ids)
    write_array(folder / TEXT_HASHES_NAME, _text_hashes(project, rows.document_ids))
    write_array(folder / BAD_ROWS_NAME, rows.bad_rows)
    if len(rows.kept_out):
        write_array(folder / KEPT_OUT_NAME, rows.kept_out)


def _text_hashes(project: Project, document_ids: np.ndarray) -> np.ndarray:
    """(n, 16) uint8; zero for documents without a text, which no text has as its hash."""
    hashes = np.zeros((len(document_ids), 16), np.uint8)
    ids, known = project.documents.embedding_rows()
    at = np.searchsorted(ids, document_ids)
    there = at < len(ids)
    there[there] = ids[at[there]] == document_ids[there]
    hashes[there] = known[at[there]]
    return hashes
