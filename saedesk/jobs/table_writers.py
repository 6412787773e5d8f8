"""Rows to the bytes of a CSV, JSON Lines or Parquet file, a few rows in memory at a time."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

from saedesk.errors import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
Scalar = type[str] | type[float] | type[int] | type[bool]
Kind = Scalar | Sequence[Scalar] | Sequence[Mapping[str, Scalar]]
"""What a column holds: [kind] is a list of such values, [{name: kind}] a list of records."""

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_ROWS_LOOKED_AT = 1000
"""Where nobody says what a column holds, these rows do."""
_ROWS_IN_GROUP = 5000
_CHARACTERS_IN_GROUP = 4_000_000
_CHARACTERS_OF_RECORD = 100
"""What one entry of a list counts for."""


def write_csv(file: BinaryIO, rows: Iterable[Row], kinds: Mapping[str, Kind]) -> int:
    """Rows under a line of names; returns how many.

    Text cells and names that a spreadsheet would run as a formula get a leading apostrophe.
    Texts are quoted, numbers are not.
    """
    names, rows = _names_and_rows(rows)
    if not names:
        return 0
    stream = codecs.getwriter("utf-8")(file)
    csv.writer(stream).writerow([safe_text(name) for name in names])
    writer = csv.DictWriter(stream, names, quoting=csv.QUOTE_NONNUMERIC)
    count = 0
    for row in rows:
        writer.writerow({name: _safe_cell(value) for name, value in row.items()})
        count += 1
    return count


def safe_text(text: str) -> str:
    """`text` with a leading apostrophe where a spreadsheet would run it as a formula.

    A text that looks as if it had one already gets another, so that taking one away from each
    text that `'` and a formula sign begin (with apostrophes between them) gives back every text.
    """
    return "'" + text if text.lstrip("'").startswith(_FORMULA_SIGNS) else text


def _safe_cell(value: Any) -> Any:
    return safe_text(value) if isinstance(value, str) else value


def write_json_lines(file: BinaryIO, rows: Iterable[Row], kinds: Mapping[str, Kind]) -> int:
    """One JSON object a line; returns how many."""
    count = 0
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n")
        count += 1
    return count


def write_parquet(file: BinaryIO, rows: Iterable[Row], kinds: Mapping[str, Kind]) -> int:
    """Row groups with checksums; returns how many rows.

    The types of the columns are those of `kinds`; for other columns the first rows tell, and a
    column that is empty there holds text. Raises BadInput for a later value of another type.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names, rows = _names_and_rows(rows)
    rows = iter(rows)
    first = list(islice(rows, _ROWS_LOOKED_AT))
    types = {name: kinds.get(name) or _kind_of(row.get(name) for row in first) for name in names}
    schema = pa.schema([(name, _arrow_type(kind)) for name, kind in types.items()])
    count = 0
    with pq.ParquetWriter(file, schema, write_page_checksum=True) as writer:
        for group in _groups(chain(first, rows)):
            columns = [
                [_fitting(row.get(name), kind, name, count + at) for at, row in enumerate(group, 1)]
                for name, kind in types.items()
            ]
            pairs = zip(columns, schema.types, strict=True)
            arrays = [pa.array(column, type_) for column, type_ in pairs]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(group)
    return count


def _arrow_type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    if not isinstance(kind, type):
        entry = kind[0]
        if isinstance(entry, Mapping):
            return pa.list_(pa.struct([(name, _arrow_type(part)) for name, part in entry.items()]))
        return pa.list_(_arrow_type(entry))
    return {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_()}[kind]


def _names_and_rows(rows: Iterable[Row]) -> tuple[list[str], Iterable[Row]]:
    """The columns of the first row, and all rows."""
    rows = iter(rows)
    first = next(rows, None)
    return ([], ()) if first is None else (list(first), chain([first], rows))


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows in groups that fit into memory, however long the texts and lists are."""
    group: list[Row] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += sum(_size(value) for value in row.values())
        if len(group) == _ROWS_IN_GROUP or characters >= _CHARACTERS_IN_GROUP:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    return _CHARACTERS_OF_RECORD * len(value) if isinstance(value, list) else 0


def _kind_of(values: Iterable[Any]) -> Scalar:
    """What all values fit into; text where there is none."""
    seen = {type(value) for value in values if value is not None}
    if seen == {bool}:
        return bool
    if seen == {int}:
        return int
    return float if seen and seen <= {int, float} else str


def _fitting(value: Any, kind: Kind, name: str, number: int) -> Any:
    """A value as the column holds it."""
    if value is None or not isinstance(kind, type) or type(value) is kind:
        return value
    if kind is str:
        return str(value)
    if kind is float and type(value) is int:
        return float(value)
    raise BadInput(
        f"Row {number} has “{str(value)[:50]}” in the column {name}, whose first rows hold "
        "values of another type, which Parquet cannot keep. Save the table as CSV or JSON Lines."
    )


WRITERS: dict[str, Callable[[BinaryIO, Iterable[Row], Mapping[str, Kind]], int]] = {
    "csv": write_csv,
    "jsonl": write_json_lines,
    "parquet": write_parquet,
}
"""By the ending of a file."""
