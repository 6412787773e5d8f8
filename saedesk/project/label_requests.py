"""Everything a language model was asked about features, and what it answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

from saedesk.project.project_database import ProjectDatabase

LABEL = "label"
DETECTION = "detection"

_COLUMNS = (
    "sae, latent, kind, model, endpoint, prompt, answer, problem, tokens_in, tokens_out, label_id, "
    "created, id"
)


@dataclass(frozen=True)
class StoredRequest:
    """One request to a language model; never with a key."""

    sae: str
    latent: int
    kind: str
    """"label" or "detection"."""
    model: str
    endpoint: str
    """Address of the server."""
    prompt: str
    answer: str = ""
    problem: str = ""
    """Why the answer was not used; "" where it was."""
    tokens_in: int = 0
    tokens_out: int = 0
    label_id: int | None = None
    """The label that came of it, or that was judged."""
    created: str = ""
    """ISO time, UTC."""
    id: int = 0
    """0 before it is stored."""


class LabelRequestStore:
    """The requests of a project's features, in its database."""

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database

    def add(self, requests: Sequence[StoredRequest]) -> list[int]:
        """Keep requests in one transaction; returns their numbers."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        ids: list[int] = []
        with self._database.writing() as connection:
            for request in requests:
                *values, created, _ = astuple(request)
                cursor = connection.execute(
                    f"INSERT INTO label_requests ({_COLUMNS.removesuffix(', id')}) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*values, created or now),
                )
                ids.append(int(cursor.lastrowid or 0))
        return ids

    def name_label(self, request_id: int, label_id: int) -> None:
        """Say which label came of a request."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE label_requests SET label_id = ? WHERE id = ?", (label_id, request_id)
            )

    def name_problem(self, request_id: int, problem: str) -> None:
        """Say why the answer to a request was not used."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE label_requests SET problem = ? WHERE id = ?", (problem, request_id)
            )

    def labelled(self, sae: str, model: str, prompt_version: str) -> set[int]:
        """Latents that a model has given a label, in force or not, with a version of the prompt."""
        rows = self._database.rows(
            "SELECT DISTINCT r.latent FROM label_requests r JOIN labels l ON l.id = r.label_id "
            "WHERE r.sae = ? AND r.kind = ? AND r.model = ? "
            "AND json_extract(l.details, '$.prompt') = ?",
            (sae, LABEL, model, prompt_version),
        )
        return {row[0] for row in rows}

    def of_latent(self, sae: str, latent: int) -> list[StoredRequest]:
        """All requests about a feature, newest first."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM label_requests WHERE sae = ? AND latent = ? ORDER BY id DESC",
            (sae, latent),
        )
        return [StoredRequest(*row) for row in rows]

    def tokens(self, sae: str) -> tuple[int, int]:
        """Tokens read and written by models for an SAE's features so far."""
        rows = self._database.rows(
            "SELECT coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0) "
            "FROM label_requests WHERE sae = ?",
            (sae,),
        )
        return int(rows[0][0]), int(rows[0][1])
