"""Sets of documents that a person saved under a name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from saedesk.errors import BadInput, DamagedArtifact
from saedesk.project.project_database import ProjectDatabase

LONGEST_NAME = 120
"""Characters of a selection's name."""


@dataclass(frozen=True)
class SavedSelection:
    """A saved set of documents, without the documents themselves."""

    id: int
    name: str
    created: str
    """ISO time, UTC."""
    n_documents: int
    origin: Mapping[str, Any] = field(default_factory=dict)
    """Where it comes from, e.g. {"feature": 12, "threshold": 0.3}."""


class SelectionStore:
    """The saved selections of a project, in its database."""

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database

    def all(self) -> list[SavedSelection]:
        """All saved selections, oldest first."""
        rows = self._database.rows(
            "SELECT id, name, created, length(document_ids), origin FROM saved_selections "
            "ORDER BY id"
        )
        return [
            SavedSelection(id_, name, created, nbytes // 8, json.loads(origin))
            for id_, name, created, nbytes, origin in rows
        ]

    def document_ids(self, selection: int) -> np.ndarray:
        """(n,) int64 ids of a selection's documents, in the order they were saved in.

        Raises BadInput where there is no such selection, DamagedArtifact where it is cut off.
        """
        rows = self._database.rows(
            "SELECT document_ids FROM saved_selections WHERE id = ?", (selection,)
        )
        if not rows:
            raise BadInput("This selection was deleted.")
        if len(rows[0][0]) % 8:
            raise DamagedArtifact(
                f"A saved selection in {self._database.path} is cut off. Restore it from a backup."
            )
        return np.frombuffer(rows[0][0], "<i8").astype(np.int64)

    def save(
        self,
        name: str,
        document_ids: Sequence[int] | np.ndarray,
        origin: Mapping[str, Any] | None = None,
    ) -> int:
        """Save documents under a name; returns the selection's number.

        Raises BadInput for a name that is empty, too long or there already.
        """
        ids = np.asarray(document_ids, "<i8").tobytes()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        said = json.dumps(dict(origin or {}), ensure_ascii=False)
        with self._database.writing() as connection:
            self._check_name(name)
            cursor = connection.execute(
                "INSERT INTO saved_selections (name, created, document_ids, origin) "
                "VALUES (?, ?, ?, ?)",
                (name, now, ids, said),
            )
        return int(cursor.lastrowid or 0)

    def restore(self, selection: SavedSelection, document_ids: np.ndarray) -> None:
        """Save a deleted selection again as it was, with its number and time.

        Raises BadInput where its name or its number was given to another one meanwhile.
        """
        ids = np.asarray(document_ids, "<i8").tobytes()
        said = json.dumps(dict(selection.origin), ensure_ascii=False)
        with self._database.writing() as connection:
            self._check_name(selection.name)
            taken = "SELECT name FROM saved_selections WHERE id = ?"
            for (name,) in self._database.rows(taken, (selection.id,)):
                raise BadInput(f"“{name}” was saved in the place of “{selection.name}” meanwhile.")
            connection.execute(
                "INSERT INTO saved_selections (id, name, created, document_ids, "
                "origin) VALUES (?, ?, ?, ?, ?)",
                (selection.id, selection.name, selection.created, ids, said),
            )

    def rename(self, selection: int, name: str) -> None:
        """Give a selection another name; raises BadInput as `save` does."""
        with self._database.writing() as connection:
            self._check_name(name, but=selection)
            connection.execute(
                "UPDATE saved_selections SET name = ? WHERE id = ?", (name, selection)
            )

    def delete(self, selection: int) -> None:
        """Forget a selection; its documents stay."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM saved_selections WHERE id = ?", (selection,))

    def _check_name(self, name: str, but: int = 0) -> None:
        if not name.strip():
            raise BadInput("Give the selection a name.")
        if len(name) > LONGEST_NAME:
            raise BadInput(
                f"The name of a selection has at most {LONGEST_NAME} characters; this one has "
                f"{len(name)}."
            )
        if self._database.rows(
            "SELECT 1 FROM saved_selections WHERE name = ? AND id != ?", (name, but)
        ):
            raise BadInput(f"There is a selection called “{name}” already. Choose another name.")
