"""What can go wrong with a file of vectors: unusable rows, and changes while it is read."""

from __future__ import annotations

import hashlib

import numpy as np

from saedesk.corpus.input_file import readable
from saedesk.embedding.vector_files.row_scan import RowScan
from saedesk.embedding.vector_files.vector_file import VectorFile
from saedesk.errors import BadInput
from saedesk.jobs.vector_matching import RowMatch
from saedesk.task_control import Progress, TaskControl

ROWS_NAMED = 5
_PIECE = 1 << 24


def refuse_unusable(file: VectorFile, match: RowMatch, scan: RowScan) -> None:
    """Raise BadInput naming the rows that cannot be used, for a person to decide."""
    kinds = (("zero", scan.zero), ("NaN", scan.nan), ("infinite", scan.infinite))
    found = [(word, rows[match.document_ids[rows] > 0]) for word, rows in kinds]
    total = sum(len(rows) for _, rows in found)
    if not total:
        return
    told = ", ".join(
        f"{len(rows):,} {word} ({rows_named(rows)})" for word, rows in found if len(rows)
    )
    raise BadInput(
        f"{total:,} of {file.table.rows:,} vectors in {file.path.name} cannot be used: {told}. "
        "Nothing was imported. Choose to drop them, or to keep them out of training and search."
    )


def rows_named(rows: np.ndarray) -> str:
    """“row 5”, “rows 1, 7, 9, …” from row numbers that count from 0, for a person, from 1."""
    numbers = ", ".join(f"{row + 1:,}" for row in rows[:ROWS_NAMED])
    return f"row{'s' if len(rows) > 1 else ''} {numbers}{', …' if len(rows) > ROWS_NAMED else ''}"


def file_states(file: VectorFile) -> list[tuple[int, int]]:
    """Size and time of the last change of every file, to notice one that changes meanwhile."""
    found = []
    for path in file.content_files():
        with readable(path):
            state = path.stat()
        found.append((state.st_size, state.st_mtime_ns))
    return found


def check_unchanged(file: VectorFile, before: list[tuple[int, int]]) -> None:
    """Raise BadInput when a file is not the one whose state was `before`."""
    if file_states(file) != before:
        raise BadInput(
            f"{file.path.name} was changed while it was being imported. Nothing was imported. Wait "
            "until it is complete and import it again."
        )


def content_digest(file: VectorFile, control: TaskControl) -> str:
    """The sha256 over all files, read in pieces so that a cancel need not wait for gigabytes."""
    digest = hashlib.sha256()
    total = sum(size for size, _ in file_states(file))
    done = 0
    for path in file.content_files():
        with readable(path), path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                control.checkpoint()
                digest.update(piece)
                done += len(piece)
                control.report(Progress(done, total, "bytes", "Reading the file"))
    return digest.hexdigest()
