"""What a report says about how each thing was made, so that somebody can make it again."""

from __future__ import annotations

from collections.abc import Collection

from saedesk.jobs.load_sae import is_loaded
from saedesk.jobs.loaded_sae import architecture_title
from saedesk.jobs.report_parts.sae_part import sae_settings
from saedesk.jobs.report_parts.safe_values import file_name, flat_rows, value_text
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.report.report_content import MadeThing, StoredFile

_KINDS = {
    "vectors": "Vectors",
    "saes": "SAE",
    "activations": "Activations",
    "statistics": "Statistics",
    "indexes": "Index",
}
_SHOWN_ELSEWHERE = ("config", "settings", "name", "notes")
_NOT_COUNTED = ("architecture",)
_TITLES = {
    "sae": "made from the SAE",
    "vectors": "made from the vectors",
    "activations": "made from the activations",
    "corpus": "made from documents with the hash",
    "algorithm": "version of the algorithm",
    "n latents": "features",
    "fvu": "FVU",
    "l0": "L0",
    "dead share": "share of dead features",
    "never active": "features that are never active",
    "mean squared error": "mean squared error of a document",
    "zero rows": "vectors that are zero",
    "not finite rows": "vectors that are not finite",
    "truncated": "texts cut off by the encoder",
    "embedded": "texts embedded last",
    "shipped": "came with the program",
    "loaded, sha256": "sha256 of what was loaded",
    "loaded, format": "loaded from the format of",
    "imported": "sha256 of the imported file",
}
"""What a person calls the names of a manifest; others are shown as they are."""


def record_part(project: Project, shown: Collection[ArtifactRecord]) -> list[MadeThing]:
    """The documents and every artifact of the project, in the order they were made."""
    used = {(record.kind, record.hash) for record in shown}
    things = [_documents(project)] if project.documents.count() else []
    records = sorted(project.manifest.artifacts, key=lambda record: record.created)
    return things + [_artifact(record, (record.kind, record.hash) in used) for record in records]


def _documents(project: Project) -> MadeThing:
    rows = [
        ("documents", f"{project.documents.count():,}"),
        ("hash of all keys and texts", project.documents.corpus_hash()),
    ]
    for definition in project.documents.fields():
        rows.append((f"field {definition.name}", definition.type.value))
    return MadeThing("Documents", "", project.manifest.created, True, rows)


def _artifact(record: ArtifactRecord, in_report: bool) -> MadeThing:
    title = _KINDS.get(record.kind, record.kind)
    inputs = {k: v for k, v in record.inputs.items() if k not in _SHOWN_ELSEWHERE}
    rows = list(flat_rows(inputs))
    if record.kind == "saes":
        title = f"{title} “{record.summary.get('name', record.hash)}”"
        rows = [("architecture", architecture_title(record))]
        rows += list(flat_rows({k: v for k, v in inputs.items() if k not in _NOT_COUNTED}))
        rows += [(f"setting {name}", value) for name, value in sae_settings(record) if value]
        if is_loaded(record):
            rows += [("note", str(note)) for note in record.summary.get("notes") or ()]
    known = {name for name, _ in rows}
    found = {
        k: v
        for k, v in record.summary.items()
        if k not in _SHOWN_ELSEWHERE and k.replace("_", " ") not in known
    }
    rows += list(flat_rows(found))
    rows = [(_TITLES.get(name, name), value) for name, value in rows]
    files = [
        StoredFile(file_name(name), int(about["bytes"]), value_text(about.get("sha256")))
        for name, about in sorted(record.files.items())
    ]
    return MadeThing(title, record.hash, record.created, in_report, rows, files)
