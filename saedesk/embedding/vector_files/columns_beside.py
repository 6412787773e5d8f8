"""What lies beside vectors: which columns could be keys, and what all of them are for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from saedesk.corpus.column_roles import guess_uses
from saedesk.corpus.document import ColumnRole, ColumnUse
from saedesk.corpus.table_reader import SAMPLE_ROWS
from saedesk.embedding.vector_files.vector_file import VectorFile, VectorTable

LONGEST_KEY = 512
"""Characters; longer values are texts."""
_LONGEST_LOOKED_AT = 2_000
_KEY_WORDS = frozenset({"id", "ids", "key", "keys", "name", "names", "index", "uuid", "doi"})


def guessed_uses(
    columns: Sequence[str], rows: Sequence[Sequence[str]], key_column: str = ""
) -> tuple[ColumnUse, ...]:
    """The role of each column by its name and the first rows; `key_column` is known to be it.

    Arrays are named in the plural: "ids" is a key as "id" is.
    """
    rows = [[cell[:_LONGEST_LOOKED_AT] for cell in row] for row in rows]
    uses = guess_uses(columns, rows, key_column or None)
    if any(use.role is ColumnRole.KEY for use in uses):
        return uses
    plural = [c for c in _unique_columns(columns, rows) if _words(c) & _KEY_WORDS]
    return guess_uses(columns, rows, plural[0]) if plural else uses


def key_columns(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Columns whose cells in the first rows are short, never blank and never equal; likely first.

    Where nothing is called like a key, a column of texts that is not *the* text can be one.
    """
    if not columns:
        return ()
    roles = {use.column: use.role for use in guessed_uses(columns, rows)}
    possible = [
        column
        for column in _unique_columns(columns, rows)
        if roles[column] not in (ColumnRole.TEXT, ColumnRole.TITLE)
    ]
    return tuple(sorted(possible, key=lambda column: roles[column] is not ColumnRole.KEY))


def with_columns(table: VectorTable, columns: Sequence[str], sample: VectorFile) -> VectorTable:
    """The table with what its first rows say of the columns beside it."""
    rows = list(islice(sample.cells(columns), SAMPLE_ROWS))
    keys = key_columns(columns, rows)
    has_documents = len(columns) > len(keys[:1])
    return VectorTable(table.name, table.rows, table.dimensions, table.dtype, keys, has_documents)


def _unique_columns(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    found = []
    for at, column in enumerate(columns):
        cells = {row[at].strip() for row in rows}
        short = all(0 < len(cell) <= LONGEST_KEY for cell in cells)
        if rows and short and len(cells) == len(rows):
            found.append(column)
    return found


def _words(column: str) -> set[str]:
    return set("".join(sign if sign.isalnum() else " " for sign in column.lower()).split())
