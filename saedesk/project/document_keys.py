"""Keys of documents by number and numbers by key, without reading their texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saedesk.errors import BadInput
from saedesk.project.project_database import ProjectDatabase

_AT_ONCE = 500
_LOOKED_AT = 1_000
_AFTER_ALL = "\U0010ffff"
"""Behind every key that goes on from a beginning."""


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
    """Documents whose keys begin with what was typed, the shortest key first.

    As it was typed, in small, in large and with a large first letter. Of each, the first
    `_LOOKED_AT` in the order of keys are looked at, so that a million of them take no longer.
    """
    if not typed:
        return ()
    found: dict[int, str] = {}
    for beginning in {typed, typed.lower(), typed.upper(), typed.capitalize()}:
        # A range, which the index of the keys answers; LIKE would read all of them.
        rows = database.rows(
            "SELECT id, key FROM documents WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
            (beginning, beginning + _AFTER_ALL, _LOOKED_AT),
        )
        found.update((int(row[0]), str(row[1])) for row in rows)
    shortest = sorted(found, key=lambda i: (len(found[i]), found[i]))
    return tuple(shortest[: max(0, int(limit))])
