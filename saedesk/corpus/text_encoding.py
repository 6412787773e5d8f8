"""The encoding of a text file: byte-order mark, NUL pattern, UTF-8 check, else a person decides."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from saedesk.corpus.input_file import InputFile
from saedesk.errors import BadInput, BadSetting

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PRESELECTED = "cp1252"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class TextEncoding:
    """How the bytes of a file become characters."""

    name: str
    """A Python codec name, e.g. "utf-8"."""
    is_certain: bool
    """False when the file is not UTF-8 and `name` is only the likeliest guess."""


def encoding_by_first_bytes(sample: bytes) -> str | None:
    """The encoding a byte-order mark or the NULs of UTF-16 give away; None when neither does."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    even, odd = sample[0:4096:2], sample[1:4096:2]
    if len(odd) < 2:
        return None
    nul_even, nul_odd = even.count(0) / len(even), odd.count(0) / len(odd)
    if nul_odd > 0.4 and nul_even < 0.1:
        return "utf-16-le"
    if nul_even > 0.4 and nul_odd < 0.1:
        return "utf-16-be"
    return None


def find_encoding(file: InputFile, chosen: str | None, *, check_everything: bool) -> TextEncoding:
    """The encoding of `file`; `chosen` by a person wins.

    With `check_everything` the whole file is tested for UTF-8; without, UTF-8 is assumed and
    reading stops with a sentence at the first byte that is not. Raises BadSetting for an
    unknown name.
    """
    if chosen is not None:
        return TextEncoding(known_encoding(chosen), True)
    first = encoding_by_first_bytes(file.sample())
    if first is not None:
        return TextEncoding(first, True)
    if not check_everything or _is_utf8(file):
        return TextEncoding("utf-8", True)
    return TextEncoding(_PRESELECTED if _decodes(file, _PRESELECTED) else "latin-1", False)


def known_encoding(name: str) -> str:
    """The codec name to use for what a person typed; raises BadSetting when there is none."""
    try:
        canonical = codecs.lookup(name).name
        "".encode(canonical)  # refuses codecs that are not for text, such as base64
    except (LookupError, TypeError) as problem:
        raise BadSetting(
            f"There is no text encoding called “{name}”; try utf-8, cp1252 or latin-1."
        ) from problem
    return {"utf-8-sig": "utf-8", "windows-1252": "cp1252", "iso8859-1": "latin-1"}.get(
        canonical, canonical
    )


def _is_utf8(file: InputFile) -> bool:
    return _decodes(file, "utf-8")


def _decodes(file: InputFile, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with file.open_bytes() as stream:
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


@contextmanager
def open_text(file: InputFile, encoding: str, newline: str) -> Iterator[TextIO]:
    """The characters of `file` without byte-order mark, decoded strictly."""
    with file.open_bytes() as stream:
        peeked = stream.read(4)
        mark = next(
            (m for m, name in _MARKS if peeked.startswith(m) and name == encoding.lower()), b""
        )
        joined = _Rejoined(peeked[len(mark) :], stream)
        buffered = io.BufferedReader(joined, 1 << 16)  # type: ignore[type-var]
        text = io.TextIOWrapper(buffered, encoding=encoding, newline=newline)
        try:
            yield text
        finally:
            text.detach()


class _Rejoined(io.RawIOBase):
    """The first bytes, read already, and the rest of a stream that cannot go back."""

    def __init__(self, first: bytes, rest: io.BufferedIOBase) -> None:
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill `buffer` from the first bytes, then from the rest."""
        if self._first:
            count = min(len(buffer), len(self._first))
            buffer[:count] = self._first[:count]
            self._first = self._first[count:]
            return count
        return self._rest.readinto(buffer)


def not_in_encoding(file: InputFile, line: int, problem: UnicodeDecodeError) -> BadInput:
    """The sentence for a byte that does not fit; `line` is the last line read whole."""
    at = line + 1 + problem.object[: problem.start].count(b"\n")
    return BadInput(
        f"{file.path.name} is not {problem.encoding} in line {at}; "
        f"choose its encoding (often cp1252 or latin-1)."
    )
