"""JSON Lines, and a JSON array of objects read one element at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from saedesk.corpus.cell_text import WrittenNumber, cell_text
from saedesk.corpus.csv_quotes import BoundedLines, LineTooLong
from saedesk.corpus.input_file import InputFile
from saedesk.corpus.table_reader import (
    MAX_CELL_CHARACTERS,
    MAX_ROW_CHARACTERS,
    SAMPLE_ROWS,
    RejectedRow,
    TableForm,
    TableFormat,
    TableRow,
    beginning_of,
    cell_too_long,
)
from saedesk.corpus.text_encoding import find_encoding, not_in_encoding, open_text
from saedesk.errors import BadInput

_FIRST_PIECE = 1 << 16
_DECODER = json.JSONDecoder(parse_float=WrittenNumber)
_NOT_AN_OBJECT = "The line is not an object with named values, such as {“text”: “…”}."
_TOO_DEEP = "The values are nested too deeply."


class JsonTable:
    """One file with an object in each line, or one array of objects."""

    def __init__(self, path: Path, encoding: str | None, delimiter: str | None) -> None:
        self._file = InputFile(path)
        self._encoding = encoding
        self.size_bytes = self._file.size_bytes

    @property
    def bytes_done(self) -> int:
        """How far reading is, in bytes on disk."""
        return self._file.bytes_done

    def check_unchanged(self) -> None:
        """Raise BadInput when the file changed since it was opened."""
        self._file.check_unchanged()

    def form(self, *, check_everything: bool) -> TableForm:
        """Encoding and columns, which are the names in the first 1,000 objects."""
        if not self.size_bytes:
            raise BadInput(f"{self._file.path.name} is empty: there are no rows.")
        encoding = find_encoding(self._file, self._encoding, check_everything=check_everything)
        names: dict[str, None] = {}
        count = 0
        seen = 0
        for _, record in islice(self._records(encoding.name), SAMPLE_ROWS):
            seen += 1
            if isinstance(record, dict):
                count += 1
                names.update(dict.fromkeys(record))
        if not seen:
            raise BadInput(f"{self._file.path.name} has no rows.")
        if not count:
            raise BadInput(
                f"{self._file.path.name} is not JSON Lines: none of its first {seen:,} lines "
                "is an object with named values."
            )
        notes = []
        if seen == SAMPLE_ROWS:
            notes.append(f"The columns are the names found in the first {SAMPLE_ROWS:,} rows.")
        if self._is_array(encoding.name):
            notes.append("The file is one JSON array; its elements are the rows.")
        return TableForm(
            "JSON Lines", encoding.name, encoding.is_certain, None, tuple(names), tuple(notes),
            may_lack_columns=True,
        )  # fmt: skip

    def rows(self, form: TableForm, columns: Sequence[str]) -> Iterator[TableRow | RejectedRow]:
        """Every object as a row; what is not an object, or broken, is rejected."""
        assert form.encoding is not None
        for line, record in self._records(form.encoding):
            if not isinstance(record, dict):
                yield record
                continue
            try:
                cells = [cell_text(record.get(column)) for column in columns]
            except RecursionError:
                yield RejectedRow(self._file.path, line, _TOO_DEEP, "")
                continue
            longest = max(map(len, cells), default=0)
            if longest > MAX_CELL_CHARACTERS:
                reason = cell_too_long(longest)
                yield RejectedRow(self._file.path, line, reason, beginning_of(cells[0]))
            else:
                yield line, cells

    def _is_array(self, encoding: str) -> bool:
        with open_text(self._file, encoding, "\n") as text:
            try:
                return text.read(_FIRST_PIECE).lstrip().startswith("[")
            except UnicodeDecodeError as problem:
                raise not_in_encoding(self._file, 0, problem) from problem

    def _records(self, encoding: str) -> Iterator[tuple[int, dict[str, object] | RejectedRow]]:
        if self._is_array(encoding):
            with open_text(self._file, encoding, "\n") as text:
                try:
                    yield from _ArrayElements(self._file.path, text).records()
                except UnicodeDecodeError as problem:
                    raise not_in_encoding(self._file, 0, problem) from problem
            return
        with open_text(self._file, encoding, "\n") as text:
            lines = BoundedLines(text, MAX_ROW_CHARACTERS)
            try:
                yield from self._line_records(lines)
            except UnicodeDecodeError as problem:
                raise not_in_encoding(self._file, lines.number, problem) from problem

    def _line_records(
        self, lines: BoundedLines
    ) -> Iterator[tuple[int, dict[str, object] | RejectedRow]]:
        while True:
            try:
                line = next(lines)
            except StopIteration:
                return
            except LineTooLong:
                number, beginning = lines.number, beginning_of(lines.current)
                _skip_line(lines)
                reason = f"The line has more than {MAX_ROW_CHARACTERS:,} characters."
                yield number, RejectedRow(self._file.path, number, reason, beginning)
                continue
            if line.isspace():
                continue
            found = _object_in(line)
            if isinstance(found, str):
                rejected = RejectedRow(self._file.path, lines.number, found, beginning_of(line))
                yield lines.number, rejected
            else:
                yield lines.number, found


def _skip_line(lines: BoundedLines) -> None:
    while not lines.current.endswith("\n") and lines.next_piece():
        pass


def _object_in(line: str) -> dict[str, object] | str:
    """The object a line holds, or the reason why it is rejected."""
    try:
        value = json.loads(line, parse_float=WrittenNumber)
    except RecursionError:
        return _TOO_DEEP
    except json.JSONDecodeError as problem:
        return f"The line is not complete JSON: {problem.msg} at character {problem.pos + 1}."
    except ValueError:
        return "The line holds a number with too many digits."
    return value if isinstance(value, dict) else _NOT_AN_OBJECT


class _ArrayElements:
    """The elements of a JSON array, with no more than one of them in memory."""

    def __init__(self, path: Path, text: TextIO) -> None:
        self._path = path
        self._text = text
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._row = 0

    def records(self) -> Iterator[tuple[int, dict[str, object] | RejectedRow]]:
        """Every element with its number from 1; raises BadInput where the array is broken."""
        self._expect("[")
        if self._next_character() == "]":
            return
        while True:
            self._row += 1
            value = self._element()
            if isinstance(value, dict):
                yield self._row, value
            else:
                reason = "The element is not an object with named values."
                beginning = beginning_of(cell_text(value))
                yield self._row, RejectedRow(self._path, self._row, reason, beginning)
            if self._next_character() == "]":
                self._at += 1
                if self._next_character():
                    raise self._broken("there is more text after the end of the array")
                return
            self._expect(",")

    def _element(self) -> object:
        self._next_character()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except RecursionError as problem:
                raise self._broken("its values are nested too deeply") from problem
            except ValueError as problem:
                if not self._more():
                    raise self._broken("the element is not complete JSON") from problem
                continue
            if end < len(self._buffer) or not self._more():
                self._at = end
                return value

    def _next_character(self) -> str:
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at].isspace():
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _expect(self, character: str) -> None:
        found = self._next_character()
        if found != character:
            raise self._broken(f"“{character}” is missing")
        self._at += 1

    def _more(self) -> bool:
        """Read on, twice as much each time so that a long element is not parsed too often."""
        kept = len(self._buffer) - self._at
        if self._ended or kept > MAX_ROW_CHARACTERS:
            return False
        piece = self._text.read(max(_FIRST_PIECE, kept))
        self._ended = not piece
        if piece:
            self._buffer = self._buffer[self._at :] + piece
            self._at = 0
        return bool(piece)

    def _broken(self, what: str) -> BadInput:
        return BadInput(
            f"{self._path.name} is a JSON array that breaks at element {max(self._row, 1):,}: "
            f"{what}; nothing was imported."
        )


def _is_json(path: Path, ending: str, sample: bytes) -> bool:
    start = b"".join(sample[:256].split())[:2]
    return ending not in (".csv", ".tsv", ".txt") and start in (b'{"', b"[{")


JSON_FORMAT = TableFormat("json lines", (".jsonl", ".ndjson", ".json"), _is_json, JsonTable)
