"""Looking at a file of vectors in the lane: its tables, and how its rows would be matched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from saedesk.embedding.vector_files.any_vector_file import list_vector_tables
from saedesk.embedding.vector_files.vector_file import VectorTable
from saedesk.errors import KnownError
from saedesk.jobs.import_vectors import ImportVectorsRequest, VectorsPreview, preview
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl, Unattended


@dataclass(frozen=True)
class Looked:
    """What the lane found in a file."""

    request: ImportVectorsRequest
    """With the table that was looked at."""
    tables: tuple[VectorTable, ...]
    documents: int
    preview: VectorsPreview | None
    sentence: str = ""
    """Why there is no preview."""

    @property
    def chosen(self) -> VectorTable:
        """The table that was looked at."""
        named = [table for table in self.tables if table.name == self.request.table]
        return named[0] if named else self.tables[0]


class _Telling(Unattended):
    """The control of the lane; what is reported goes to the dialog as well."""

    def __init__(self, control: TaskControl, note: Callable[[Progress], None]) -> None:
        self._control, self._note = control, note

    def checkpoint(self) -> None:
        self._control.checkpoint()

    def report(self, progress: Progress) -> None:
        self._note(progress)
        self._control.report(progress)


class Look:
    """Reads all of one table, in the lane."""

    def __init__(self, project: Project, request: ImportVectorsRequest) -> None:
        self._project, self._request = project, request
        self._progress = Progress(0, None)

    @property
    def percent(self) -> str:
        """“34 %” while the rows are read, "" before; may be asked from another thread."""
        progress = self._progress
        if not progress.total or not progress.done:
            return ""
        return f"{progress.done / progress.total:.0%}".replace("%", "\u00a0%")

    def _note(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, control: TaskControl) -> Looked:
        control = _Telling(control, self._note)
        request = self._request
        tables = list_vector_tables(request.path)
        if request.table not in [table.name for table in tables]:
            request = replace(request, table=tables[0].name)
        documents = self._project.documents.count()
        refused: list[tuple[ImportVectorsRequest, str]] = []
        for tried in self._tries(request, tables, documents):
            try:
                found = preview(self._project, tried, control)
            except KnownError as error:
                refused.append((tried, error.sentence))
                continue
            return Looked(tried, tables, documents, found)
        # Where there are keys, why the likely ones do not fit tells more than two numbers of rows.
        shown, sentence = refused[1] if len(refused) > 1 else refused[0]
        return Looked(shown, tables, documents, None, sentence)

    def _tries(
        self, request: ImportVectorsRequest, tables: Sequence[VectorTable], documents: int
    ) -> Iterator[ImportVectorsRequest]:
        """Keys of which some are unknown are not trusted unasked, but here a person sees them."""
        yield request
        table = next(table for table in tables if table.name == request.table)
        if request.match == "auto" and documents:
            for column in table.key_columns:
                yield replace(request, match="key", key_column=column)
