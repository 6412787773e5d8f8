"""JSON Lines with a list of numbers in every line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from saedesk.corpus.cell_text import cell_text
from saedesk.corpus.csv_quotes import BoundedLines, LineTooLong
from saedesk.corpus.input_file import InputFile
from saedesk.corpus.table_reader import MAX_ROW_CHARACTERS, SAMPLE_ROWS
from saedesk.corpus.text_encoding import find_encoding, not_in_encoding, open_text
from saedesk.embedding.vector_files.arrow_vectors import named, ragged_rows
from saedesk.embedding.vector_files.columns_beside import with_columns
from saedesk.embedding.vector_files.matrix_kinds import as_float32, refuse_other_sizes
from saedesk.embedding.vector_files.vector_file import (
    VectorChunk,
    VectorFormat,
    VectorTable,
    first_bytes,
    no_cells,
    rows_at_once,
)
from saedesk.errors import BadInput

_ENDINGS = (".jsonl", ".ndjson")
_FEWEST_NUMBERS = 2
_ROWS_GLANCED_AT = 20
"""A drop is judged by so few rows, as a line of vectors can be long."""
_NUMBERS = frozenset({int, float, type(None)})


class JsonLinesFile:
    """One name whose values are lists of numbers; the other names are columns."""

    def __init__(self, path: Path, table: VectorTable) -> None:
        self.path, self.table = path, table
        names = dict.fromkeys(
            name for record in islice(_records(path), SAMPLE_ROWS) for name in record
        )
        vectors = set(_vector_names(path))
        self.columns = tuple(name for name in names if name not in vectors)
        self.notes: tuple[str, ...] = ()

    def chunks(self) -> Iterator[VectorChunk]:
        """All rows in order; raises BadInput naming rows that hold something else."""
        records = _records(self.path)
        row, at_once = 0, rows_at_once(self.table.dimensions)
        while part := [record.get(self.table.name) for record in islice(records, at_once)]:
            yield self._chunk(part, row)
            row += len(part)

    def _chunk(self, part: list[Any], row: int) -> VectorChunk:
        what, dimensions = named(self.table.name, self.path), self.table.dimensions
        missing = np.array([value is None for value in part])
        values = np.zeros((len(part), dimensions), np.float32)
        for at, value in enumerate(part):
            if value is None:
                continue
            if not isinstance(value, list) or len(value) != dimensions:
                length = len(value) if isinstance(value, list) else 1
                raise ragged_rows(what, np.array([row + at]), length, dimensions)
            values[at] = _numbers(value, what, row + at)
        return VectorChunk(values, missing)

    def cells(self, columns: Sequence[str]) -> Iterator[Sequence[str]]:
        """Row by row; numbers as they are written."""
        if not columns:
            yield from no_cells(self.table.rows)
            return
        for record in _records(self.path, as_written=True):
            yield [cell_text(record.get(column)) for column in columns]

    def content_files(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)


def _numbers(value: list[Any], what: str, row: int) -> np.ndarray:
    """A list of numbers as float32; a null among them is NaN."""
    try:
        if any(isinstance(number, (str, bool, list, dict)) for number in value):
            raise TypeError
        return as_float32(np.array(value, np.float64))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput(
            f"The vectors of {what} are not all numbers: row {row + 1:,} holds something else."
        ) from error


def _tables(path: Path) -> tuple[VectorTable, ...]:
    found = _vector_names(path)
    if not found:
        raise BadInput(
            f"{path.name} has no lists of numbers under one name in each of its lines, such as "
            "{“id”: “a”, “embedding”: [0.1, −0.2]}."
        )
    rows = sum(1 for _ in _lines(path))
    tables = []
    for name, dimensions in found.items():
        refuse_other_sizes(f"The column {named(name, path)}", rows, dimensions)
        plain = VectorTable(name, rows, dimensions, "float32", (), False)
        file = JsonLinesFile(path, plain)
        tables.append(with_columns(plain, file.columns, file))
    return tuple(tables)


def _vector_names(path: Path, rows: int = SAMPLE_ROWS) -> dict[str, int]:
    """Names that are lists of numbers or null in the first lines, and the length of the first.

    Lists of whole numbers alone are years, tokens or ids.
    """
    lengths: dict[str, int] = {}
    with_fractions: set[str] = set()
    other: set[str] = set()
    for record in islice(_records(path), rows):
        for name, value in record.items():
            if value is None:
                continue
            if not isinstance(value, list) or not _NUMBERS.issuperset(map(type, value)):
                other.add(name)
                continue
            lengths.setdefault(name, len(value))
            if float in map(type, value):
                with_fractions.add(name)
    return {
        name: length
        for name, length in lengths.items()
        if name in with_fractions and name not in other and length >= _FEWEST_NUMBERS
    }


def _records(path: Path, *, as_written: bool = False) -> Iterator[dict[str, Any]]:
    """The object of every line; raises BadInput naming the line that holds none."""
    parse_float = str if as_written else float
    for number, line in _lines(path):
        try:
            record = json.loads(line, parse_float=parse_float)
        except (ValueError, RecursionError) as error:
            raise BadInput(
                f"Line {number:,} of {path.name} is not complete JSON. Nothing was imported."
            ) from error
        if not isinstance(record, dict):
            raise BadInput(
                f"Line {number:,} of {path.name} is not an object with named values, such as "
                "{“id”: “a”, “embedding”: [0.1, −0.2]}. Nothing was imported."
            )
        yield record


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Every line that is not blank, with its number from 1."""
    file = InputFile(path)
    encoding = find_encoding(file, None, check_everything=False).name
    with open_text(file, encoding, "\n") as text:
        lines = BoundedLines(text, MAX_ROW_CHARACTERS)
        try:
            for line in lines:
                if not line.isspace():
                    yield lines.number, line
        except LineTooLong as error:
            raise BadInput(
                f"Line {lines.number:,} of {path.name} has more than {MAX_ROW_CHARACTERS:,} "
                "characters. Each row has to be a line of its own."
            ) from error
        except UnicodeDecodeError as problem:
            raise not_in_encoding(file, lines.number, problem) from problem


def _is_json_lines(path: Path) -> bool:
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(_ENDINGS):
        return path.is_file()
    return name.endswith(".json") and first_bytes(path, 64).lstrip()[:1] == b"{"


JSON_LINES_FORMAT = VectorFormat(
    "JSON Lines",
    _is_json_lines,
    lambda path: bool(_vector_names(path, _ROWS_GLANCED_AT)),
    _tables,
    JsonLinesFile,
)
