"""A file of vectors beside the documents that can be made again: deleting it costs time only.

It holds, for a text and an embedding model, the vectors of the text without each of its sentences.
They do not depend on an SAE, so another dictionary finds them here too. Not part of
`documents.sqlite` and no artifact: nothing refers to it, and it forgets the oldest beyond a size.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CACHE_NAME = "sentence_vectors.sqlite"
MOST_BYTES = 256 << 20
"""Of the file; some 30,000 abstracts with MiniLM."""
_FORGOTTEN_SHARE = 0.25
_TABLE = (
    "CREATE TABLE IF NOT EXISTS sentence_vectors (text_hash BLOB, model TEXT, version INTEGER, "
    "window_end INTEGER, places BLOB, count INTEGER, vectors BLOB, "
    "PRIMARY KEY (text_hash, model, version))"
)


@dataclass(frozen=True, eq=False)
class SentenceVectors:
    """The vectors of a text, whole and without each sentence that the model reads."""

    window_end: int
    """Characters of title, gap and text that the model reads."""
    places: np.ndarray
    """(n_sentences, 3) int32: whether in the title, first character, end. Kept with the vectors,
    so that they never meet sentences that were split in another way."""
    vectors: np.ndarray
    """(1 + n_read, d) float16; a row of zeros where nothing would be left."""


class SentenceVectorCache:
    """Reads and writes the file; one that cannot be read is begun anew, a full disk ignored."""

    def __init__(self, folder: Path, *, read_only: bool, most_bytes: int = MOST_BYTES) -> None:
        self._path = folder / CACHE_NAME
        self._read_only = read_only
        self._most_bytes = most_bytes

    def get(self, text_hash: bytes, model: str, version: int) -> SentenceVectors | None:
        """What was kept, or None."""
        if not self._path.is_file():
            return None
        try:
            with self._connected() as connection:
                row = connection.execute(
                    "SELECT window_end, places, count, vectors FROM sentence_vectors "
                    "WHERE text_hash = ? AND model = ? AND version = ?",
                    (text_hash, model, version),
                ).fetchone()
            if row is None:
                return None
            places = np.frombuffer(row[1], "<i4").reshape(-1, 3)
            vectors = np.frombuffer(row[3], "<f2").reshape(int(row[2]), -1)
            return SentenceVectors(int(row[0]), places, vectors)
        except (sqlite3.Error, ValueError, TypeError):
            self._begin_anew()
            return None

    def put(self, text_hash: bytes, model: str, version: int, found: SentenceVectors) -> None:
        """Keep vectors; does nothing in a project that is read-only."""
        if self._read_only:
            return
        key = (text_hash, model, version)
        vectors = np.ascontiguousarray(found.vectors, "<f2")
        places = np.ascontiguousarray(found.places, "<i4").tobytes()
        try:
            with self._connected() as connection:
                connection.execute(_TABLE)
                connection.execute(
                    "INSERT OR REPLACE INTO sentence_vectors VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*key, found.window_end, places, len(vectors), vectors.tobytes()),
                )
                self._forget_oldest(connection)
                connection.commit()
        except sqlite3.OperationalError:
            # A full disk or a file that another program holds: it is made again next time.
            return
        except sqlite3.DatabaseError:
            self._begin_anew()

    def _forget_oldest(self, connection: sqlite3.Connection) -> None:
        size, pages, free = (
            connection.execute(f"PRAGMA {what}").fetchone()[0]
            for what in ("page_size", "page_count", "freelist_count")
        )
        if size * (pages - free) > self._most_bytes:
            rows = connection.execute("SELECT count(*) FROM sentence_vectors").fetchone()[0]
            connection.execute(
                "DELETE FROM sentence_vectors WHERE rowid IN "
                "(SELECT rowid FROM sentence_vectors ORDER BY rowid LIMIT ?)",
                (max(1, int(rows * _FORGOTTEN_SHARE)),),
            )

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        # Opened for each use: it takes a fraction of a millisecond and no thread owns it.
        mode = "ro" if self._read_only else "rwc"
        address = f"{self._path.resolve().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=0.5)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            yield connection

    def _begin_anew(self) -> None:
        if self._read_only:
            return
        # With its journal, which would be rolled back into the new file.
        for path in (self._path, self._path.with_name(f"{CACHE_NAME}-journal")):
            with suppress(OSError):
                path.unlink(missing_ok=True)
