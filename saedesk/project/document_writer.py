"""Adding documents: one import is one transaction, so it is there whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from saedesk.corpus.document import Document, FieldDefinition, FieldType, text_to_embed
from saedesk.embedding.text_hashes import text_hash
from saedesk.errors import BadInput
from saedesk.project.project_database import ProjectDatabase

_SQL_TYPES = {
    FieldType.NUMBER: "REAL",
    FieldType.LATITUDE: "REAL",
    FieldType.LONGITUDE: "REAL",
}
MOST_REJECTED_ROWS_KEPT = 10_000


@dataclass(frozen=True)
class ImportRecord:
    """What one import brought and what it left out; the numbers add up."""

    source: str
    """The file or folder, by name."""
    read: int
    """Rows read: kept + rejected + duplicates."""
    kept: int
    rejected: int
    duplicates: int
    """Rows left out because their key was there already (only where a person chose that)."""
    empty_texts: int
    """Documents kept whose text is blank."""
    replaced_characters: int = 0
    """NUL and lone surrogates replaced by U+FFFD."""
    unreadable_values: dict[str, int] = field(default_factory=dict)
    """By field: cells that were no number or date, stored as no value."""
    encoding: str | None = None
    delimiter: str | None = None
    size_bytes: int = 0
    created: str = ""
    """ISO time, UTC."""


@dataclass(frozen=True)
class StoredRejectedRow:
    """A row that an import set aside."""

    file: str
    line: int
    reason: str
    beginning: str


class DocumentWriter:
    """Adds documents inside one open transaction (made by `writing_documents`)."""

    def __init__(self, connection: sqlite3.Connection, fields: Sequence[FieldDefinition]) -> None:
        self._connection = connection
        self._columns = _field_columns(connection, fields)
        self._next_id = 1 + int(
            connection.execute("SELECT ifnull(max(id), 0) FROM documents").fetchone()[0]
        )
        row = connection.execute("SELECT value FROM corpus_state WHERE name='hash'").fetchone()
        self._hash = "" if row is None else str(row[0])
        names = list(self._columns)
        marks = ",".join("?" * (len(names) + 1))
        columns = ",".join(["document_id", *(self._columns[name] for name in names)])
        self._field_names = names
        self._insert_fields = f"INSERT INTO document_fields ({columns}) VALUES ({marks})"

    def add(self, document: Document) -> bool:
        """Add a document; False, and nothing added, when its key is there already."""
        joined = text_to_embed(document.title, document.text)
        hash_of_text = text_hash(joined) if joined else None
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO documents (id, key, title, text, words, text_hash) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                self._next_id,
                document.key,
                document.title,
                document.text,
                len(joined.split()),
                hash_of_text,
            ),
        )
        if cursor.rowcount == 0:
            return False
        self._connection.execute(
            self._insert_fields,
            [self._next_id, *(document.fields.get(name) for name in self._field_names)],
        )
        self._connection.execute(
            "INSERT INTO documents_fts (rowid, title, text) VALUES (?, ?, ?)",
            (self._next_id, document.title, document.text),
        )
        self._hash = next_corpus_hash(self._hash, document.key, hash_of_text)
        self._next_id += 1
        return True

    def finish(
        self, source_hash: str, record: ImportRecord, rejected: Sequence[StoredRejectedRow]
    ) -> ImportRecord:
        """Store the record of the import and the new state of the corpus; returns the record."""
        self._connection.execute(
            "INSERT OR REPLACE INTO corpus_state (name, value) VALUES ('hash', ?)", (self._hash,)
        )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        record = replace(record, created=now)
        cursor = self._connection.execute(
            "INSERT INTO imports (source_hash, created, report) VALUES (?, ?, ?)",
            (source_hash, now, json.dumps(asdict(record))),
        )
        self._connection.executemany(
            "INSERT INTO rejected_rows VALUES (?, ?, ?, ?, ?)",
            [(cursor.lastrowid, r.file, r.line, r.reason, r.beginning) for r in rejected],
        )
        return record


def next_corpus_hash(before: str, key: str, hash_of_text: bytes | None) -> str:
    """The hash of a corpus after one more document; "" is that of the empty corpus."""
    chained = f"{before}\0{key}\0".encode() + (hash_of_text or b"")
    return hashlib.sha256(chained).hexdigest()


@contextlib.contextmanager
def writing_documents(
    database: ProjectDatabase, fields: Sequence[FieldDefinition]
) -> Iterator[DocumentWriter]:
    """One import: everything added inside is kept together, or, after an error, not at all."""
    with database.writing() as connection:
        yield DocumentWriter(connection, fields)


def _field_columns(
    connection: sqlite3.Connection, fields: Sequence[FieldDefinition]
) -> dict[str, str]:
    known = {
        name: (position, type_)
        for position, name, type_ in connection.execute(
            "SELECT position, name, type FROM field_definitions"
        )
    }
    for definition in fields:
        if definition.name not in known:
            position = len(known)
            sql_type = _SQL_TYPES.get(definition.type, "TEXT")
            connection.execute(f"ALTER TABLE document_fields ADD COLUMN f{position} {sql_type}")
            connection.execute(
                "INSERT INTO field_definitions VALUES (?, ?, ?)",
                (position, definition.name, definition.type.value),
            )
            known[definition.name] = (position, definition.type.value)
        elif known[definition.name][1] != definition.type.value:
            raise BadInput(
                f"The field “{definition.name}” is of type {known[definition.name][1]} in this "
                f"project and {definition.type.value} in the file. Choose the same type."
            )
    return {definition.name: f"f{known[definition.name][0]}" for definition in fields}


def find_import(database: ProjectDatabase, source_hash: str) -> ImportRecord | None:
    """The record of an earlier import of the very same file with the same settings, or None."""
    rows = database.rows("SELECT report FROM imports WHERE source_hash = ?", (source_hash,))
    return ImportRecord(**_known(json.loads(rows[0][0]))) if rows else None


def import_records(database: ProjectDatabase) -> list[ImportRecord]:
    """All imports of the project, oldest first."""
    rows = database.rows("SELECT report FROM imports ORDER BY id")
    return [ImportRecord(**_known(json.loads(row[0]))) for row in rows]


def _known(content: dict[str, Any]) -> dict[str, Any]:
    return {key: content[key] for key in ImportRecord.__dataclass_fields__ if key in content}


def rejected_rows(database: ProjectDatabase) -> list[StoredRejectedRow]:
    """Rows set aside by the imports of the project, at most MOST_REJECTED_ROWS_KEPT for each."""
    rows = database.rows(
        "SELECT file, line, reason, beginning FROM rejected_rows ORDER BY import_id, file, line"
    )
    return [StoredRejectedRow(*row) for row in rows]
