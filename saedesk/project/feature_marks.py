"""What a person marks features with: stars, hidden ones, notes and tags."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from saedesk.errors import BadInput
from saedesk.project.project_database import ProjectDatabase

LONGEST_TAG = 60
"""Characters of a tag."""


@dataclass(frozen=True)
class FeatureMark:
    """Everything a feature is marked with."""

    starred: bool = False
    hidden: bool = False
    """Left out of lists unless they are asked to show hidden features."""
    note: str = ""
    tags: frozenset[str] = frozenset()


class FeatureMarks:
    """The marks of the SAEs of a project, in its database.

    Every change of several features is one transaction. To undo one, `put` back what `of_latents`
    gave before it.
    """

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database

    def marks(self, sae: str) -> dict[int, FeatureMark]:
        """The marks of every feature of an SAE (by its hash) that has any."""
        found = {
            latent: FeatureMark(bool(starred), bool(hidden), note)
            for latent, starred, hidden, note in self._database.rows(
                "SELECT latent, starred, hidden, note FROM feature_marks WHERE sae = ?", (sae,)
            )
        }
        for latent, tag in self._database.rows(
            "SELECT latent, tag FROM feature_tags WHERE sae = ?", (sae,)
        ):
            mark = found.get(latent, FeatureMark())
            found[latent] = replace(mark, tags=mark.tags | {tag})
        return {latent: mark for latent, mark in sorted(found.items()) if mark != FeatureMark()}

    def of_latents(self, sae: str, latents: Iterable[int]) -> dict[int, FeatureMark]:
        """The marks of these features; a feature without any has an empty one."""
        marks = self.marks(sae)
        return {latent: marks.get(latent, FeatureMark()) for latent in latents}

    def put(self, sae: str, marks: Mapping[int, FeatureMark]) -> None:
        """Mark features exactly so; raises BadInput for a tag that is empty or too long."""
        for mark in marks.values():
            for tag in mark.tags:
                _check_tag(tag)
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO feature_marks (sae, latent, starred, hidden, note) "
                "VALUES (?, ?, ?, ?, ?)",
                [(sae, i, int(m.starred), int(m.hidden), m.note) for i, m in marks.items()],
            )
            connection.executemany(
                "DELETE FROM feature_tags WHERE sae = ? AND latent = ?", [(sae, i) for i in marks]
            )
            _add_tags(connection, sae, [(i, t) for i, m in marks.items() for t in sorted(m.tags)])

    def hidden(self, sae: str) -> set[int]:
        """The hidden features of an SAE."""
        rows = self._database.rows(
            "SELECT latent FROM feature_marks WHERE sae = ? AND hidden = 1", (sae,)
        )
        return {row[0] for row in rows}

    def set_stars(self, sae: str, latents: Iterable[int], starred: bool) -> None:
        """Star features, or take their stars away."""
        self._set(sae, latents, "starred", int(starred))

    def set_hidden(self, sae: str, latents: Iterable[int], hidden: bool) -> None:
        """Hide features, or show them again."""
        self._set(sae, latents, "hidden", int(hidden))

    def set_note(self, sae: str, latent: int, note: str) -> None:
        """Write a note to a feature; "" for none."""
        self._set(sae, [latent], "note", note)

    def tags(self, sae: str) -> dict[str, int]:
        """The tags in use for an SAE and how many features have each, by name."""
        rows = self._database.rows(
            "SELECT tag, count(*) FROM feature_tags WHERE sae = ? GROUP BY tag ORDER BY tag", (sae,)
        )
        return dict(rows)

    def add_tag(self, sae: str, latents: Iterable[int], tag: str) -> None:
        """Tag features; raises BadInput for a tag that is empty or too long."""
        _check_tag(tag)
        with self._database.writing() as connection:
            _add_tags(connection, sae, [(latent, tag) for latent in latents])

    def remove_tag(self, sae: str, latents: Iterable[int], tag: str) -> None:
        """Take a tag away from features."""
        with self._database.writing() as connection:
            connection.executemany(
                "DELETE FROM feature_tags WHERE sae = ? AND latent = ? AND tag = ?",
                [(sae, latent, tag) for latent in latents],
            )

    def _set(self, sae: str, latents: Iterable[int], column: str, value: int | str) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                f"INSERT INTO feature_marks (sae, latent, {column}) VALUES (?, ?, ?) "
                f"ON CONFLICT (sae, latent) DO UPDATE SET {column} = excluded.{column}",
                [(sae, latent, value) for latent in latents],
            )


def _add_tags(connection: sqlite3.Connection, sae: str, tags: Iterable[tuple[int, str]]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO feature_tags (sae, latent, tag) VALUES (?, ?, ?)",
        [(sae, latent, tag) for latent, tag in tags],
    )


def _check_tag(tag: str) -> None:
    if not tag.strip() or tag != tag.strip() or "\n" in tag:
        raise BadInput("A tag is one line that is not empty and has no space at its ends.")
    if len(tag) > LONGEST_TAG:
        raise BadInput(f"A tag has at most {LONGEST_TAG} characters; this one has {len(tag)}.")
