"""Write the report of a project: one HTML file that opens anywhere, offline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from saedesk.errors import BadInput, BadSetting
from saedesk.jobs.analyse_features import analysis_in_use, sae_to_use
from saedesk.jobs.loaded_sae import LoadedSae, open_sae
from saedesk.jobs.shown_families import shown_families
from saedesk.project.atomic_files import write_bytes
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.report.report_content import ReportContent
from saedesk.task_control import Progress, TaskControl

ENDINGS = (".html", ".htm")
MOST_FEATURES = 1000
"""Features shown in full at most; more make a file that browsers open slowly."""


@dataclass(frozen=True)
class ReportRequest:
    """Where the report goes, and what it is about."""

    path: Path
    """Ends in .html; an older file of that name is replaced."""
    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    features: int = 60
    """How many features are shown in full, 0 to MOST_FEATURES; all are in the index."""


def run(project: Project, request: ReportRequest, control: TaskControl) -> Path:
    """Write the report in one step; returns the path of the file.

    A project without vectors, SAE or analysis gets a report of what it has. Raises BadSetting or
    BadInput for a place or a number that cannot be, DamagedArtifact, OutOfRoom.
    """
    from saedesk.report.report_page import render

    path = _check(request)
    content = gather(project, request, control)
    control.report(Progress(0, None, "features", "Writing the report"))
    page = render(content)
    control.checkpoint()
    write_bytes(path, page.encode("utf-8"))
    return path


def gather(
    project: Project, request: ReportRequest, control: TaskControl, written: str = ""
) -> ReportContent:
    """Everything the report says; `written` is its ISO time, now where it is not given."""
    from saedesk import __version__
    from saedesk.jobs.report_parts.corpus_part import corpus_part
    from saedesk.jobs.report_parts.families_part import families_part
    from saedesk.jobs.report_parts.features_part import features_part
    from saedesk.jobs.report_parts.record_part import record_part
    from saedesk.jobs.report_parts.repeating_commands import repeating_commands
    from saedesk.jobs.report_parts.sae_part import run_rows, sae_part, vectors_part

    record = _sae_record(project, request.sae)
    sae = None if record is None else _analysed(project, record)
    analysis = None if record is None or sae is None else analysis_in_use(project, record)
    vectors = project.current("vectors") if sae is None else sae.vectors.record
    control.report(Progress(0, None, "documents", "Counting documents"))
    corpus = corpus_part(project, control)
    features = None if sae is None else features_part(project, sae, request.features, control)
    control.report(Progress(0, None, "features", "Finding families"))
    uncounted = _Uncounted(control)
    stored, families = (
        (None, ()) if sae is None else shown_families(project, sae.hash, uncounted)[:2]
    )
    shown = [thing for thing in (vectors, record, *(analysis or ())) if thing is not None]
    if stored is not None:
        shown.append(stored.record)
    return ReportContent(
        name=project.name,
        created=project.manifest.created,
        written=written or datetime.now(UTC).isoformat(timespec="seconds"),
        program=f"saedesk {__version__}",
        corpus=corpus,
        vectors=None if vectors is None else vectors_part(vectors),
        sae=None if record is None else sae_part(project, record, sae),
        runs=run_rows(project, record),
        features=features,
        families=None if sae is None else families_part(project, sae, families),
        record=record_part(project, shown, features),
        commands=repeating_commands(
            project,
            record,
            vectors,
            None if analysis is None else analysis[1],
            None if stored is None else stored.record,
        ),
    )


class _Uncounted:
    """A part of the work whose own count would set the progress of the whole back."""

    def __init__(self, control: TaskControl) -> None:
        self.checkpoint = control.checkpoint
        self.finish_early = control.finish_early
        self.publish = control.publish

    def report(self, progress: Progress) -> None:
        """The note that stands is enough."""


def _check(request: ReportRequest) -> Path:
    """The path of the file to write, before anything is gathered."""
    path = request.path.absolute()
    if path.suffix.lower() not in ENDINGS:
        raise BadSetting(f"The name {path.name} must end in {' or '.join(ENDINGS)}.")
    if path.is_dir():
        raise BadInput(f"{path} is a folder. Choose another name for the report.")
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {path.parent} to write {path.name} to.")
    if not 0 <= request.features <= MOST_FEATURES:
        raise BadSetting(
            f"A report shows 0 to {MOST_FEATURES:,} features in full, not {request.features:,}."
        )
    return path


def _sae_record(project: Project, hash_: str) -> ArtifactRecord | None:
    """The SAE the report is about; None in a project that has none in use."""
    if not hash_ and project.current("saes") is None:
        return None
    return sae_to_use(project, hash_)


def _analysed(project: Project, record: ArtifactRecord) -> LoadedSae | None:
    """The SAE with its analysis; None before there is one, or vectors to make one of."""
    try:
        return open_sae(project, record)
    except BadInput:
        return None
