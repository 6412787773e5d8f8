"""Keys of documents by number and numbers by key, without reading their texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.errors import BadInput
from saedesk.project.project_database import ProjectDatabase

_AT_ONCE = 500


def keys_of(database: ProjectDatabase, ids: Sequence[int] | np.ndarray) -> list[str | None]:
    """The keys of documents, in the order of `ids`; None where there is no such document."""
    wanted = [int(i) for i in ids]
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        marks = ",".join("?" * len(part))
        found.update(
            dict(database.rows(f"SELECT id, key FROM documents WHERE id IN ({marks})", part))
        )
    return [found.get(i) for i in wanted]


def longest_key(database: ProjectDatabase) -> int:
    """Characters in the longest key; 0 without documents."""
    return int(database.rows("SELECT ifnull(max(length(key)), 0) FROM documents")[0][0])


def documents_with_keys(database: ProjectDatabase, keys: Sequence[str]) -> tuple[int, ...]:
    """Numbers of the documents with these keys; raises BadInput for a key that nobody has."""
    found = []
    for key in keys:
        rows = database.rows("SELECT id FROM documents WHERE key = ?", (key,))
        if not rows:
            raise BadInput(f"There is no document with the key “{key[:80]}” in this project.")
        found.append(int(rows[0][0]))
    return tuple(found)


def ids_with_key(database: ProjectDatabase, typed: str, limit: int) -> tuple[int, ...]:
    """Documents whose keys begin with what was typed, the shortest key first."""
    pattern = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = database.rows(
        "SELECT id FROM documents WHERE key LIKE ? ESCAPE '\\' ORDER BY length(key), key LIMIT ?",
        (pattern, int(limit)),
    )
    return tuple(int(row[0]) for row in rows)
