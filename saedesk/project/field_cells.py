"""Typed fields of all documents, read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from saedesk.corpus.document import FieldDefinition
from saedesk.project.project_database import ProjectDatabase
from saedesk.task_control import TaskControl

DOCUMENTS_AT_ONCE = 10_000


def field_cells(
    database: ProjectDatabase,
    fields: Sequence[FieldDefinition],
    wanted: Sequence[str],
    control: TaskControl,
) -> Iterator[tuple[np.ndarray, list[list[Any]]]]:
    """Ids (p,) int64, ascending over all pieces, and p cells for each `wanted` field, in order.

    `fields` are all fields of the project; cells are None where a document says nothing, and
    documents without any field may be missing. Texts are not touched, one piece is held at a time.
    """
    names = [field.name for field in fields]
    columns = "".join(f", f{names.index(name)}" for name in wanted)
    last = 0
    while rows := database.rows(
        f"SELECT document_id{columns} FROM document_fields WHERE document_id > ? "
        f"ORDER BY document_id LIMIT {DOCUMENTS_AT_ONCE}",
        (last,),
    ):
        control.checkpoint()
        last = int(rows[-1][0])
        # Not zip(*rows): an iterator for each row would set off one garbage collection after
        # another, for which the window's thread waits.
        cells = [[row[at] for row in rows] for at in range(1, len(wanted) + 1)]
        yield np.fromiter((row[0] for row in rows), np.int64, len(rows)), cells
