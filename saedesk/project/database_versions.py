"""The tables of `documents.sqlite` and how a file of an older version becomes one of today's.

Version 1: documents, fields, imports, labels, stars. Version 2: scores of labels, hidden features,
notes and tags, what language models were asked, saved selections. Version 3: what people did to
families of features, saved searches and steering presets, the last searches.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from saedesk.errors import ProjectProblem
from saedesk.project.atomic_files import PARTIAL_PREFIX, disk_errors, require_room, sync_folder

APPLICATION_ID = 0x5AEDE5C
DATABASE_VERSION = 3

VERSION_1 = (
    """CREATE TABLE documents (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL,
    words INTEGER NOT NULL, text_hash BLOB)""",
    "CREATE TABLE document_fields (document_id INTEGER PRIMARY KEY REFERENCES documents(id))",
    """CREATE TABLE field_definitions (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL)""",
    """CREATE VIRTUAL TABLE documents_fts USING fts5(title, text, content='documents',
    content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')""",
    """CREATE TABLE imports (id INTEGER PRIMARY KEY, source_hash TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL, report TEXT NOT NULL)""",
    """CREATE TABLE rejected_rows (import_id INTEGER NOT NULL REFERENCES imports(id),
    file TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, beginning TEXT NOT NULL)""",
    "CREATE TABLE corpus_state (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE labels (id INTEGER PRIMARY KEY, sae TEXT NOT NULL, latent INTEGER NOT NULL,
    text TEXT NOT NULL, source TEXT NOT NULL, author TEXT NOT NULL, created TEXT NOT NULL,
    details TEXT NOT NULL, is_current INTEGER NOT NULL)""",
    "CREATE INDEX labels_by_latent ON labels (sae, latent)",
    """CREATE TABLE feature_marks (sae TEXT NOT NULL, latent INTEGER NOT NULL,
    starred INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (sae, latent))""",
)

_NEW_COLUMNS_OF_2 = (
    "ALTER TABLE feature_marks ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE feature_marks ADD COLUMN note TEXT NOT NULL DEFAULT ''",
)

_NEW_TABLES_OF_2 = {
    "label_scores": "(label_id INTEGER NOT NULL, scorer TEXT NOT NULL, score REAL NOT NULL, "
    "low REAL NOT NULL, high REAL NOT NULL, documents INTEGER NOT NULL, details TEXT NOT NULL, "
    "created TEXT NOT NULL, PRIMARY KEY (label_id, scorer))",
    "feature_tags": "(sae TEXT NOT NULL, latent INTEGER NOT NULL, tag TEXT NOT NULL, "
    "PRIMARY KEY (sae, latent, tag))",
    "label_requests": "(id INTEGER PRIMARY KEY, sae TEXT NOT NULL, latent INTEGER NOT NULL, "
    "label_id INTEGER, kind TEXT NOT NULL, model TEXT NOT NULL, endpoint TEXT NOT NULL, "
    "prompt TEXT NOT NULL, answer TEXT NOT NULL, problem TEXT NOT NULL, "
    "tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, created TEXT NOT NULL)",
    "saved_selections": "(id INTEGER PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, "
    "document_ids BLOB NOT NULL, origin TEXT NOT NULL)",
}

VERSION_2 = (
    *_NEW_COLUMNS_OF_2,
    *(f"CREATE TABLE {name} {columns}" for name, columns in _NEW_TABLES_OF_2.items()),
    "CREATE INDEX label_requests_by_latent ON label_requests (sae, latent)",
)

_NEW_TABLES_OF_3 = {
    "family_edits": "(sae TEXT NOT NULL, root INTEGER NOT NULL, name TEXT NOT NULL, "
    "pinned INTEGER NOT NULL, hidden INTEGER NOT NULL, reshaped INTEGER NOT NULL, "
    "merged_into INTEGER, family TEXT, changed TEXT NOT NULL, PRIMARY KEY (sae, root))",
    "saved_searches": "(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, "
    "sae TEXT NOT NULL, content TEXT NOT NULL, created TEXT NOT NULL, UNIQUE (kind, name))",
    "search_history": "(id INTEGER PRIMARY KEY, sae TEXT NOT NULL, content TEXT NOT NULL, "
    "asked TEXT NOT NULL)",
}

VERSION_3 = tuple(f"CREATE TABLE {name} {columns}" for name, columns in _NEW_TABLES_OF_3.items())

_STEPS = {1: VERSION_2, 2: VERSION_3}
"""What brings a database of a version to the next one."""


def create_tables(connection: sqlite3.Connection) -> None:
    """Make all tables of an empty database in one transaction."""
    statements = [*VERSION_1, *VERSION_2, *VERSION_3, f"PRAGMA application_id={APPLICATION_ID}"]
    _execute_all(connection, statements)


def migrate(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Bring a database of an older version to today's, all of it in one transaction.

    A copy of the old file is put beside it first, as `documents.version-1.sqlite`. Raises
    OutOfRoom before anything is changed where there is no room for the copy.
    """
    if version not in _STEPS:
        raise ProjectProblem(
            f"{path} has a version ({version}) that saedesk never wrote. It was not opened."
        )
    _copy_beside(connection, path, version)
    statements = [one for step in range(version, DATABASE_VERSION) for one in _STEPS[step]]
    _execute_all(connection, statements)


def show_as_current(connection: sqlite3.Connection, version: int) -> None:
    """Let a connection that cannot write read an older database as if it were of today.

    What is new is empty, in temporary tables and views of this connection.
    """
    if version < 2:
        connection.execute(
            "CREATE TEMP VIEW feature_marks AS SELECT sae, latent, starred, 0 AS hidden, "
            "'' AS note FROM main.feature_marks"
        )
    new = (_NEW_TABLES_OF_2 if version < 2 else {}) | (_NEW_TABLES_OF_3 if version < 3 else {})
    for name, columns in new.items():
        connection.execute(f"CREATE TEMP TABLE {name} {columns}")


def _execute_all(connection: sqlite3.Connection, statements: list[str]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={DATABASE_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _copy_beside(connection: sqlite3.Connection, path: Path, version: int) -> None:
    final = path.with_name(f"{path.stem}.version-{version}{path.suffix}")
    partial = path.with_name(f"{PARTIAL_PREFIX}{os.getpid()}-{final.name}")
    require_room(path.parent, path.stat().st_size)
    try:
        # SQLite's own copy also holds what is still in the log beside the file.
        with closing(sqlite3.connect(partial)) as copy:
            connection.backup(copy)
        with disk_errors(path.parent), partial.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(partial, final)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)
