"""Where quoted cells begin and end, and lines of bounded length: what `csv` leaves to us."""

from __future__ import annotations

from typing import TextIO

_LINE_ENDS = ("\n", "\r")
_PIECE = 1 << 20


class LineTooLong(Exception):
    """A line is longer than the limit; only its beginning was read."""


class BoundedLines:
    """Lines of a text stream for `csv.reader`, counted, never longer than `limit` characters."""

    def __init__(self, text: TextIO, limit: int) -> None:
        self._readline = text.readline
        self._limit = limit
        self.number = 0
        """Lines handed out so far, from 1."""
        self.current = ""
        """The last line, or the beginning of one that is too long."""
        self.ended = False

    def __iter__(self) -> BoundedLines:
        return self

    def __next__(self) -> str:
        line = self._readline(self._limit)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.current = line
        if len(line) >= self._limit and not line.endswith(_LINE_ENDS):
            raise LineTooLong
        return line

    def next_piece(self) -> str:
        """The next part of the current line, or of the next one; "" at the end."""
        piece = self._readline(_PIECE)
        if not piece:
            self.ended = True
            return ""
        if self.current.endswith(_LINE_ENDS):
            self.number += 1
        self.current = piece
        return piece


class QuoteTracker:
    """Whether a quoted cell is open, piece by piece, without keeping the text.

    The rules are those of `csv`: a quote opens a cell only at its very beginning, two quotes
    inside are one character, any other quote inside closes.
    """

    def __init__(self, delimiter: str, *, inside: bool = False) -> None:
        self._delimiter = delimiter
        self._inside = inside
        self._quote_at_end = False
        self._last = "\n"
        self.opened_line = 0
        """Line of the last quote that opened a cell."""

    @property
    def is_open(self) -> bool:
        """Whether a quoted cell is open after what was fed."""
        return self._inside and not self._quote_at_end

    def feed(self, piece: str, line: int) -> None:
        """Go through the next characters, which are in `line`."""
        position = 0
        if self._quote_at_end:
            self._quote_at_end = False
            self._inside = piece.startswith('"')
            position = int(self._inside)
        while (at := piece.find('"', position)) >= 0:
            position = at + 1
            if self._inside:
                if position == len(piece):
                    self._quote_at_end = True
                elif piece[position] == '"':
                    position += 1
                else:
                    self._inside = False
            elif (piece[at - 1] if at else self._last) in (self._delimiter, *_LINE_ENDS):
                self._inside = True
                self.opened_line = line
        self._last = piece[-1:] or self._last


def skip_record(lines: BoundedLines, delimiter: str, *, inside: bool) -> bool:
    """Read past the row that `lines.current` belongs to, keeping nothing of it.

    `inside`: whether a quoted cell was open where `lines.current` begins. Returns False when
    the file ended within a quoted cell.
    """
    tracker = QuoteTracker(delimiter, inside=inside)
    piece = lines.current
    while piece:
        tracker.feed(piece, lines.number)
        if piece.endswith(_LINE_ENDS) and not tracker.is_open:
            return True
        piece = lines.next_piece()
    return not tracker.is_open


def line_where_quote_opened(text: TextIO, delimiter: str, first: int, last: int | None) -> int:
    """The line of the last quote that opened a cell in lines `first` to `last` (or the end)."""
    lines = BoundedLines(text, _PIECE)
    lines.current = "\n"
    tracker = QuoteTracker(delimiter)
    while piece := lines.next_piece():
        if last is not None and lines.number > last:
            break
        if lines.number >= first:
            tracker.feed(piece, lines.number)
    return tracker.opened_line or first


def line_end_of_first_row(sample: str, delimiter: str) -> str:
    """Carriage return if the first row ends with one alone, else line feed.

    Taking either as the end of a row would cut rows with a stray one in a cell in two.
    """
    tracker = QuoteTracker(delimiter)
    for line in sample.lstrip("\r\n").splitlines(keepends=True):
        tracker.feed(line, 1)
        if not tracker.is_open and line.endswith(_LINE_ENDS):
            return "\r" if line.endswith("\r") else "\n"
    return "\n"
