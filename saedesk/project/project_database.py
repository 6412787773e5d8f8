"""`documents.sqlite`: one connection for each thread, guarded against foreign content."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from saedesk.errors import DamagedArtifact, KnownError, OutOfRoom, ProjectProblem
from saedesk.project.database_versions import (
    APPLICATION_ID,
    DATABASE_VERSION,
    create_tables,
    migrate,
    show_as_current,
)

DATABASE_NAME = "documents.sqlite"
CLOSED = "The project was closed."


class ProjectDatabase:
    """Hands every thread its own connection to the project's SQLite file."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self._of_thread: dict[int, sqlite3.Connection] = {}
        """By the number of the thread, not in a `threading.local`: of a thread that is not
        Python's own, such as a lane, that is forgotten at the end of each task."""
        self._guard = threading.Lock()
        self._closed = False

    @classmethod
    def create(cls, path: Path) -> ProjectDatabase:
        """A new, empty database."""
        database = cls(path)
        connection = database._connect()
        connection.execute("PRAGMA journal_mode=WAL")
        create_tables(connection)
        return database

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> ProjectDatabase:
        """An existing database; raises ProjectProblem, DamagedArtifact or OutOfRoom.

        One of an older version is copied beside itself and brought to today's version; read-only
        it stays as it is, and what is new reads as empty.
        """
        if not path.is_file():
            raise DamagedArtifact(f"{path} is missing. Restore it from a backup.")
        database = cls(path, read_only=read_only)
        try:
            version = database._check_identity()
            if version < DATABASE_VERSION and not read_only:
                database._migrate(version)
        except sqlite3.DatabaseError as error:
            database.close()
            raise DamagedArtifact(
                f"{path} cannot be read ({error}). Restore it from a backup."
            ) from error
        except KnownError:
            database.close()
            raise
        return database

    def _migrate(self, version: int) -> None:
        try:
            migrate(self.connection(), self.path, version)
        except sqlite3.OperationalError as error:
            raise _in_plain_words(error, self.path) from error

    def _check_identity(self) -> int:
        connection = self.connection()
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise ProjectProblem(f"{self.path} is not a database of saedesk. It was not opened.")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > DATABASE_VERSION:
            raise ProjectProblem(
                f"{self.path} was written by a newer saedesk. Install it; nothing was changed."
            )
        foreign = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1"
        ).fetchone()
        if foreign is not None:
            raise ProjectProblem(
                f"{self.path} contains a trigger or view ({foreign[0]}) that saedesk never writes. "
                "It was not opened."
            )
        return int(version)

    def connection(self) -> sqlite3.Connection:
        """The connection of the calling thread."""
        connection = self._of_thread.get(threading.get_ident())
        return self._connect() if connection is None else connection

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; raises DamagedArtifact when the file is not what was written."""
        connection = self.connection()
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise _in_plain_words(error, self.path) from error
        except sqlite3.DatabaseError as error:
            raise DamagedArtifact(
                f"{self.path} is damaged ({error}). Restore it from a backup."
            ) from error

    def pieces(
        self, sql: str, parameters: Sequence[Any] = (), at_once: int = 10_000
    ) -> Generator[list[tuple[Any, ...]], None, None]:
        """The rows of a query in lists of `at_once`, for many rows; raises as `rows` does.

        Rows that are gone before the next ones come set off no garbage collection.
        """
        try:
            cursor = self.connection().execute(sql, parameters)
            while piece := cursor.fetchmany(at_once):
                yield piece
        except sqlite3.OperationalError as error:
            raise _in_plain_words(error, self.path) from error
        except sqlite3.DatabaseError as error:
            raise DamagedArtifact(
                f"{self.path} is damaged ({error}). Restore it from a backup."
            ) from error

    def _connect(self) -> sqlite3.Connection:
        if self._closed:
            raise ProjectProblem(CLOSED)
        if self.read_only:
            connection = self._connect_read_only()
        else:
            connection = sqlite3.connect(
                self.path, timeout=10, isolation_level=None, check_same_thread=False
            )
            # FULL: a label typed before a power cut is still there after it.
            connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA foreign_keys=ON")
        with self._guard:
            # Closed meanwhile: nobody would close this one, and its file would stay open.
            is_late = self._closed
            if not is_late:
                self._of_thread[threading.get_ident()] = connection
        if is_late:
            connection.close()
            raise ProjectProblem(CLOSED)
        return connection

    def _connect_read_only(self) -> sqlite3.Connection:
        uri = self.path.resolve().as_uri()
        log = self.path.with_name(f"{self.path.name}-wal")
        for options in ("mode=ro", "immutable=1"):
            # A database in a folder that cannot be written needs the second form, which passes
            # over the log; with something in the log that would show an older project.
            if options == "immutable=1" and log.exists() and log.stat().st_size:
                break
            connection = sqlite3.connect(
                f"{uri}?{options}", uri=True, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.OperationalError:
                connection.close()
            else:
                show_as_current(connection, connection.execute("PRAGMA user_version").fetchone()[0])
                return connection
        raise ProjectProblem(
            f"{self.path} cannot be opened for reading. Copy the project to a folder that can be "
            "written and open it there."
        )

    def wait_for_writers(self, milliseconds: int) -> None:
        """How long writes of the calling thread wait while another one, such as an import, writes.

        A window's own thread must not wait long.
        """
        if not self.read_only:
            self.connection().execute(f"PRAGMA busy_timeout={int(milliseconds)}")

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or nothing."""
        if self.read_only:
            raise ProjectProblem(
                "The project is open read-only, so nothing can be changed in this window."
            )
        connection = self.connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            _roll_back(connection)
            raise _in_plain_words(error, self.path) from error
        except BaseException:
            _roll_back(connection)
            raise

    def close(self) -> None:
        """Close the connections of all threads; nothing may be running any more."""
        with self._guard:
            self._closed = True
            for connection in self._of_thread.values():
                connection.close()
            self._of_thread.clear()


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _in_plain_words(error: sqlite3.OperationalError, path: Path) -> Exception:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return OutOfRoom(f"Writing to {path} failed ({text}). Nothing was changed; make room.")
    if "locked" in text:
        return ProjectProblem(
            f"{path.parent.name} is being written just now, by an import or another program. "
            "Nothing was changed; try again when that is finished."
        )
    return error
