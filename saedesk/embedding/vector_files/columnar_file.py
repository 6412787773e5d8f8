"""Parquet and Arrow files with a column of vectors, some rows at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from saedesk.corpus.input_file import InputFile, readable
from saedesk.corpus.parquet_reader import can_be_text, column_texts
from saedesk.embedding.vector_files.arrow_vectors import (
    first_length,
    is_vector_column,
    named,
    number_kind,
    vectors_of,
)
from saedesk.embedding.vector_files.columns_beside import with_columns
from saedesk.embedding.vector_files.matrix_kinds import precision_notes, refuse_other_sizes
from saedesk.embedding.vector_files.vector_file import (
    VectorChunk,
    VectorFile,
    VectorFormat,
    VectorTable,
    first_bytes,
    no_cells,
    rows_at_once,
)
from saedesk.errors import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

STREAM_MAGIC = b"\xff\xff\xff\xff"
_CELL_ROWS = 512


class ColumnarSource(ABC):
    """Columns in one or several files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """The columns."""

    @cached_property
    @abstractmethod
    def rows(self) -> int:
        """How many rows there are, told by the files without reading them."""

    @abstractmethod
    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """These columns in order, at most `rows` rows at a time."""

    @abstractmethod
    def files(self) -> tuple[Path, ...]:
        """What is read."""


class ParquetSource(ColumnarSource):
    """One Parquet file."""

    @contextmanager
    def _opened(self):
        import pyarrow.parquet as pq

        with open(self.path, "rb") as raw:
            yield pq.ParquetFile(
                raw, pre_buffer=False, buffer_size=1 << 18, page_checksum_verification=True
            )

    @cached_property
    def schema(self) -> pa.Schema:
        """From the end of the file."""
        with self._opened() as table:
            return table.schema_arrow

    @cached_property
    def rows(self) -> int:
        """From the end of the file."""
        with self._opened() as table:
            return table.metadata.num_rows

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """Decoded as they are asked for."""
        with self._opened() as table:
            for batch in table.iter_batches(batch_size=rows, columns=list(columns)):
                yield batch.select(list(columns))

    def files(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)


class ArrowSource(ColumnarSource):
    """Arrow files (Feather 2) or streams, one after the other, mapped: a batch can be all of it."""

    def __init__(self, path: Path, files: Sequence[Path]) -> None:
        super().__init__(path)
        self._files = tuple(files)

    @cached_property
    def schema(self) -> pa.Schema:
        """That of the first file; the others must have the same."""
        found = None
        for file in self._files:
            with _arrow_batches(file) as (schema, _):
                if found is not None and not schema.equals(found):
                    raise BadInput(f"{file.name} has other columns than {self._files[0].name}.")
                found = schema
        if found is None:
            raise BadInput(f"{self.path.name} has no rows.")
        return found

    @cached_property
    def rows(self) -> int:
        """Counted batch by batch; the vectors themselves are not read."""
        total = 0
        for file in self._files:
            with _arrow_batches(file) as (_, batches):
                total += sum(batch.num_rows for batch in batches)
        return total

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """Slices of what is mapped."""
        for file in self._files:
            with _arrow_batches(file) as (_, batches):
                for batch in batches:
                    chosen = batch.select(list(columns))
                    chosen.validate(full=True)  # damaged offsets would be followed blindly
                    for start in range(0, chosen.num_rows, rows):
                        yield chosen.slice(start, rows)
                    # A packed batch is unpacked whole; never two of them at a time.
                    del batch, chosen

    def files(self) -> tuple[Path, ...]:
        """The files, in order."""
        return self._files


@contextmanager
def _arrow_batches(path: Path) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as mapped:
        is_stream = mapped.read(4) == STREAM_MAGIC
        mapped.seek(0)
        if is_stream:
            stream = pa.ipc.open_stream(mapped)
            yield stream.schema, iter(stream)
        else:
            file = pa.ipc.open_file(mapped)
            yield file.schema, map(file.get_batch, range(file.num_record_batches))


@contextmanager
def understandable(path: Path) -> Iterator[None]:
    """Turn what pyarrow says of a damaged file into one sentence (BadInput)."""
    import pyarrow as pa

    try:
        with readable(path):
            yield
    except (pa.ArrowException, ValueError, LookupError, OverflowError) as problem:
        raise _damaged(path) from problem
    except BadInput as problem:
        # pyarrow says "damaged page" as an OSError without a number; the system never does
        if isinstance(problem.__cause__, OSError) and problem.__cause__.errno is None:
            raise _damaged(path) from problem.__cause__
        raise


def _damaged(path: Path) -> BadInput:
    return BadInput(f"{path.name} is damaged or cut off; fetch or save it again.")


class ColumnarFile:
    """One column of vectors; the columns that can be text lie beside it."""

    def __init__(self, source: ColumnarSource, table: VectorTable, column: str) -> None:
        self.path, self.table = source.path, table
        self._source, self._column = source, column
        with understandable(self.path):
            self.columns = text_columns(source.schema)
        self.notes = precision_notes(table.dtype)

    def chunks(self) -> Iterator[VectorChunk]:
        """All rows in order; raises BadInput naming rows of another length."""
        what = named(self._column, self.path)
        dimensions, row = self.table.dimensions, 0
        with understandable(self.path):
            for batch in self._source.batches([self._column], rows_at_once(dimensions)):
                chunk = vectors_of(batch.column(0), dimensions, row, what)
                row += batch.num_rows
                del batch
                yield chunk

    def cells(self, columns: Sequence[str]) -> Iterator[Sequence[str]]:
        """Row by row."""
        if not columns:
            yield from no_cells(self.table.rows)
            return
        with understandable(self.path):
            for batch in self._source.batches(columns, _CELL_ROWS):
                texts = [column_texts(column) for column in batch.columns]
                del batch
                yield from zip(*texts, strict=True)

    def content_files(self) -> tuple[Path, ...]:
        """What is read."""
        return self._source.files()


def text_columns(schema: pa.Schema) -> tuple[str, ...]:
    """Columns that can be text; of two of one name neither can be asked for."""
    return tuple(
        field.name
        for field in schema
        if can_be_text(field.type) and schema.names.count(field.name) == 1
    )


def vector_columns(schema: pa.Schema) -> tuple[str, ...]:
    """Columns that are lists of floating-point numbers."""
    return tuple(
        field.name
        for field in schema
        if is_vector_column(field.type) and schema.names.count(field.name) == 1
    )


def columnar_tables(source: ColumnarSource, prefix: str = "") -> tuple[VectorTable, ...]:
    """One table for each column of vectors, named with `prefix`; raises BadInput."""
    with understandable(source.path):
        found = vector_columns(source.schema)
        there = ", ".join(source.schema.names[:20]) or "no columns"
        rows = source.rows
    if not found:
        raise BadInput(
            f"{source.path.name} has no column of vectors, which would be lists of floating-point "
            f"numbers; it has {there}."
        )
    if not rows:
        raise BadInput(f"{source.path.name} has no rows.")
    return tuple(_table(source, column, prefix) for column in found)


def _table(source: ColumnarSource, column: str, prefix: str) -> VectorTable:
    with understandable(source.path):
        lengths = (first_length(b.column(0)) for b in source.batches([column], _CELL_ROWS))
        dimensions = next((length for length in lengths if length is not None), 0)
        kind = number_kind(source.schema.field(column).type)
    refuse_other_sizes(f"The column {named(column, source.path)}", source.rows, dimensions)
    plain = VectorTable(prefix + column, source.rows, dimensions, kind, (), False)
    file = ColumnarFile(source, plain, column)
    return with_columns(plain, file.columns, file)


# -- the two formats ------------------------------------------------------------------------------


def _parquet(path: Path) -> ColumnarSource:
    InputFile(path)
    return ParquetSource(path)


def _arrow(path: Path) -> ColumnarSource:
    InputFile(path)
    return ArrowSource(path, [path])


def _holds_vectors(source: ColumnarSource) -> bool:
    with understandable(source.path):
        return bool(vector_columns(source.schema))


def _open_parquet(path: Path, table: VectorTable) -> VectorFile:
    return ColumnarFile(_parquet(path), table, table.name)


def _open_arrow(path: Path, table: VectorTable) -> VectorFile:
    return ColumnarFile(_arrow(path), table, table.name)


PARQUET_FORMAT = VectorFormat(
    "Parquet file",
    lambda path: path.suffix.lower() in (".parquet", ".pq") or first_bytes(path, 4) == b"PAR1",
    lambda path: _holds_vectors(_parquet(path)),
    lambda path: columnar_tables(_parquet(path)),
    _open_parquet,
)
ARROW_FORMAT = VectorFormat(
    "Arrow file",
    lambda path: path.suffix.lower() in (".arrow", ".feather") or first_bytes(path, 6) == b"ARROW1",
    lambda path: _holds_vectors(_arrow(path)),
    lambda path: columnar_tables(_arrow(path)),
    _open_arrow,
)
