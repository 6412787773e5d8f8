"""Parquet and Arrow (Feather) files, read in small batches; pyarrow is loaded on first use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.corpus.cell_text import cell_text
from saedesk.corpus.column_names import visible_column_names
from saedesk.corpus.input_file import InputFile, readable
from saedesk.corpus.table_reader import (
    MAX_CELL_CHARACTERS,
    RejectedRow,
    TableForm,
    TableFormat,
    TableRow,
    beginning_of,
    cell_too_long,
)
from saedesk.errors import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS = 512
_PARQUET_MAGIC = b"PAR1"
_ARROW_FILE_MAGIC = b"ARROW1"
_ARROW_STREAM_MAGIC = b"\xff\xff\xff\xff"


class _ColumnarTable(ABC):
    """What Parquet and Arrow have in common: a schema, then batches of columns."""

    kind = ""

    def __init__(self, path: Path, encoding: str | None, delimiter: str | None) -> None:
        self._file = InputFile(path)
        if self._file.is_compressed:
            raise BadInput(f"{path.name} is a compressed {self.kind} file; unpack it first.")
        self.size_bytes = self._file.size_bytes
        self._share_done = 0.0

    @property
    def bytes_done(self) -> int:
        """How far reading is, in bytes on disk, by the share of rows read."""
        return int(self.size_bytes * min(1.0, self._share_done))

    def check_unchanged(self) -> None:
        """Raise BadInput when the file changed since it was opened."""
        self._file.check_unchanged()

    def form(self, *, check_everything: bool) -> TableForm:
        """The columns whose values can be shown as text; the others are named in the notes."""
        with self._understandable():
            schema, row_count = self._schema()
        if row_count == 0:
            raise BadInput(f"{self._file.path.name} has no rows.")
        names, notes = visible_column_names([field.name for field in schema])
        self._positions = {
            name: position
            for position, name in enumerate(names)
            if can_be_text(schema.field(position).type)
        }
        for position, name in enumerate(names):
            if name not in self._positions:
                kind = schema.field(position).type
                notes += (f"Column “{name}” is left out: its values ({kind}) are not text.",)
        if not self._positions:
            raise BadInput(f"{self._file.path.name} has no column that can be read as text.")
        return TableForm(self.kind, None, True, None, tuple(self._positions), notes)

    def rows(self, form: TableForm, columns: Sequence[str]) -> Iterator[TableRow | RejectedRow]:
        """Every row as text, numbered from 1; a damaged file raises BadInput."""
        positions = [self._positions[column] for column in columns]
        number = 0
        with self._understandable():
            for batch in self._batches(sorted(set(positions))):
                order = {position: at for at, position in enumerate(sorted(set(positions)))}
                cells_by_column = [column_texts(batch.column(order[p])) for p in positions]
                for cells in zip(*cells_by_column, strict=True):
                    number += 1
                    longest = max(map(len, cells), default=0)
                    if longest > MAX_CELL_CHARACTERS:
                        reason = cell_too_long(longest)
                        start = beginning_of(cells[0])
                        yield RejectedRow(self._file.path, number, reason, start)
                    else:
                        yield number, cells

    @abstractmethod
    def _schema(self) -> tuple[pa.Schema, int | None]:
        """The columns, and how many rows there are where the file says so."""

    @abstractmethod
    def _batches(self, positions: list[int]) -> Iterator[pa.RecordBatch]:
        """The columns at `positions`, some rows at a time."""

    @contextmanager
    def _understandable(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            with readable(self._file.path):
                yield
        except (pa.ArrowException, ValueError, LookupError, OverflowError) as problem:
            # the latter from names and values that are no text, found by flipping bits
            raise self._damaged() from problem
        except BadInput as problem:
            # pyarrow says "damaged page" as an OSError without a number; the system never does
            if isinstance(problem.__cause__, OSError) and problem.__cause__.errno is None:
                raise self._damaged() from problem.__cause__
            raise

    def _damaged(self) -> BadInput:
        return BadInput(
            f"{self._file.path.name} is a damaged or cut-off {self.kind} file; fetch or save it "
            "again."
        )


class ParquetTable(_ColumnarTable):
    """One Parquet file."""

    kind = "Parquet"

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import pyarrow.parquet as pq

        with open(self._file.path, "rb") as raw:
            yield pq.ParquetFile(
                raw, pre_buffer=False, buffer_size=1 << 18, page_checksum_verification=True
            )

    def _schema(self) -> tuple[pa.Schema, int | None]:
        with self._opened() as table:
            return table.schema_arrow, table.metadata.num_rows

    def _batches(self, positions: list[int]) -> Iterator[pa.RecordBatch]:
        with self._opened() as table:
            total = max(1, table.metadata.num_rows)
            names = [table.schema_arrow.field(position).name for position in positions]
            done = 0
            for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=names):
                done += batch.num_rows
                self._share_done = done / total
                # two columns of one name come back both: take those asked for, in file order
                yield (
                    batch
                    if batch.num_columns == len(positions)
                    else _by_position(batch, table.schema_arrow, positions)
                )


class ArrowTable(_ColumnarTable):
    """One Arrow file (Feather 2), or one Arrow stream as Hugging Face datasets are kept."""

    kind = "Arrow"

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import pyarrow as pa

        with open(self._file.path, "rb") as raw:
            is_stream = raw.read(4) == _ARROW_STREAM_MAGIC
            raw.seek(0)
            yield pa.ipc.open_stream(raw) if is_stream else pa.ipc.open_file(raw)

    def _schema(self) -> tuple[pa.Schema, int | None]:
        with self._opened() as table:
            if hasattr(table, "num_record_batches"):
                rows = (table.get_batch(n).num_rows for n in range(table.num_record_batches))
                return table.schema, int(any(rows))
            return table.schema, None

    def _batches(self, positions: list[int]) -> Iterator[pa.RecordBatch]:
        with self._opened() as table:
            count = getattr(table, "num_record_batches", None)
            batches = table if count is None else map(table.get_batch, range(count))
            for number, whole in enumerate(batches, start=1):
                whole.validate(full=True)  # offsets of a damaged file would be followed blindly
                batch = whole.select(positions)
                for start in range(0, batch.num_rows, _BATCH_ROWS):
                    yield batch.slice(start, _BATCH_ROWS)
                self._share_done = number / count if count else 0.5


def _by_position(batch: pa.RecordBatch, schema: pa.Schema, positions: list[int]) -> pa.RecordBatch:
    wanted_names = {schema.field(position).name for position in positions}
    present = [at for at in range(len(schema)) if schema.field(at).name in wanted_names]
    return batch.select([present.index(position) for position in positions])


def can_be_text(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type can stand as text: not bytes, not vectors, not nothing."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return can_be_text(kind.value_type)
    if types.is_list(kind) or types.is_large_list(kind):
        return can_be_text(kind.value_type) and not types.is_floating(kind.value_type)
    if types.is_struct(kind):
        return all(can_be_text(kind.field(at).type) for at in range(kind.num_fields))
    plain = (
        types.is_string, types.is_large_string, types.is_string_view, types.is_integer,
        types.is_floating, types.is_decimal, types.is_boolean, types.is_date, types.is_timestamp,
    )  # fmt: skip
    return any(is_of_type(kind) for is_of_type in plain)


def column_texts(column: pa.Array) -> list[str]:
    """The cells of a column as text, "" for nulls."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        # nanoseconds and time zones need pandas and a zone database otherwise; UTC is kept
        column = column.cast(pa.timestamp("s"), safe=False).cast(pa.string())
    return [cell_text(value) for value in column.to_pylist()]


PARQUET_FORMAT = TableFormat(
    "parquet",
    (".parquet", ".pq"),
    lambda path, ending, sample: sample.startswith(_PARQUET_MAGIC),
    ParquetTable,
)
ARROW_FORMAT = TableFormat(
    "arrow",
    (".arrow", ".feather"),
    lambda path, ending, sample: sample.startswith((_ARROW_FILE_MAGIC, _ARROW_STREAM_MAGIC)),
    ArrowTable,
)
