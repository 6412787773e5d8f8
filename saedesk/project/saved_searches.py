"""Searches and steering presets that a person saved under a name, and the last searches.

What a search asks is kept as JSON; `jobs.search_request_json` writes and reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from saedesk.errors import BadInput, DamagedArtifact
from saedesk.project.project_database import ProjectDatabase
from saedesk.project.selection_store import LONGEST_NAME

SavedKind = Literal["search", "preset"]
LAST_SEARCHES = 200
"""So many searches are remembered."""


@dataclass(frozen=True)
class SavedSearch:
    """A search, or the steering of one, under a name."""

    id: int
    kind: SavedKind
    name: str
    sae: str
    """Hash of the SAE whose features it speaks of; "" where there was none."""
    content: Mapping[str, Any]
    created: str
    """ISO time, UTC."""


@dataclass(frozen=True)
class PastSearch:
    """Something that was searched for."""

    id: int
    sae: str
    content: Mapping[str, Any]
    asked: str
    """ISO time, UTC."""


class SavedSearches:
    """The saved searches and presets of a project, in its database."""

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database

    def all(self, kind: SavedKind) -> list[SavedSearch]:
        """All of a kind, oldest first; raises DamagedArtifact for one that cannot be read."""
        return self._read("WHERE kind = ? ORDER BY id", (kind,))

    def of(self, number: int) -> SavedSearch:
        """One by its number; raises BadInput where it was deleted."""
        found = self._read("WHERE id = ?", (number,))
        if not found:
            raise BadInput("This search was deleted.")
        return found[0]

    def named(self, kind: SavedKind, name: str) -> SavedSearch:
        """One by its name; raises BadInput, with the names there are, for another one."""
        found = self._read("WHERE kind = ? AND name = ?", (kind, name.strip()))
        if not found:
            names = ", ".join(f"“{one.name}”" for one in self.all(kind)[:20]) or "none yet"
            raise BadInput(f"There is no {kind} called “{name[:80]}”. There are: {names}.")
        return found[0]

    def save(self, kind: SavedKind, name: str, content: Mapping[str, Any], sae: str = "") -> int:
        """Keep something under a name; returns its number.

        Raises BadInput for a name that is empty, too long or there already.
        """
        with self._database.writing() as connection:
            self._check_name(kind, name)
            cursor = connection.execute(
                "INSERT INTO saved_searches (kind, name, sae, content, created) "
                "VALUES (?, ?, ?, ?, ?)",
                (kind, name, sae, _written(content), _now()),
            )
        return int(cursor.lastrowid or 0)

    def restore(self, saved: SavedSearch) -> None:
        """Save a deleted one again as it was, with its number and time.

        Raises BadInput where its name or its number was given to another one meanwhile.
        """
        with self._database.writing() as connection:
            self._check_name(saved.kind, saved.name)
            for other in self._read("WHERE id = ?", (saved.id,)):
                raise BadInput(
                    f"“{other.name}” was saved in the place of “{saved.name}” meanwhile."
                )
            connection.execute(
                "INSERT INTO saved_searches (id, kind, name, sae, content, created) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    saved.id,
                    saved.kind,
                    saved.name,
                    saved.sae,
                    _written(saved.content),
                    saved.created,
                ),
            )

    def change(self, number: int, content: Mapping[str, Any], sae: str = "") -> None:
        """Let a name stand for something else."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE saved_searches SET content = ?, sae = ? WHERE id = ?",
                (_written(content), sae, number),
            )

    def rename(self, number: int, name: str) -> None:
        """Give one another name; raises BadInput as `save` does."""
        kind = self.of(number).kind
        with self._database.writing() as connection:
            self._check_name(kind, name, but=number)
            connection.execute("UPDATE saved_searches SET name = ? WHERE id = ?", (name, number))

    def delete(self, number: int) -> None:
        """Forget one."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM saved_searches WHERE id = ?", (number,))

    def _check_name(self, kind: SavedKind, name: str, but: int = 0) -> None:
        if not name.strip():
            raise BadInput(f"Give the {kind} a name.")
        if len(name) > LONGEST_NAME:
            raise BadInput(
                f"The name of a {kind} has at most {LONGEST_NAME} characters; this one has "
                f"{len(name)}."
            )
        if self._read("WHERE kind = ? AND name = ? AND id != ?", (kind, name, but)):
            raise BadInput(f"There is a {kind} called “{name}” already. Choose another name.")

    def _read(self, condition: str, parameters: Sequence[Any]) -> list[SavedSearch]:
        rows = self._database.rows(
            f"SELECT id, kind, name, sae, content, created FROM saved_searches {condition}",
            parameters,
        )
        return [
            SavedSearch(id_, kind, name, sae, _read_content(content, self._database), created)
            for id_, kind, name, sae, content, created in rows
        ]


class SearchHistory:
    """The last searches in a project, in its database and nowhere else."""

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database

    def all(self) -> list[PastSearch]:
        """All that are remembered, the newest first; raises DamagedArtifact for what is none."""
        rows = self._database.rows(
            "SELECT id, sae, content, asked FROM search_history ORDER BY id DESC"
        )
        return [
            PastSearch(id_, sae, _read_content(content, self._database), asked)
            for id_, sae, content, asked in rows
        ]

    def add(self, content: Mapping[str, Any], sae: str = "") -> None:
        """Remember a search as the newest; the same one is there once, and 200 are kept."""
        written = _written(content)
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM search_history WHERE content = ? AND sae = ?", (written, sae)
            )
            # Numbers go on rising, so that a search that is put back finds its place.
            connection.execute(
                "INSERT INTO search_history (id, sae, content, asked) "
                "VALUES ((SELECT ifnull(max(id), 0) + 1 FROM search_history), ?, ?, ?)",
                (sae, written, _now()),
            )
            _cut(connection)

    def forget(self, numbers: Sequence[int]) -> None:
        """Forget some searches."""
        with self._database.writing() as connection:
            connection.executemany(
                "DELETE FROM search_history WHERE id = ?", [(int(number),) for number in numbers]
            )

    def clear(self) -> None:
        """Forget all searches."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM search_history")

    def restore(self, searches: Sequence[PastSearch]) -> None:
        """Put searches back that were forgotten, but for what was asked again meanwhile."""
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO search_history (id, sae, content, asked) "
                "SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS "
                "(SELECT 1 FROM search_history WHERE sae = ?2 AND content = ?3)",
                [(one.id, one.sae, _written(one.content), one.asked) for one in searches],
            )
            _cut(connection)


def _cut(connection: Any) -> None:
    connection.execute(
        "DELETE FROM search_history WHERE id NOT IN "
        "(SELECT id FROM search_history ORDER BY id DESC LIMIT ?)",
        (LAST_SEARCHES,),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _written(content: Mapping[str, Any]) -> str:
    return json.dumps(dict(content), ensure_ascii=False, sort_keys=True, allow_nan=False)


def _read_content(text: str, database: ProjectDatabase) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise DamagedArtifact(
            f"A search that was kept in {database.path} cannot be read. Restore it from a backup."
        )
    return content
