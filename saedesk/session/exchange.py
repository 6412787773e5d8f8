"""What comes from other programs into the open project, and what goes out to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.session.lane_jobs import LaneJob
from saedesk.session.message import SAE, VECTORS
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from saedesk.jobs.export_sae import ExportSaeRequest
    from saedesk.jobs.export_table import ExportRequest
    from saedesk.jobs.import_vectors import ImportVectorsRequest, ImportVectorsResult
    from saedesk.jobs.load_sae import LoadSaeRequest
    from saedesk.jobs.write_report import ReportRequest
    from saedesk.session.session import Session


class Exchange(QObject):
    """Runs the jobs that read and write other programs' files; failures become messages."""

    written = Signal(object, str)
    """A file or folder (Path) was written for somebody, and a sentence that says so."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    # -- in ----------------------------------------------------------------------------------

    def import_vectors(self, request: ImportVectorsRequest) -> Task:
        """Take vectors from a file; an index is built where there are many."""
        return self._session.run(
            f"Reading vectors from {request.path.name}",
            LaneJob(_import_and_index, self._session.writable_project(), request),
            self._on_vectors,
            can_pause=True,
        )

    def load_sae(self, request: LoadSaeRequest) -> Task:
        """Take an SAE from a file; then it is analysed and labelled like one trained here."""
        from saedesk.jobs import load_sae

        return self._session.run(
            f"Loading {request.path.name}",
            LaneJob(load_sae.run, self._session.writable_project(), request),
            self._on_sae,
        )

    def take_vectors(self, record: ArtifactRecord, *, documents_changed: bool = False) -> None:
        """Put to use what a job made or found; vectors that are read already keep all steps."""
        session = self._session
        if session.vectors is None or session.vectors.record != record:
            session.take_new_vectors(documents_changed=documents_changed)
            return
        session.index.use_found()
        session.analyse_new_documents()

    def _on_vectors(self, result: ImportVectorsResult) -> None:
        session = self._session
        self.take_vectors(result.record, documents_changed=result.documents_made > 0)
        said = [f"{result.stored:,} vectors are in use."]
        if result.dropped:
            said.append(f"{result.dropped:,} rows were left out.")
        if result.kept_out:
            said.append(f"{result.kept_out:,} are kept out of training.")
        said += result.notes
        if session.sae is not None and session.sae.vectors.record != result.record:
            said.append(
                f"{session.sae.name} stays on the vectors that it was trained on, and so do "
                "Features and Search; train an SAE on the new ones to read them."
            )
        session.tell(" ".join(said), (SAE, VECTORS))

    def _on_sae(self, record: ArtifactRecord) -> None:
        session = self._session
        name = record.summary.get("name", record.hash)
        is_read = session.sae is not None and session.sae.record == record
        if is_read and not session.lacks_documents(record):
            session.tell(f"{name} is in use already; nothing changed.", (SAE, VECTORS))
            return
        session.runs_changed.emit()
        if session.vectors is None:
            session.tell(
                f"{name} is in the project. Its features are found once there are vectors.",
                (SAE, VECTORS),
            )
        else:
            session.analyse(record)

    # -- out ---------------------------------------------------------------------------------

    def export_sae(self, request: ExportSaeRequest) -> Task:
        """Write an SAE as a folder of another library."""
        from saedesk.jobs import export_sae

        return self._write(f"Exporting to {request.folder.name}", export_sae.run, request)

    def export_table(self, request: ExportRequest) -> Task:
        """Write a table or array to a file."""
        from saedesk.jobs import export_table

        return self._write(f"Writing {request.path.name}", export_table.run, request)

    def write_report(self, request: ReportRequest) -> Task:
        """Write the report of the project as one HTML file."""
        from saedesk.jobs import write_report

        return self._write(f"Writing {request.path.name}", write_report.run, request)

    def _write(
        self, title: str, job: Callable[[Project, Any, TaskControl], Any], request: Any
    ) -> Task:
        """Reading is enough: a project open elsewhere can be exported too."""
        path = Path(getattr(request, "path", None) or request.folder)
        work = LaneJob(job, self._session.opened_project(), request)
        return self._session.run(title, work, _Written(self, path))


class _Written:
    """Called in the GUI thread when the job has written its file."""

    def __init__(self, exchange: Exchange, path: Path) -> None:
        self._exchange, self._path = exchange, path

    def __call__(self, result: object) -> None:
        sentence = f"{self._path.name} is written."
        if isinstance(result, int) and not isinstance(result, bool):
            sentence = f"{self._path.name} is written, {result:,} rows."
        elif isinstance(result, tuple):
            # What a reader of an exported SAE should know.
            sentence = " ".join([sentence, *result])
        self._exchange.written.emit(self._path, sentence)


def _import_and_index(
    project: Project, request: ImportVectorsRequest, control: TaskControl
) -> ImportVectorsResult:
    from saedesk.jobs import build_index, import_vectors
    from saedesk.jobs.job_phases import WithoutShare

    result = import_vectors.run(project, request, control)
    build_index.run(project, build_index.IndexRequest(), WithoutShare(control))
    return result
