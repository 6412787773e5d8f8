"""Which row of a vector file belongs to which document: by key, by order, or as a new document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from saedesk.corpus.document import ColumnRole, ColumnUse, FieldType
from saedesk.corpus.table_reader import SAMPLE_ROWS
from saedesk.corpus.text_cleaning import clean_text
from saedesk.embedding.text_hashes import (
    HASH_BYTES,
    find_rows,
    from_bytes,
    sorting_order,
    text_hash,
)
from saedesk.embedding.vector_files.columns_beside import guessed_uses
from saedesk.embedding.vector_files.vector_file import VectorFile
from saedesk.errors import BadInput
from saedesk.project.atomic_files import short_hash
from saedesk.project.document_writer import find_import, import_records
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

NEARLY_ALL = 0.95
"""Share of the documents whose keys have to be found before keys are trusted unasked."""
_KEYS_TRIED = 3
_CHECK_EVERY = 5_000


@dataclass(frozen=True)
class RowMatch:
    """The document of every row."""

    match: str
    """"key", "order" or "new documents"."""
    key_column: str
    """"" where row numbers take the place of keys."""
    document_ids: np.ndarray
    """(rows,) int64; 0 where a row has no document. New documents count from 1."""
    documents: int
    """In the project before."""
    uses: tuple[ColumnUse, ...] = ()
    """For new documents: what the columns beside the vectors become."""
    notes: tuple[str, ...] = ()


def match_rows(
    project: Project | None,
    file: VectorFile,
    match: str,
    key_column: str,
    control: TaskControl,
    digest: str = "",
) -> RowMatch:
    """Find the document of every row; `match` "auto" takes the first way that fits.

    With the `digest` of its content, a file whose documents are there already (the vectors are
    imported again, or a kill came between the two) gets the same match as the first time. Raises
    BadInput with both numbers, or with the keys, where it does not fit.
    """
    documents = 0 if project is None else project.documents.count()
    if key_column and key_column not in file.columns:
        there = ", ".join(f"“{column}”" for column in file.columns[:20]) or "none"
        raise BadInput(
            f"{file.path.name} has no column “{key_column}” of keys. There are: {there}."
        )
    if project is not None and documents and digest and match in ("auto", "new documents"):
        before = _documents_made_before(project, file, key_column, digest, control)
        if before is not None:
            return before
    if match == "new documents" and documents:
        raise BadInput(
            f"The project has {documents:,} documents already. Match the vectors to them by key or "
            "by order, or import them into a new project."
        )
    if match == "new documents" or (match == "auto" and not documents):
        return _new_documents(file, key_column, control)
    if project is None or not documents:
        raise BadInput(
            "The project has no documents to match the vectors to. Import documents first, or let "
            "the vectors make new ones."
        )
    if match == "order":
        return _by_order(project, file, documents)
    if match == "key" or key_column:
        return _by_key(project, file, key_column, documents, control)
    return _by_whatever_fits(project, file, documents, control)


# -- new documents --------------------------------------------------------------------------------


def _new_documents(file: VectorFile, key_column: str, control: TaskControl) -> RowMatch:
    rows = list(islice(file.cells(file.columns), SAMPLE_ROWS))
    uses = guessed_uses(file.columns, rows, key_column) if file.columns else ()
    notes: tuple[str, ...] = ()
    column = next((use.column for use in uses if use.role is ColumnRole.KEY), "")
    if column:
        keys = FileKeys.read(file, column, control)
        problem = keys.problem(file)
        if problem and key_column:
            raise BadInput(f"{problem} Choose another column of keys.")
        if problem:
            uses = tuple(_without_key(use) for use in uses)
            column, notes = "", (f"{problem} The row numbers are the keys instead.",)
    ids = np.arange(1, file.table.rows + 1)
    return RowMatch("new documents", column, ids, 0, uses, notes)


def import_hash(file: VectorFile, uses: Sequence[ColumnUse], digest: str) -> str:
    """Names the import of the documents that lie beside vectors."""
    told = [
        [use.column, use.role.value, use.field_type.value if use.field_type else None]
        for use in uses
    ]
    return short_hash(["vectors", digest, file.table.name, told])


def _documents_made_before(
    project: Project, file: VectorFile, key_column: str, digest: str, control: TaskControl
) -> RowMatch | None:
    """The match of an earlier import that made documents of this very file, or None."""
    records = import_records(project.database)
    if not any((r.source, r.kept) == (file.path.name, file.table.rows) for r in records):
        return None
    match = _new_documents(file, key_column, control)
    if find_import(project.database, import_hash(file, match.uses, digest)) is None:
        return None
    # Such an import is always the first of its project, so its documents count from 1.
    return replace(match, documents=project.documents.count(), notes=())


def _without_key(use: ColumnUse) -> ColumnUse:
    if use.role is not ColumnRole.KEY:
        return use
    return ColumnUse(use.column, ColumnRole.FIELD, FieldType.TEXT)


# -- documents that are there ---------------------------------------------------------------------


def _by_order(project: Project, file: VectorFile, documents: int) -> RowMatch:
    if file.table.rows != documents and not file.columns:
        raise BadInput(
            f"{file.path.name} has {file.table.rows:,} vectors and the project {documents:,} "
            "documents, and no keys beside the vectors say whose they are. Import one vector for "
            "each document, in the same order, or make a new project for these."
        )
    if file.table.rows != documents:
        raise BadInput(
            f"{file.path.name} has {file.table.rows:,} vectors and the project {documents:,} "
            "documents, so their order says nothing. Import one vector for each document, in the "
            "same order, or match them by a column of keys."
        )
    return RowMatch("order", "", project.documents.find(), documents)


def _by_key(
    project: Project, file: VectorFile, key_column: str, documents: int, control: TaskControl
) -> RowMatch:
    column = key_column or next(iter(file.table.key_columns), "")
    if not column:
        there = ", ".join(f"“{column}”" for column in file.columns[:20]) or "none"
        raise BadInput(
            f"{file.path.name} has no column whose values are short and never the same, which keys "
            f"have to be. Columns beside the vectors: {there}. Match by order, or name a column."
        )
    keys = FileKeys.read(file, column, control)
    problem = keys.problem(file, blanks=False)
    if problem:
        raise BadInput(f"{problem} Choose another column of keys, or remove one of the rows.")
    found = keys.documents(ProjectKeys.read(project, control))
    if not found.any():
        first = next(iter(file.cells([column])))[0]
        _, other = next(project.documents.iterate_keys(1))
        raise BadInput(
            f"No document has a key of “{column}” in {file.path.name}: its first is "
            f"“{first[:80]}”, that of the project “{other[:80]}”. Choose another column, or match "
            "by order."
        )
    return RowMatch("key", column, found, documents)


def _by_whatever_fits(
    project: Project, file: VectorFile, documents: int, control: TaskControl
) -> RowMatch:
    """By a column whose keys nearly all documents have, else by order."""
    known = None
    best, best_column = 0, ""
    for column in file.table.key_columns[:_KEYS_TRIED]:
        keys = FileKeys.read(file, column, control)
        if keys.problem(file, blanks=False):
            continue
        known = known or ProjectKeys.read(project, control)
        found = keys.documents(known)
        matched = int(np.count_nonzero(found))
        if matched >= NEARLY_ALL * documents:
            return RowMatch("key", column, found, documents)
        if matched > best:
            best, best_column = matched, column
    if file.table.rows == documents or not file.columns:
        return _by_order(project, file, documents)
    by_key = (
        f"The keys in “{best_column}” fit {best:,} documents only"
        if best
        else "No column of keys fits"
    )
    raise BadInput(
        f"{file.path.name} has {file.table.rows:,} vectors and the project {documents:,} "
        f"documents. {by_key}. Name the column of keys and match by key, or import one vector for "
        "each document."
    )


# -- keys -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProjectKeys:
    """The hashes of all keys of a project; 16 bytes of each."""

    hashes: np.ndarray
    """(n,) HASH_DTYPE, in the order of `sorting_order`."""
    ids: np.ndarray
    """(n,) int64, of each hash."""

    @classmethod
    def read(cls, project: Project, control: TaskControl) -> ProjectKeys:
        """All keys."""
        ids: list[int] = []

        def keys() -> Iterator[str]:
            for id_, key in project.documents.iterate_keys():
                ids.append(id_)
                yield key

        hashes = _hashes(keys(), control)
        order = sorting_order(hashes)
        return cls(hashes[order], np.array(ids, np.int64)[order])


@dataclass(frozen=True)
class FileKeys:
    """The hashes of one column of a vector file."""

    column: str
    hashes: np.ndarray
    """(rows,) HASH_DTYPE, in the order of the rows."""

    @classmethod
    def read(cls, file: VectorFile, column: str, control: TaskControl) -> FileKeys:
        """All cells of the column; raises BadInput when they are not as many as the vectors."""
        control.report(Progress(0, None, "vectors", "Reading the keys"))
        hashes = _hashes((clean_text(cells[0])[0] for cells in file.cells([column])), control)
        if len(hashes) != file.table.rows:
            raise BadInput(
                f"“{column}” in {file.path.name} has {len(hashes):,} values for "
                f"{file.table.rows:,} vectors."
            )
        return cls(column, hashes)

    def problem(self, file: VectorFile, *, blanks: bool = True) -> str:
        """One sentence where two rows have one key, or, with `blanks`, a row has none; or ""."""
        blank = self.hashes == _BLANK
        if blanks and blank.any():
            row = int(np.flatnonzero(blank)[0])
            return f"Row {row + 1:,} has no value in “{self.column}”."
        order = sorting_order(self.hashes)
        ordered = self.hashes[order]
        same = np.flatnonzero((ordered[1:] == ordered[:-1]) & (ordered[1:] != _BLANK))
        if not len(same):
            return ""
        at = same[np.argmin(order[same + 1])]
        first, second = sorted((int(order[at]), int(order[at + 1])))
        key = next(islice(file.cells([self.column]), first, None))[0]
        more = f" ({len(same):,} rows repeat a key in all)" if len(same) > 1 else ""
        return (
            f"Rows {first + 1:,} and {second + 1:,} of {file.path.name} have the same "
            f"“{self.column}”, “{key[:80]}”{more}."
        )

    def documents(self, known: ProjectKeys) -> np.ndarray:
        """(rows,) int64: the document with each key; 0 where there is none."""
        at = find_rows(known.hashes, self.hashes)
        found = np.where(at >= 0, known.ids[np.maximum(at, 0)], 0)
        found[self.hashes == _BLANK] = 0
        return found


_BLANK = from_bytes(np.frombuffer(text_hash(""), np.uint8).reshape(1, HASH_BYTES))[0]


def _hashes(keys: Iterable[str], control: TaskControl) -> np.ndarray:
    made = bytearray()
    for number, key in enumerate(keys):
        if number % _CHECK_EVERY == 0:
            control.checkpoint()
        made += text_hash(key)
    return from_bytes(np.frombuffer(bytes(made), np.uint8).reshape(-1, HASH_BYTES))
