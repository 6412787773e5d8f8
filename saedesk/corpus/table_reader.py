"""What every reader of a file format gives: the form of the table, then its rows one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MAX_CELL_CHARACTERS = 16 * 1024 * 1024
"""A longer cell is no document; its row is rejected."""

MAX_ROW_CHARACTERS = 24 * 1024 * 1024
"""A longer line is not kept in memory; its row is rejected."""

SAMPLE_ROWS = 1_000
"""Rows looked at to name columns and guess their roles."""

BEGINNING_CHARACTERS = 80


@dataclass(frozen=True)
class RejectedRow:
    """A row that was left out, and why."""

    path: Path
    line: int
    """Line (or row, or file) number in the file, from 1."""
    reason: str
    """One sentence."""
    beginning: str
    """Its first 80 characters."""


@dataclass(frozen=True)
class TableForm:
    """What is known of a table before its rows are read."""

    kind: str
    """"CSV", "TSV", "JSON Lines", "Parquet", "Arrow", "text folder"."""
    encoding: str | None
    """None for formats that carry their own."""
    encoding_is_certain: bool
    delimiter: str | None
    """None for anything but CSV and TSV."""
    columns: tuple[str, ...]
    """Unique and not empty."""
    notes: tuple[str, ...] = ()
    """Sentences a person should see."""
    may_lack_columns: bool = False
    """True where a column may appear further down than the sample reaches (JSON)."""
    key_column: str | None = None
    """The column the format itself makes unique, such as the file name in a folder."""


TableRow = tuple[int, Sequence[str]]
"""Line number and the cells of the columns asked for."""


class TableReader(Protocol):
    """One opened input."""

    size_bytes: int

    def form(self, *, check_everything: bool) -> TableForm:
        """Encoding, delimiter, columns; with `check_everything` the encoding is made certain."""

    def rows(self, form: TableForm, columns: Sequence[str]) -> Iterator[TableRow | RejectedRow]:
        """Every row, with the cells of `columns` in that order, as text; "" where there is none."""

    @property
    def bytes_done(self) -> int:
        """How far reading is, in bytes on disk."""

    def check_unchanged(self) -> None:
        """Raise BadInput when the input changed since it was opened."""


@dataclass(frozen=True)
class TableFormat:
    """A file format: how to recognise it and how to open it."""

    name: str
    endings: tuple[str, ...]
    """Lower-case endings, with the dot, without ".gz"."""
    recognises: Callable[[Path, str, bytes], bool]
    """(path, ending, first bytes) -> is it this format for sure, whatever the ending."""
    open: Callable[[Path, str | None, str | None], TableReader]
    """(path, encoding, delimiter) -> reader."""


def beginning_of(text: str) -> str:
    """The first 80 characters, for a report."""
    return text[:BEGINNING_CHARACTERS].rstrip("\r\n")


def cell_too_long(length: int) -> str:
    """The reason for rejecting a row with a cell of `length` characters."""
    return f"One cell has {length:,} characters; {MAX_CELL_CHARACTERS:,} is the limit."
