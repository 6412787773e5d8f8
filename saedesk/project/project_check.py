"""`verify`: is every file what was written, and what follows where one is not?"""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.errors import DamagedArtifact
from saedesk.project.artifact_integrity import damage_of
from saedesk.project.document_check import check_documents
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

_WAY_OUT = {
    "vectors": "run “saedesk embed” again",
    "saes": "run “saedesk train” again with the same settings",
    "activations": "run “saedesk analyse” again",
    "statistics": "run “saedesk analyse” again",
    "co_occurrence": "run “saedesk families” again",
    "families": "run “saedesk families” again",
    "family_labels": "run “saedesk families” again",
    "family_measures": "run “saedesk families --measure” again",
    "indexes": "run “saedesk index” again",
}
_FROM_A_FILE = {
    "vectors": "run “saedesk import-vectors” with the same file again",
    "saes": "run “saedesk load-sae” with the same file again",
}
_RESTORE = "restore a backup, or import into a new project"
MOST_NAMED = 20
"""Changed documents that are named; of more only the number is told."""


@dataclass(frozen=True)
class Finding:
    """One file that is not what was written."""

    kind: str
    hash: str
    file: str
    problem: str
    """What is wrong, in a few words."""
    way_out: str
    """The command that makes it again, or what else to do."""


def check_project(project: Project, control: TaskControl) -> list[Finding]:
    """Compare every file with its size and sha256, every document with its hash."""
    findings = _check_database(project, control)
    records = project.manifest.artifacts
    for done, record in enumerate(records):
        control.checkpoint()
        control.report(Progress(done, len(records), "artifacts", f"Checking {record.kind}"))
        findings.extend(_check_artifact(project, record))
    return findings


def _check_database(project: Project, control: TaskControl) -> list[Finding]:
    try:
        answer = project.database.rows("PRAGMA integrity_check(5)")
        problems = [str(row[0]) for row in answer if row[0] != "ok"]
        if not problems:
            problems = _check_documents(project, control)
    except DamagedArtifact as error:
        problems = [error.sentence]
    name = project.database.path.name
    return [Finding("documents", "", name, problem, _RESTORE) for problem in problems]


def _check_documents(project: Project, control: TaskControl) -> list[str]:
    found = check_documents(project.documents, control)
    problems = [f"the document “{key}” was changed" for key in found.changed[:MOST_NAMED]]
    if len(found.changed) > MOST_NAMED:
        problems.append(f"{len(found.changed) - MOST_NAMED:,} more documents were changed")
    if not found.changed and not found.is_complete:
        problems.append("documents are missing, or their keys were changed")
    return problems


def _check_artifact(project: Project, record: ArtifactRecord) -> list[Finding]:
    is_from_file = "imported" in record.inputs or "loaded" in record.inputs
    way_out = (_FROM_A_FILE if is_from_file else _WAY_OUT)[record.kind]
    return [
        Finding(record.kind, record.hash, name, problem, way_out)
        for name, problem in damage_of(project.folder, record).items()
    ]
