"""One typed field of all documents, read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from saedesk.corpus.document import FieldDefinition
from saedesk.project.project_database import ProjectDatabase
from saedesk.task_control import TaskControl

DOCUMENTS_AT_ONCE = 20_000


def field_cells(
    database: ProjectDatabase,
    fields: Sequence[FieldDefinition],
    name: str,
    control: TaskControl,
) -> Iterator[tuple[np.ndarray, tuple[Any, ...]]]:
    """Ids (p,) int64, ascending over all pieces, and the p cells of the field called `name`.

    `fields` are all fields of the project; cells are None where a document says nothing. Texts
    are not touched, and only one piece is held at a time.
    """
    position = [field.name for field in fields].index(name)
    last = 0
    while rows := database.rows(
        f"SELECT d.id, f.f{position} FROM documents d "
        "LEFT JOIN document_fields f ON f.document_id = d.id "
        f"WHERE d.id > ? ORDER BY d.id LIMIT {DOCUMENTS_AT_ONCE}",
        (last,),
    ):
        control.checkpoint()
        ids, cells = zip(*rows, strict=True)
        last = int(ids[-1])
        yield np.array(ids, np.int64), cells
