"""Lengths and typed fields of all documents as columns, for filters, counts and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.corpus.document import FieldDefinition
from saedesk.project.project_database import ProjectDatabase
from saedesk.task_control import TaskControl


@dataclass(frozen=True)
class DocumentColumns:
    """Row i is document `ids[i]`."""

    ids: np.ndarray
    """(n,) int64, ascending."""
    words: np.ndarray
    """(n,) int64: words in title and text."""
    has_text: np.ndarray
    """(n,) bool: whether the text is not blank."""
    can_embed: np.ndarray
    """(n,) bool: whether there is a text or at least a title to make a vector of."""
    cells: dict[str, Sequence[object]]
    """By field name, one value for each document, None where it says nothing."""


def read_document_columns(
    database: ProjectDatabase,
    fields: Sequence[FieldDefinition],
    wanted: Sequence[str],
    control: TaskControl,
) -> DocumentColumns:
    """Read the `wanted` fields of all documents; `fields` are all fields of the project."""
    positions = [at for at, field in enumerate(fields) if field.name in wanted]
    selected = "".join(f", f.f{at}" for at in positions)
    rows = database.rows(
        f"SELECT d.id, d.words, trim(d.text) <> '', d.text_hash IS NOT NULL{selected} "
        "FROM documents d LEFT JOIN document_fields f ON f.document_id = d.id ORDER BY d.id"
    )
    control.checkpoint()
    columns = list(zip(*rows, strict=True)) if rows else [()] * (4 + len(positions))
    return DocumentColumns(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        np.array(columns[2], bool),
        np.array(columns[3], bool),
        {fields[at].name: cells for at, cells in zip(positions, columns[4:], strict=True)},
    )
