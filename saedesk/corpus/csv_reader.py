"""CSV and TSV: the standard library's parser, strict, on decoded lines of bounded length."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from saedesk.corpus.column_names import visible_column_names
from saedesk.corpus.csv_delimiter import guess_delimiter
from saedesk.corpus.csv_quotes import (
    BoundedLines,
    LineTooLong,
    line_end_of_first_row,
    line_where_quote_opened,
    skip_record,
)
from saedesk.corpus.input_file import SAMPLE_BYTES, InputFile
from saedesk.corpus.table_reader import (
    MAX_CELL_CHARACTERS,
    MAX_ROW_CHARACTERS,
    RejectedRow,
    TableForm,
    TableFormat,
    TableRow,
    beginning_of,
)
from saedesk.corpus.text_encoding import find_encoding, not_in_encoding, open_text
from saedesk.errors import BadInput, BadSetting

_TOO_LONG = (
    f"One cell has more than {MAX_CELL_CHARACTERS:,} characters "
    f"or the row more than {MAX_ROW_CHARACTERS:,}."
)

CellPicker = Callable[[Sequence[str]], Sequence[str]]


class CsvTable:
    """One CSV or TSV file, the first row of which names the columns."""

    def __init__(self, path: Path, encoding: str | None, delimiter: str | None) -> None:
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
            raise BadSetting("The delimiter must be one character, such as a comma or a tab.")
        self._file = InputFile(path)
        self._encoding = encoding
        self._delimiter = delimiter
        self.size_bytes = self._file.size_bytes
        self._line_end = "\n"
        csv.field_size_limit(MAX_CELL_CHARACTERS)

    @property
    def bytes_done(self) -> int:
        """How far reading is, in bytes on disk."""
        return self._file.bytes_done

    def check_unchanged(self) -> None:
        """Raise BadInput when the file changed since it was opened."""
        self._file.check_unchanged()

    def form(self, *, check_everything: bool) -> TableForm:
        """Encoding, delimiter and columns; raises BadInput for a file without rows."""
        if not self.size_bytes:
            raise BadInput(f"{self._file.path.name} is empty: there are no rows.")
        encoding = find_encoding(self._file, self._encoding, check_everything=check_everything)
        sample = self._sample(encoding.name)
        delimiter = self._delimiter or self._guess_delimiter(sample)
        self._line_end = line_end_of_first_row(sample, delimiter)
        header = self._header(encoding.name, delimiter)
        columns, notes = visible_column_names(header)
        if any(_is_number(name) for name in header):
            notes += ("The first row, which holds numbers, is taken as the names of the columns.",)
        kind = "TSV" if delimiter == "\t" else "CSV"
        return TableForm(kind, encoding.name, encoding.is_certain, delimiter, columns, notes)

    def _guess_delimiter(self, sample: str) -> str:
        return "\t" if self._file.ending in (".tsv", ".tab") else guess_delimiter(sample)

    def _sample(self, encoding: str) -> str:
        with open_text(self._file, encoding, "") as text:
            try:
                return text.read(SAMPLE_BYTES)
            except UnicodeDecodeError as problem:
                raise not_in_encoding(self._file, 0, problem) from problem

    def _header(self, encoding: str, delimiter: str) -> list[str]:
        with open_text(self._file, encoding, self._line_end) as text:
            lines = BoundedLines(text, MAX_ROW_CHARACTERS)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            try:
                header = next((row for row in reader if row), None)
            except (csv.Error, LineTooLong) as problem:
                raise BadInput(
                    f"The names of the columns in line 1 of {self._file.path.name} cannot be read: "
                    "a quote is not closed, or the line is too long."
                ) from problem
            except UnicodeDecodeError as problem:
                raise not_in_encoding(self._file, lines.number, problem) from problem
        if header is None:
            raise BadInput(f"{self._file.path.name} is empty: there are no rows.")
        return header

    def rows(self, form: TableForm, columns: Sequence[str]) -> Iterator[TableRow | RejectedRow]:
        """Every row after the header; raises BadInput for a quote that is never closed."""
        assert form.encoding is not None
        assert form.delimiter is not None
        with open_text(self._file, form.encoding, self._line_end) as text:
            lines = BoundedLines(text, MAX_ROW_CHARACTERS)
            try:
                yield from self._parse(lines, form, columns)
            except UnicodeDecodeError as problem:
                raise not_in_encoding(self._file, lines.number, problem) from problem

    def _parse(
        self, lines: BoundedLines, form: TableForm, columns: Sequence[str]
    ) -> Iterator[TableRow | RejectedRow]:
        width = len(form.columns)
        pick = _cell_picker(form.columns, columns)
        reader = csv.reader(lines, delimiter=form.delimiter or ",", strict=True)
        header_seen = False
        while True:
            first = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, LineTooLong) as problem:
                yield self._rejected(problem, lines, first, form)
                continue
            if not cells:
                continue
            if not header_seen:
                header_seen = True
            elif len(cells) == width:
                yield first, (cells if pick is None else pick(cells))
            else:
                yield self._ragged(cells, width, first, pick, form)

    def _ragged(
        self, cells: list[str], width: int, first: int, pick: CellPicker | None, form: TableForm
    ) -> TableRow | RejectedRow:
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]  # spreadsheets end rows with empty cells: nothing is lost
            return first, (cells if pick is None else pick(cells))
        cell_word = "cell" if len(cells) == 1 else "cells"
        reason = f"The row has {len(cells)} {cell_word}; the first line names {width}."
        beginning = (form.delimiter or ",").join(cells[: width + 1])
        return RejectedRow(self._file.path, first, reason, beginning_of(beginning))

    def _rejected(
        self, problem: Exception, lines: BoundedLines, first: int, form: TableForm
    ) -> RejectedRow:
        """Why the row that begins in line `first` is left out; the reader goes on after it."""
        delimiter = form.delimiter or ","
        inside = lines.number > first
        if lines.ended:
            raise self._unclosed(form, first, None)
        if isinstance(problem, LineTooLong) or "limit" in str(problem):
            beginning = "" if inside else beginning_of(lines.current)
            if not skip_record(lines, delimiter, inside=inside):
                raise self._unclosed(form, first, None)
            return RejectedRow(self._file.path, first, _TOO_LONG, beginning)
        if inside and _is_row(lines.current, delimiter, len(form.columns)):
            raise self._unclosed(form, first, lines.number - 1)
        reason = "A quote inside a quoted cell is not doubled."
        if "new-line" in str(problem):
            reason = "A line break inside a cell is not in quotes."
        return RejectedRow(self._file.path, first, reason, beginning_of(lines.current))

    def _unclosed(self, form: TableForm, first: int, last: int | None) -> BadInput:
        with open_text(self._file, form.encoding or "utf-8", self._line_end) as text:
            line = line_where_quote_opened(text, form.delimiter or ",", first, last)
        return BadInput(
            f"{self._file.path.name}: the quote that opens in line {line} is never closed; "
            "nothing was imported. Close or remove it."
        )


def _cell_picker(names: Sequence[str], wanted: Sequence[str]) -> CellPicker | None:
    """A function from a row to the cells wanted; None when that is the whole row."""
    if tuple(names) == tuple(wanted):
        return None
    positions = [names.index(name) for name in wanted]
    if len(positions) == 1:
        only = positions[0]
        return lambda cells: (cells[only],)
    return itemgetter(*positions) if positions else lambda cells: ()


def _is_row(line: str, delimiter: str, width: int) -> bool:
    """Whether `line` is a whole row by itself, so that the quote before it was left open."""
    try:
        return len(next(csv.reader([line], delimiter=delimiter, strict=True), [])) == width
    except csv.Error:
        return False


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


CSV_FORMAT = TableFormat(
    "csv",
    (".csv", ".tsv", ".tab"),
    lambda path, ending, sample: False,
    CsvTable,
)
