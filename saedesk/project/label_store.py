"""Labels of features with their whole history and their scores, and stars."""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.shown_score import PREFERRED
from saedesk.project.project_database import ProjectDatabase

PERSON = "person"
KEYWORDS = "keywords"
LANGUAGE_MODEL = "language model"


@dataclass(frozen=True)
class FeatureLabel:
    """A label somebody or something gave to a feature."""

    latent: int
    text: str
    source: str
    """"person", "keywords" or "language model"."""
    author: str = ""
    """Who, which program version or which model."""
    created: str = ""
    """ISO time, UTC."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What the label was made from, e.g. {"terms": [...]}."""
    id: int = 0
    """Number in the history; 0 before it is stored."""


class LabelStore:
    """Labels and stars of the SAEs of a project, in its database."""

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database

    def current(self, sae: str) -> dict[int, FeatureLabel]:
        """The label in force of every labelled latent of an SAE (by its hash)."""
        rows = self._database.rows(
            "SELECT latent, text, source, author, created, details, id FROM labels "
            "WHERE sae = ? AND is_current = 1",
            (sae,),
        )
        with _no_collections():
            return {row[0]: _label(row) for row in rows}

    def current_label(self, sae: str, latent: int) -> FeatureLabel | None:
        """The label in force of one latent, or None."""
        rows = self._database.rows(
            "SELECT latent, text, source, author, created, details, id FROM labels "
            "WHERE sae = ? AND latent = ? AND is_current = 1",
            (sae, latent),
        )
        return _label(rows[0]) if rows else None

    def history(self, sae: str, latent: int) -> list[FeatureLabel]:
        """All labels a latent ever had, newest first."""
        rows = self._database.rows(
            "SELECT latent, text, source, author, created, details, id FROM labels "
            "WHERE sae = ? AND latent = ? ORDER BY id DESC",
            (sae, latent),
        )
        return [_label(row) for row in rows]

    def add(
        self, sae: str, labels: Iterable[FeatureLabel], *, over_person: bool = True
    ) -> list[int]:
        """Put labels in force, in one transaction; earlier ones stay in the history.

        Without `over_person`, features whose label in force is a person's are passed over.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        ids: list[int] = []
        with self._database.writing() as connection:
            by_person = {
                row[0]
                for row in connection.execute(
                    "SELECT latent FROM labels WHERE sae = ? AND is_current = 1 AND source = ?",
                    (sae, PERSON),
                )
            }
            for label in labels:
                if label.latent in by_person and not over_person:
                    continue
                connection.execute(
                    "UPDATE labels SET is_current = 0 WHERE sae = ? AND latent = ?",
                    (sae, label.latent),
                )
                cursor = connection.execute(
                    "INSERT INTO labels (sae, latent, text, source, author, created, details, "
                    "is_current) VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
                    (
                        sae,
                        label.latent,
                        label.text,
                        label.source,
                        label.author,
                        label.created or now,
                        json.dumps(dict(label.details), ensure_ascii=False),
                    ),
                )
                ids.append(int(cursor.lastrowid or 0))
        return ids

    def put_in_force(self, sae: str, latent: int, label_id: int | None) -> None:
        """Make an earlier label of the history the one in force; None for no label (undo)."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE labels SET is_current = (id IS ?) WHERE sae = ? AND latent = ?",
                (label_id, sae, latent),
            )

    def put_several_in_force(self, sae: str, label_ids: Mapping[int, int | None]) -> None:
        """As `put_in_force` for several latents, {latent: label id}, in one transaction."""
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE labels SET is_current = (id IS ?) WHERE sae = ? AND latent = ?",
                [(label_id, sae, latent) for latent, label_id in label_ids.items()],
            )

    def scores(self, sae: str) -> dict[int, dict[str, LabelScore]]:
        """What scorers say of the labels in force of an SAE: {latent: {scorer: score}}."""
        rows = self._database.rows(
            "SELECT l.latent, s.scorer, s.score, s.low, s.high, s.documents FROM labels l "
            "JOIN label_scores s ON s.label_id = l.id WHERE l.sae = ? AND l.is_current = 1 "
            "ORDER BY l.latent, s.scorer",
            (sae,),
        )
        found: dict[int, dict[str, LabelScore]] = {}
        for latent, *score in rows:
            found.setdefault(latent, {})[score[0]] = LabelScore(*score)
        return found

    def shown_scores(self, sae: str) -> dict[int, LabelScore]:
        """What `shown_score` chooses of `scores`, by latent; a third of the time for 100,000."""
        order = " ".join(f"WHEN ? THEN '{place}'" for place in range(len(PREFERRED)))
        rows = self._database.rows(
            "SELECT l.latent, s.scorer, s.score, s.low, s.high, s.documents, "
            # The other columns are those of the row that has the smallest.
            f"min(CASE s.scorer {order} ELSE '{len(PREFERRED)}' || s.scorer END) FROM labels l "
            "JOIN label_scores s ON s.label_id = l.id WHERE l.sae = ? AND l.is_current = 1 "
            "GROUP BY l.latent",
            (*PREFERRED, sae),
        )
        with _no_collections():
            return {latent: LabelScore(*score) for latent, *score, _ in rows}

    def scores_by(self, sae: str, scorer: str) -> dict[int, LabelScore]:
        """What one scorer says of the labels in force of an SAE, by latent."""
        rows = self._database.rows(
            "SELECT l.latent, s.scorer, s.score, s.low, s.high, s.documents FROM labels l "
            "JOIN label_scores s ON s.label_id = l.id AND s.scorer = ? "
            "WHERE l.sae = ? AND l.is_current = 1",
            (scorer, sae),
        )
        return {latent: LabelScore(*score) for latent, *score in rows}

    def scores_of(self, label_id: int) -> dict[str, LabelScore]:
        """What scorers say of one label of the history."""
        rows = self._database.rows(
            "SELECT scorer, score, low, high, documents FROM label_scores WHERE label_id = ? "
            "ORDER BY scorer",
            (label_id,),
        )
        return {row[0]: LabelScore(*row) for row in rows}

    def put_scores(
        self,
        scores: Iterable[tuple[int, LabelScore]],
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep (label id, score) pairs in one transaction; one of the same scorer is replaced.

        details: how they were made, the same for all; anything JSON can say.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        said = json.dumps(dict(details or {}), ensure_ascii=False)
        rows = [(i, s.scorer, s.score, s.low, s.high, s.documents, said, now) for i, s in scores]
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO label_scores (label_id, scorer, score, low, high, "
                "documents, details, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def remove_scores(self, label_ids: Iterable[int], scorer: str) -> None:
        """Forget what a scorer said of these labels, in one transaction."""
        with self._database.writing() as connection:
            connection.executemany(
                "DELETE FROM label_scores WHERE label_id = ? AND scorer = ?",
                [(label_id, scorer) for label_id in label_ids],
            )

    def starred(self, sae: str) -> set[int]:
        """The starred latents of an SAE."""
        rows = self._database.rows(
            "SELECT latent FROM feature_marks WHERE sae = ? AND starred = 1", (sae,)
        )
        return {row[0] for row in rows}

    def set_star(self, sae: str, latent: int, starred: bool) -> None:
        """Star a latent, or take the star away."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO feature_marks (sae, latent, starred) VALUES (?, ?, ?) "
                "ON CONFLICT (sae, latent) DO UPDATE SET starred = excluded.starred",
                (sae, latent, int(starred)),
            )


def _label(row: tuple[Any, ...]) -> FeatureLabel:
    latent, text, source, author, created, details, id_ = row
    return FeatureLabel(latent, text, source, author, created, _StoredDetails(details), id_)


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """Making 100,000 objects sets off garbage collections that find nothing in half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _StoredDetails(Mapping[str, Any]):
    """Details as they are stored, read when somebody asks: reading 100,000 takes half a second."""

    __slots__ = ("_content", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._content: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        if self._content is None:
            self._content = dict(json.loads(self._text))
        return self._content

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr(self._read())
