"""Documents from files into the project: whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from saedesk.corpus.corpus_input import (
    DocumentBatch,
    InputRequest,
    RejectedRow,
    field_definitions,
    read_documents,
)
from saedesk.errors import BadInput
from saedesk.project.atomic_files import require_room, short_hash
from saedesk.project.document_writer import (
    MOST_REJECTED_ROWS_KEPT,
    DocumentWriter,
    ImportRecord,
    StoredRejectedRow,
    find_import,
    writing_documents,
)
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

OnDuplicate = Literal["stop", "keep first"]
_CHECK_EVERY = 200
_PIECE = 1 << 24


@dataclass(frozen=True)
class ImportRequest:
    """What to import and what to do about keys that occur twice."""

    input: InputRequest
    on_duplicate: OnDuplicate = "stop"
    """"stop" refuses the import with a sentence; "keep first" leaves later rows out."""


@dataclass(frozen=True)
class ImportResult:
    """What came in."""

    record: ImportRecord
    already_there: bool
    """Whether the very same import had been finished before, so that nothing was done."""


@dataclass
class _Counts:
    kept: int = 0
    duplicates: int = 0
    empty: int = 0
    rejected: int = 0
    replaced: int = 0
    first_duplicate: tuple[str, int] | None = None


def run(project: Project, request: ImportRequest, control: TaskControl) -> ImportResult:
    """Import; raises BadInput with a sentence, and then nothing has changed."""
    project.check_writable()
    control.report(Progress(0, None, "bytes", "Looking at the file"))
    before = _states(request)
    source_hash = _source_hash(request, control)
    done = find_import(project.database, source_hash)
    if done is not None:
        return ImportResult(done, already_there=True)
    size = sum(_size(path) for path in request.input.paths)
    # Text, full-text index and write-ahead log together take about this much.
    require_room(project.folder, 4 * size)
    counts, rejected = _Counts(), list[StoredRejectedRow]()
    unreadable: dict[str, int] = {}
    with writing_documents(project.database, field_definitions(request.input.uses)) as writer:
        for batch in read_documents(request.input):
            control.checkpoint()
            _add(batch, writer, counts, control)
            for name, number in batch.unreadable_values.items():
                unreadable[name] = unreadable.get(name, 0) + number
            counts.rejected += len(batch.rejected)
            counts.replaced += batch.replaced_characters
            room = MOST_REJECTED_ROWS_KEPT - len(rejected)
            rejected.extend(_stored(row) for row in batch.rejected[:room])
            control.report(
                Progress(batch.bytes_done, batch.bytes_total, "bytes", f"{counts.kept:,} documents")
            )
        _check_counts(request, counts)
        record = ImportRecord(
            source=_source_name(request),
            read=counts.kept + counts.duplicates + counts.rejected,
            kept=counts.kept,
            rejected=counts.rejected,
            duplicates=counts.duplicates,
            empty_texts=counts.empty,
            replaced_characters=counts.replaced,
            unreadable_values=unreadable,
            encoding=request.input.encoding,
            delimiter=request.input.delimiter,
            size_bytes=size,
        )
        _check_unchanged(before, request)
        control.checkpoint()
        record = writer.finish(source_hash, record, rejected)
    return ImportResult(record, already_there=False)


def _add(
    batch: DocumentBatch, writer: DocumentWriter, counts: _Counts, control: TaskControl
) -> None:
    for number, (document, line) in enumerate(zip(batch.documents, batch.lines, strict=True)):
        if number % _CHECK_EVERY == 0:
            control.checkpoint()
        if writer.add(document):
            counts.kept += 1
            counts.empty += not document.text.strip()
        else:
            counts.duplicates += 1
            counts.first_duplicate = counts.first_duplicate or (document.key, line)


def _check_counts(request: ImportRequest, counts: _Counts) -> None:
    name = _source_name(request)
    if counts.duplicates and request.on_duplicate == "stop":
        assert counts.first_duplicate is not None
        key, line = counts.first_duplicate
        rows = "row has a key" if counts.duplicates == 1 else "rows have keys"
        raise BadInput(
            f"{counts.duplicates:,} {rows} that another document has already, the first in line "
            f"{line:,} of {name} (“{key}”). Nothing was imported. Choose another key column, or "
            "keep only the first document of each key."
        )
    if counts.kept == 0:
        raise BadInput(f"{name} has no rows that can be used. Nothing was imported.")


def _source_name(request: ImportRequest) -> str:
    names = [path.name for path in request.input.paths]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


_FileState = tuple[str, int, int]
"""Path, size in bytes, time of the last change in ns."""


def _states(request: ImportRequest) -> list[_FileState]:
    """What the system says about every file, to notice one that changes while it is read."""
    found = []
    for path in request.input.paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            try:
                about = file.stat()
            except OSError as error:
                raise BadInput(f"{file.name} cannot be read ({error.strerror}).") from error
            found.append((str(file), about.st_size, about.st_mtime_ns))
    return found


def _check_unchanged(before: list[_FileState], request: ImportRequest) -> None:
    if _states(request) != before:
        raise BadInput(
            f"{_source_name(request)} was changed while it was being imported. "
            "Nothing was imported. Wait until it is complete and import it again."
        )


def _source_hash(request: ImportRequest, control: TaskControl) -> str:
    """Names the content of the files and the settings, so that a repeated import is recognised."""
    uses = [
        [use.column, use.role.value, use.field_type.value if use.field_type else None]
        for use in request.input.uses
    ]
    contents = [_content_digest(path, control) for path in request.input.paths]
    return short_hash([uses, request.input.encoding, request.input.delimiter, contents])


def _content_digest(path: Path, control: TaskControl) -> str:
    try:
        if path.is_dir():
            listing = "\n".join(
                f"{p.relative_to(path)} {p.stat().st_size} {p.stat().st_mtime_ns}"
                for p in sorted(path.rglob("*"))
                if p.is_file()
            )
            return hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()
        if not path.is_file():
            raise BadInput(f"{path.name} is not a file that can be read. Choose another one.")
        return _file_digest(path, control)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror}).") from error


def _file_digest(path: Path, control: TaskControl) -> str:
    """The sha256 of a file, read in pieces so that a cancel need not wait for gigabytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            control.checkpoint()
            digest.update(piece)
    return digest.hexdigest()


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    return path.stat().st_size


def _stored(row: RejectedRow) -> StoredRejectedRow:
    return StoredRejectedRow(row.path.name, row.line, row.reason, row.beginning)
