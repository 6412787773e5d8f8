"""A folder of .txt files, each of them one document; or one such file by itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from saedesk.corpus.input_file import InputFile, readable
from saedesk.corpus.table_reader import (
    MAX_CELL_CHARACTERS,
    RejectedRow,
    TableForm,
    TableFormat,
    TableRow,
)
from saedesk.corpus.text_encoding import encoding_by_first_bytes, known_encoding
from saedesk.errors import BadInput

FILE_COLUMN = "file"
TEXT_COLUMN = "text"
_CHECKED_FILES = 2_000


class TextFolder:
    """The .txt files below a folder in order of their names; hidden files are left out.

    Each file is UTF-16 or UTF-8 if it is valid; for all others `encoding` is needed.
    """

    def __init__(self, path: Path, encoding: str | None, delimiter: str | None) -> None:
        self._path = path
        self._encoding = known_encoding(encoding) if encoding is not None else None
        with readable(path):
            self._names = [path.name] if path.is_file() else sorted(_text_files(path))
            self._sizes = {name: os.stat(self._where(name)).st_size for name in self._names}
        if not self._names:
            raise BadInput(f"{path.name or path} holds no .txt files.")
        self.size_bytes = sum(self._sizes.values())
        self._bytes_done = 0

    @property
    def bytes_done(self) -> int:
        """How far reading is, in bytes on disk."""
        return self._bytes_done

    def check_unchanged(self) -> None:
        """Each file is checked as it is read; here only that the folder is still there."""
        with readable(self._path):
            os.stat(self._path)

    def form(self, *, check_everything: bool) -> TableForm:
        """Columns "file" and "text"; with `check_everything`, whether 2,000 files are UTF-8."""
        columns = (FILE_COLUMN, TEXT_COLUMN)
        encoding, certain = self._encoding or "utf-8", True
        notes = [f"Each of the {len(self._names):,} .txt files is one document."]
        if check_everything and self._encoding is None:
            odd = next((n for n in islice(self._names, _CHECKED_FILES) if self._is_odd(n)), None)
            if odd is not None:
                encoding, certain = "cp1252", False
                notes.append(f"{odd} is not UTF-8; files like it are read as {encoding}.")
        return TableForm(
            "text folder", encoding, certain, None, columns, tuple(notes), key_column=FILE_COLUMN
        )

    def rows(self, form: TableForm, columns: Sequence[str]) -> Iterator[TableRow | RejectedRow]:
        """One row for each file; raises BadInput for a file that is not UTF-8 without encoding."""
        for number, name in enumerate(self._names, start=1):
            text = self._read(name, number, self._encoding or form.encoding or "utf-8")
            self._bytes_done += self._sizes[name]
            if isinstance(text, RejectedRow):
                yield text
                continue
            cells = {FILE_COLUMN: Path(name).as_posix(), TEXT_COLUMN: text}
            yield number, [cells[column] for column in columns]

    def _where(self, name: str) -> Path:
        return self._path if self._path.is_file() else self._path / name

    def _is_odd(self, name: str) -> bool:
        try:
            return _encoding_of(self._content(InputFile(self._where(name)))) is None
        except BadInput:
            return False

    def _content(self, file: InputFile) -> bytes:
        with file.open_bytes() as stream:
            return stream.read(4 * MAX_CELL_CHARACTERS + 1)

    def _read(self, name: str, number: int, otherwise: str) -> str | RejectedRow:
        path = self._where(name)
        try:
            file = InputFile(path)
            content = self._content(file)
        except BadInput as problem:
            return RejectedRow(self._path, number, problem.sentence, name[:80])
        if len(content) > 4 * MAX_CELL_CHARACTERS:
            return self._too_long(number, name)
        encoding = _encoding_of(content) or otherwise
        try:
            text = content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as problem:
            raise BadInput(
                f"{path.name} is not {encoding}; choose its encoding (often cp1252 or latin-1)."
            ) from problem
        file.check_unchanged()
        return text if len(text) <= MAX_CELL_CHARACTERS else self._too_long(number, name)

    def _too_long(self, number: int, name: str) -> RejectedRow:
        reason = f"The file has more than {MAX_CELL_CHARACTERS:,} characters."
        return RejectedRow(self._path, number, reason, name[:80])


def _text_files(folder: Path) -> Iterator[str]:
    """Paths of regular .txt files relative to `folder`; links to folders are not followed."""
    for where, subfolders, names in os.walk(folder, followlinks=False):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            path = os.path.join(where, name)
            if name.startswith(".") or not name.lower().endswith(".txt"):
                continue
            try:
                is_regular = stat.S_ISREG(os.stat(path).st_mode)
            except OSError:
                continue  # a link that leads nowhere
            if is_regular:
                yield os.path.relpath(path, folder)


def _encoding_of(content: bytes) -> str | None:
    """By its marks, or UTF-8 if it is valid; None when a person has to say."""
    encoding = encoding_by_first_bytes(content)
    if encoding is not None:
        return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


TEXT_FOLDER_FORMAT = TableFormat(
    "text folder",
    (".txt",),
    lambda path, ending, sample: False,
    TextFolder,
)
