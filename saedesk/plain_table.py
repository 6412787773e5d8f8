"""Rows as lines of text with aligned columns, for terminals and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

LONGEST_CELL = 70
_JOINERS = "\u200c\u200d"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Sequence[int] = ()) -> str:
    """Rows under a head, columns aligned; the columns numbered in `right` end at the right."""
    cells = [list(head)] + [[shown(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = []
    for row in cells:
        parts = [
            value.rjust(width) if i in right else value.ljust(width)
            for i, (value, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def printable(text: str) -> str:
    """`text` without control characters, which a document or a name could use to take over a
    terminal, each replaced by a space."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def one_line(text: str) -> str:
    """A name on one line, without what cannot be seen, such as signs that turn the direction of
    writing; a joiner between letters, which some scripts need, stays."""
    seen = (sign if sign.isprintable() or sign in _JOINERS else " " for sign in text)
    return " ".join("".join(seen).split())


def shown(value: Any) -> str:
    """One line without control characters, which a document could use to rewrite the screen."""
    text = "" if value is None else str(value)
    clean = printable(text)
    return clean if len(clean) <= LONGEST_CELL else clean[: LONGEST_CELL - 1] + "…"
