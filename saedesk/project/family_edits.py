"""What people did to the families of features of an SAE: names, pins, merges, splits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from saedesk.errors import BadInput, DamagedArtifact
from saedesk.features.families.edited_families import FamilyEdit
from saedesk.features.families.family_tree import FeatureFamily, family_of_json
from saedesk.project.project_database import ProjectDatabase

LONGEST_FAMILY_NAME = 120
"""Characters of a family's name."""

_COLUMNS = "root, name, pinned, hidden, reshaped, merged_into, family"


class FamilyEdits:
    """The edits of a project's families, in its database; they belong to an SAE, by its hash.

    Families are found anew with other settings or more documents; the edits stay, because they
    are kept by the root, a feature of the SAE.
    """

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database

    def edits(self, sae: str) -> dict[int, FamilyEdit]:
        """The edits of an SAE's families by root; raises DamagedArtifact for what is no family."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM family_edits WHERE sae = ? ORDER BY root", (sae,)
        )
        return {row[0]: self._edit(row) for row in rows}

    def put(self, sae: str, edits: Mapping[int, FamilyEdit | None]) -> None:
        """Keep the edits of some roots in one transaction; None forgets that of a root.

        Raises BadInput for a name that is too long.
        """
        for edit in edits.values():
            if edit is not None and len(edit.name) > LONGEST_FAMILY_NAME:
                raise BadInput(
                    f"The name of a family has at most {LONGEST_FAMILY_NAME} characters; this one "
                    f"has {len(edit.name)}."
                )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        kept = [
            (sae, root, *_values(edit), now)
            for root, edit in edits.items()
            if edit is not None and edit != FamilyEdit()
        ]
        with self._database.writing() as connection:
            connection.executemany(
                "DELETE FROM family_edits WHERE sae = ? AND root = ?", [(sae, i) for i in edits]
            )
            connection.executemany(
                f"INSERT INTO family_edits (sae, {_COLUMNS}, changed) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                kept,
            )

    def forget(self, sae: str) -> None:
        """Forget all edits of an SAE that leaves the project."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM family_edits WHERE sae = ?", (sae,))

    def _edit(self, row: tuple[Any, ...]) -> FamilyEdit:
        root, name, pinned, hidden, reshaped, merged_into, text = row
        try:
            family = None if text is None else _family(text, root)
        except (ValueError, OverflowError, KeyError, TypeError, RecursionError) as error:
            raise DamagedArtifact(
                f"The family of feature {root} in {self._database.path} cannot be read. "
                "Restore it from a backup."
            ) from error
        return FamilyEdit(
            str(name), bool(pinned), bool(hidden), family, bool(reshaped), merged_into
        )


def _values(edit: FamilyEdit) -> tuple[Any, ...]:
    family = None if edit.family is None else json.dumps(asdict(edit.family))
    flags = (int(edit.pinned), int(edit.hidden), int(edit.reshaped))
    return (edit.name, *flags, edit.merged_into, family)


def _family(text: str, root: int) -> FeatureFamily:
    family = family_of_json(json.loads(text))
    if family.root != root:
        raise ValueError("it is the family of another feature")
    return family
