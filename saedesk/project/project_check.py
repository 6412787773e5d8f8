"""`verify`: is every file what was written, and what follows where one is not?"""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.project.atomic_files import file_digest
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

_REBUILD = {
    "vectors": "saedesk embed",
    "saes": "saedesk train",
    "activations": "saedesk analyse",
    "statistics": "saedesk analyse",
    "indexes": "saedesk embed",
}


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
    """Compare every file with its size and sha256, and ask SQLite to check its structure."""
    findings = _check_database(project)
    records = project.manifest.artifacts
    for done, record in enumerate(records):
        control.checkpoint()
        control.report(Progress(done, len(records), "artifacts", f"Checking {record.kind}"))
        findings.extend(_check_artifact(project, record))
    return findings


def _check_database(project: Project) -> list[Finding]:
    answer = project.database.connection().execute("PRAGMA integrity_check(5)").fetchall()
    return [
        Finding("documents", "", project.database.path.name, str(row[0]), "restore a backup")
        for row in answer
        if row[0] != "ok"
    ]


def _check_artifact(project: Project, record: ArtifactRecord) -> list[Finding]:
    findings = []
    for name, expected in record.files.items():
        path = project.folder / record.kind / record.hash / name
        if not path.is_file():
            problem = "is missing"
        elif path.stat().st_size != expected["bytes"]:
            problem = f"has {path.stat().st_size} bytes instead of {expected['bytes']}"
        elif file_digest(path) != expected["sha256"]:
            problem = "was changed"
        else:
            continue
        way_out = f"run “{_REBUILD[record.kind]}” again"
        findings.append(Finding(record.kind, record.hash, name, problem, way_out))
    return findings
