"""One list of a large JSON object, element by element, without the rest in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from saedesk.corpus.input_file import InputFile, readable
from saedesk.corpus.table_reader import MAX_ROW_CHARACTERS
from saedesk.errors import BadInput

_PIECE = 1 << 16
_DECODER = json.JSONDecoder(parse_float=str)


def elements_of(path: Path, name: str) -> Iterator[Any]:
    """The elements of the list under `name` of the one object in a file, in order.

    What lies under other names is read over. Raises BadInput where the file is not such JSON.
    """
    InputFile(path)
    with readable(path), path.open(encoding="utf-8-sig", newline="") as text:
        try:
            yield from _Reader(path, text).list_under(name)
        except UnicodeDecodeError as error:
            raise BadInput(f"{path.name} is not UTF-8 text.") from error


class _Reader:
    """Walks through the text with at most one value of it in memory."""

    def __init__(self, path: Path, text: TextIO) -> None:
        self._path, self._text = path, text
        self._buffer, self._at, self._ended = "", 0, False

    def list_under(self, wanted: str) -> Iterator[Any]:
        self._expect("{")
        while self._next() != "}":
            name = self._value()
            self._expect(":")
            if self._next() == "[":
                elements = self._elements()
                if name == wanted:
                    yield from elements
                    return
                for _ in elements:
                    pass
            else:
                self._value()
            if self._next() == ",":
                self._at += 1
        raise BadInput(f"{self._path.name} has no list called “{wanted}”.")

    def _elements(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if self._next() == "]":
                self._at += 1
                return
            self._expect(",")

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except RecursionError as error:
                raise self._broken() from error
            except ValueError as error:
                if not self._more():
                    raise self._broken() from error
                continue
            # A number at the very end of what was read may go on.
            if end < len(self._buffer) or not self._more():
                self._at = end
                return value

    def _next(self) -> str:
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at].isspace():
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                raise self._broken()

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            raise self._broken()
        self._at += 1

    def _more(self) -> bool:
        """Read on, twice as much each time, so that a long value is not parsed too often."""
        kept = len(self._buffer) - self._at
        if self._ended or kept > MAX_ROW_CHARACTERS:
            return False
        piece = self._text.read(max(_PIECE, kept))
        self._ended = not piece
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        return bool(piece)

    def _broken(self) -> BadInput:
        return BadInput(f"{self._path.name} is damaged or cut-off JSON; fetch or save it again.")
