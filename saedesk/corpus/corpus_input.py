"""From files to batches of documents: a preview for a person, then a stream for the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from saedesk.corpus.column_roles import guess_uses
from saedesk.corpus.document import ColumnRole, ColumnUse, Document
from saedesk.corpus.document_building import (
    CleaningCounts,
    DocumentBuilder,
    check_uses,
    field_definitions,
)
from saedesk.corpus.readers import open_table
from saedesk.corpus.table_reader import SAMPLE_ROWS, RejectedRow, TableForm, TableReader
from saedesk.errors import BadInput, BadSetting

__all__ = [
    "DocumentBatch",
    "InputPreview",
    "InputRequest",
    "RejectedRow",
    "field_definitions",
    "preview_input",
    "read_documents",
]

PREVIEW_ROWS = 50
PREVIEW_CELL_CHARACTERS = 300
_GUESS_CELL_CHARACTERS = 2_000
_BATCH_CHARACTERS = 8 * 1024 * 1024
"""A batch of very long documents is handed out before it has `batch_size` of them."""


@dataclass(frozen=True)
class InputPreview:
    """What a person sees of a file before it is imported."""

    path: Path
    kind: str
    """"CSV", "TSV", "JSON Lines", "Parquet", "Arrow", "text folder"."""
    size_bytes: int
    encoding: str | None
    """A codec name such as "utf-8", "cp1252", "utf-16-le"; None where the format has its own."""
    encoding_is_certain: bool
    """False: the file is not UTF-8, and a person must confirm `encoding`."""
    delimiter: str | None
    """None for anything but CSV and TSV."""
    columns: tuple[str, ...]
    """Unique and not empty: "name (2)", "column 3"."""
    rows: tuple[tuple[str, ...], ...]
    """The first 50 rows as text, each cell cut to 300 characters."""
    uses: tuple[ColumnUse, ...]
    """The guessed role of every column, in order."""
    notes: tuple[str, ...]
    """Sentences worth showing."""


@dataclass(frozen=True)
class InputRequest:
    """Which files to read, and what their columns are for."""

    paths: tuple[Path, ...]
    uses: tuple[ColumnUse, ...]
    """Columns not named here are ignored."""
    encoding: str | None = None
    """None: by its first bytes, else UTF-8; a file that is not then raises BadInput."""
    delimiter: str | None = None
    """None: guessed for each file."""


@dataclass(frozen=True)
class DocumentBatch:
    """Some documents in the order of the files, and what was left out or changed on the way."""

    documents: list[Document]
    lines: list[int]
    """Line (or row, or file) number of each document in its file, from 1."""
    rejected: list[RejectedRow]
    replaced_characters: int
    """NUL and lone surrogates that became U+FFFD."""
    unreadable_values: dict[str, int]
    """Field name -> cells that are not a number, date or coordinate and became None."""
    bytes_done: int
    """Bytes on disk read so far, over all files."""
    bytes_total: int


def preview_input(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None
) -> InputPreview:
    """Encoding, delimiter, columns, first rows and guessed roles of one file or folder.

    The whole file is read once where its encoding has to be made certain. Raises BadInput with
    a sentence for a path that cannot be read, is no table, or has no rows.
    """
    path = Path(path)
    reader = open_table(path, encoding, delimiter)
    form = reader.form(check_everything=True)
    rows: list[tuple[str, ...]] = []
    rejected: list[RejectedRow] = []
    for item in islice(reader.rows(form, form.columns), SAMPLE_ROWS):
        if isinstance(item, RejectedRow):
            rejected.append(item)
        else:
            rows.append(tuple(cell[:_GUESS_CELL_CHARACTERS] for cell in item[1]))
    if not rows and not rejected:
        raise BadInput(f"{path.name} names its columns but has no rows.")
    if not rows:
        raise BadInput(
            f"None of the first {len(rejected):,} rows of {path.name} can be used. "
            f"Line {rejected[0].line}: {rejected[0].reason}"
        )
    shown = tuple(
        tuple(cell[:PREVIEW_CELL_CHARACTERS] for cell in row) for row in rows[:PREVIEW_ROWS]
    )
    uses = guess_uses(form.columns, rows, form.key_column)
    return InputPreview(
        path, form.kind, reader.size_bytes, form.encoding, form.encoding_is_certain,
        form.delimiter, form.columns, shown, uses, form.notes + _preview_notes(form, rejected),
    )  # fmt: skip


def _preview_notes(form: TableForm, rejected: Sequence[RejectedRow]) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if not form.encoding_is_certain:
        notes += (
            f"The text is not UTF-8; {form.encoding} is a guess. "
            "Look at the rows and choose another encoding if letters are wrong.",
        )
    if rejected:
        first = rejected[0]
        notes += (
            f"{len(rejected):,} of the first rows cannot be used, the first in line "
            f"{first.line}: {first.reason}",
        )
    return notes


def read_documents(request: InputRequest, batch_size: int = 1000) -> Iterator[DocumentBatch]:
    """All documents of the files, in batches, with bounded memory.

    Rows that cannot be used are in `rejected` and stop nothing. Raises BadSetting for roles
    that make no sense, BadInput for a file that cannot be read to its end, that changed, or
    that lacks a column; what was handed out before must then be dropped by the caller.
    """
    check_uses(request.uses)
    if batch_size < 1:
        raise BadSetting(f"The batch size must be at least 1, not {batch_size}.")
    if not request.paths:
        raise BadInput("There is no file to import; choose at least one.")
    builder = DocumentBuilder(request.uses)
    readers = [
        open_table(Path(path), request.encoding, request.delimiter) for path in request.paths
    ]
    forms = [reader.form(check_everything=False) for reader in readers]
    for path, form in zip(request.paths, forms, strict=True):
        _check_columns(request, path, form)
    batch = _OpenBatch(builder, batch_size, sum(reader.size_bytes for reader in readers))
    names = _short_names(request.paths)
    for path, name, reader, form in zip(request.paths, names, readers, forms, strict=True):
        yield from _read_file(Path(path), name, reader, form, batch)
        reader.check_unchanged()
        batch.bytes_before += reader.size_bytes
    yield batch.take(0)


def _read_file(
    path: Path, name: str, reader: TableReader, form: TableForm, batch: _OpenBatch
) -> Iterator[DocumentBatch]:
    builder = batch.builder
    for row, item in enumerate(reader.rows(form, builder.columns), start=1):
        if isinstance(item, RejectedRow):
            batch.reject(item)
        else:
            line, cells = item
            document = builder.build(cells, f"{name}:{row}")
            if document is None:
                beginning = " ".join(cells)[:80]
                batch.reject(RejectedRow(path, line, "The row has no key.", beginning))
            else:
                batch.add(document, line)
        if batch.is_full:
            yield batch.take(reader.bytes_done)


class _OpenBatch:
    """The batch being filled."""

    def __init__(self, builder: DocumentBuilder, size: int, bytes_total: int) -> None:
        self.builder = builder
        self.bytes_before = 0
        """Bytes of the files that are done."""
        self._size = size
        self._bytes_total = bytes_total
        self._begin()

    def _begin(self) -> None:
        self._documents: list[Document] = []
        self._lines: list[int] = []
        self._rejected: list[RejectedRow] = []
        self._characters = 0

    @property
    def is_full(self) -> bool:
        count = len(self._documents) + len(self._rejected)
        return count >= self._size or self._characters >= _BATCH_CHARACTERS

    def add(self, document: Document, line: int) -> None:
        self._documents.append(document)
        self._lines.append(line)
        self._characters += len(document.text)

    def reject(self, row: RejectedRow) -> None:
        self._rejected.append(row)

    def take(self, bytes_done_in_file: int) -> DocumentBatch:
        counts: CleaningCounts = self.builder.take_counts()
        batch = DocumentBatch(
            self._documents, self._lines, self._rejected, counts.replaced_characters,
            counts.unreadable_values, self.bytes_before + bytes_done_in_file, self._bytes_total,
        )  # fmt: skip
        self._begin()
        return batch


def _check_columns(request: InputRequest, path: Path, form: TableForm) -> None:
    """Raise BadInput naming the columns `path` lacks.

    A JSON field may first appear far down, so there only key and text have to be in sight.
    """
    needed = [use for use in request.uses if use.role is not ColumnRole.IGNORE]
    if form.may_lack_columns:
        needed = [use for use in needed if use.role in (ColumnRole.KEY, ColumnRole.TEXT)]
    missing = [f"“{use.column}”" for use in needed if use.column not in form.columns]
    if missing:
        raise BadInput(
            f"{path.name} has no column {' and no column '.join(missing)}; "
            f"it has {', '.join(form.columns[:20])}."
        )


def _short_names(paths: Sequence[Path]) -> list[str]:
    """A name for the made-up keys of each file, never two alike.

    A single file has one too: rows of a second file without keys must not meet the same keys.
    """
    names: list[str] = []
    for path in paths:
        name = Path(path).name
        number = 2
        while name in names:
            name = f"{Path(path).name} ({number})"
            number += 1
        names.append(name)
    return names
