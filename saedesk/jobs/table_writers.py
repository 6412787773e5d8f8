"""Rows to the bytes of a CSV, JSON Lines or Parquet file, a few rows in memory at a time."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, BinaryIO

from saedesk.errors import BadInput

Row = dict[str, Any]
Kind = type[str] | type[float] | type[int] | type[bool]

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\0")
_ROWS_LOOKED_AT = 1000
"""Where nobody says what a column holds, these rows do."""
_ROWS_IN_GROUP = 5000
_CHARACTERS_IN_GROUP = 4_000_000


def write_csv(file: BinaryIO, rows: Iterable[Row], kinds: Mapping[str, Kind]) -> int:
    """Rows under a line of names; returns how many.

    Text cells that a spreadsheet would run as a formula get a leading apostrophe.
    """
    names, rows = _names_and_rows(rows)
    if not names:
        return 0
    writer = csv.DictWriter(codecs.getwriter("utf-8")(file), names, quoting=csv.QUOTE_MINIMAL)
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow({name: _safe_cell(value) for name, value in row.items()})
        count += 1
    return count


def _safe_cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return "'" + value
    return value


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
    arrow = {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_()}
    schema = pa.schema([(name, arrow[kind]) for name, kind in types.items()])
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


def _names_and_rows(rows: Iterable[Row]) -> tuple[list[str], Iterable[Row]]:
    """The columns of the first row, and all rows."""
    rows = iter(rows)
    first = next(rows, None)
    return ([], ()) if first is None else (list(first), chain([first], rows))


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows in groups that fit into memory, however long the texts are."""
    group: list[Row] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(group) == _ROWS_IN_GROUP or characters >= _CHARACTERS_IN_GROUP:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _kind_of(values: Iterable[Any]) -> Kind:
    """What all values fit into; text where there is none."""
    seen = {type(value) for value in values if value is not None}
    if seen == {bool}:
        return bool
    if seen == {int}:
        return int
    return float if seen and seen <= {int, float} else str


def _fitting(value: Any, kind: Kind, name: str, number: int) -> Any:
    """A value as the column holds it."""
    if value is None or type(value) is kind:
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
