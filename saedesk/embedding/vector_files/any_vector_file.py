"""Vectors from any file or folder whose format is known: which tables it holds, and opening one."""

from __future__ import annotations

from pathlib import Path

from saedesk.embedding.vector_files.vector_file import VectorFile, VectorFormat, VectorTable
from saedesk.errors import BadInput

__all__ = ["VectorFile", "VectorTable", "is_vector_file", "list_vector_tables", "open_vector_file"]

FORMATS: tuple[VectorFormat, ...] = ()


def is_vector_file(path: Path) -> bool:
    """Whether a file or folder looks as if it held vectors; cheap, for drops."""
    return any(one.recognises(Path(path)) for one in FORMATS)


def list_vector_tables(path: Path) -> tuple[VectorTable, ...]:
    """The matrices that a file or folder offers; raises BadInput with one sentence otherwise."""
    return _format_of(Path(path)).tables(Path(path))


def open_vector_file(path: Path, table: str = "") -> VectorFile:
    """Open the table called `table`, or the only one there is; raises BadInput."""
    path = Path(path)
    found = _format_of(path)
    tables = found.tables(path)
    named = [one for one in tables if one.name == table]
    if not table and len(tables) == 1:
        named = list(tables)
    if not named:
        there = ", ".join(f"“{one.name}”" for one in tables)
        said = f"no vectors called “{table}”" if table else "more than one table of vectors"
        raise BadInput(f"{path} has {said}. Choose one of {there}.")
    return found.open(path, named[0])


def _format_of(path: Path) -> VectorFormat:
    for one in FORMATS:
        if one.recognises(path):
            return one
    raise BadInput(f"{path} is no file of vectors that saedesk can read.")
