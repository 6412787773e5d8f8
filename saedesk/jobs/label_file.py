"""A table of labels that comes from a file, row by row and checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from saedesk.corpus.readers import open_table
from saedesk.corpus.table_reader import RejectedRow
from saedesk.errors import BadInput
from saedesk.jobs.table_writers import safe_text
from saedesk.plain_table import one_line
from saedesk.project.feature_marks import LONGEST_TAG
from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON
from saedesk.task_control import Progress, TaskControl

LONGEST_LABEL = 200
"""Characters of a label."""
LONGEST_NOTE = 20_000
"""Characters of a note."""

_SOURCES = (PERSON, KEYWORDS, LANGUAGE_MODEL)
_OTHER_NAMES = {"source": "label_source", "author": "label_author"}
"""Columns of the table of all features, which can be read back too."""
_COLUMNS = ("feature", "label", "source", "author", "starred", "hidden", "note", "tags")
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")
_BETWEEN_TAGS = ";"
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class LabelRow:
    """What one row says of a feature; None or empty where it says nothing."""

    line: int
    feature: int
    label: str
    source: str
    author: str
    starred: bool | None
    hidden: bool | None
    note: str
    tags: frozenset[str]


def read_label_file(path: Path, control: TaskControl) -> list[LabelRow]:
    """The rows of a CSV, JSON Lines or Parquet file of labels.

    The column "feature" is needed; others may be missing. In CSV the apostrophe is taken away that
    keeps a spreadsheet from running a text as a formula. Raises BadInput, which names the line,
    for a cell that cannot be meant and for a feature that is named twice.
    """
    reader = open_table(path, None, None)
    form = reader.form(check_everything=True)
    at = _places(path, form.columns)
    is_guarded = form.delimiter is not None
    rows: list[LabelRow] = []
    seen: dict[int, int] = {}
    for item in reader.rows(form, [form.columns[place] for place in at.values()]):
        if isinstance(item, RejectedRow):
            raise BadInput(f"Line {item.line} of {path.name} cannot be read: {item.reason}")
        line, cells = item
        if len(rows) % _ROWS_AT_ONCE == 0:
            control.checkpoint()
            control.report(Progress(len(rows), None, "rows", f"Reading {path.name}"))
        texts = [_unguarded(cell) if is_guarded else cell for cell in cells]
        row = _Cells(path, line, dict(zip(at, texts, strict=True))).row()
        if row.feature in seen:
            raise BadInput(
                f"Lines {seen[row.feature]} and {line} of {path.name} both name feature "
                f"{row.feature}. Leave one of them."
            )
        seen[row.feature] = line
        rows.append(row)
    return rows


def tags_text(tags: frozenset[str]) -> str:
    """Tags in one cell, as they are read back: "one; two"."""
    return f"{_BETWEEN_TAGS} ".join(sorted(tags, key=str.casefold))


def _places(path: Path, columns: tuple[str, ...]) -> dict[str, int]:
    """Where the columns stand, by their names here."""
    names = [_unguarded(name).strip().casefold() for name in columns]
    at = {}
    for name in _COLUMNS:
        for known in (name, _OTHER_NAMES.get(name, name)):
            if known in names:
                at[name] = names.index(known)
                break
    if "feature" not in at:
        raise BadInput(
            f"{path.name} has no column “feature” with the numbers of the features. "
            f"Its columns are: {', '.join(columns[:10])}."
        )
    return at


def _unguarded(text: str) -> str:
    """The text that `safe_text` made safe."""
    return text[1:] if text.startswith("'") and safe_text(text[1:]) == text else text


class _Cells:
    """The cells of one row by the name of their column."""

    def __init__(self, path: Path, line: int, cells: dict[str, str]) -> None:
        self._path, self._line, self._cells = path, line, cells

    def row(self) -> LabelRow:
        return LabelRow(
            self._line,
            self._feature(),
            self._short("label", one_line(self._text("label")), LONGEST_LABEL),
            self._source(),
            self._text("author"),
            self._flag("starred"),
            self._flag("hidden"),
            self._short("note", self._text("note"), LONGEST_NOTE),
            frozenset(self._tags()),
        )

    def _text(self, name: str) -> str:
        return self._cells.get(name, "").strip()

    def _feature(self) -> int:
        text = self._text("feature").removeprefix("#")
        if not (text.isascii() and text.isdigit()):
            raise self._wrong("feature", text, "the number of a feature")
        return int(text)

    def _source(self) -> str:
        text = self._text("source").casefold()
        if text and text not in _SOURCES:
            raise self._wrong("source", text, "one of " + ", ".join(_SOURCES))
        return text or PERSON

    def _flag(self, name: str) -> bool | None:
        text = self._text(name).casefold()
        if text and text not in _TRUE + _FALSE:
            raise self._wrong(name, text, "true or false")
        return None if not text else text in _TRUE

    def _tags(self) -> Iterator[str]:
        for part in self._text("tags").split(_BETWEEN_TAGS):
            if tag := one_line(part):
                yield self._short("tags", tag, LONGEST_TAG)

    def _short(self, name: str, text: str, most: int) -> str:
        if len(text) > most:
            raise BadInput(
                f"Line {self._line} of {self._path.name}: the column {name} has a text of "
                f"{len(text):,} characters; {most:,} is the most."
            )
        return text

    def _wrong(self, name: str, text: str, wanted: str) -> BadInput:
        return BadInput(
            f"Line {self._line} of {self._path.name}: “{text[:40]}” in the column {name} is not "
            f"{wanted}."
        )
