"""What a report says about how each thing was made, so that somebody can make it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from saedesk.jobs.load_sae import is_loaded
from saedesk.jobs.loaded_sae import architecture_title
from saedesk.jobs.report_parts.sae_part import sae_settings
from saedesk.jobs.report_parts.safe_values import file_name, flat_rows, value_text
from saedesk.project.document_writer import import_records
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.report.report_content import FeaturesPart, MadeThing, StoredFile

_KINDS = {
    "vectors": "Vectors",
    "saes": "SAE",
    "activations": "Activations",
    "statistics": "Statistics",
    "co_occurrence": "Co-occurrence",
    "families": "Families",
    "family_measures": "Measures of families",
    "indexes": "Index",
}
_SHOWN_ELSEWHERE = ("config", "settings", "name", "notes", "forecast", "forecast_error")
_TITLES = {
    "sae": "SAE",
    "corpus": "documents, by hash",
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


def record_part(
    project: Project, shown: Collection[ArtifactRecord], features: FeaturesPart | None
) -> list[MadeThing]:
    """The documents, every artifact of the project in the order they were made, and the labels."""
    used = {(record.kind, record.hash) for record in shown}
    things = [_documents(project)] if project.documents.count() else []
    records = sorted(project.manifest.artifacts, key=lambda record: record.created)
    things += [_artifact(record, (record.kind, record.hash) in used) for record in records]
    if features is not None and features.label_sources:
        counts = [(source, f"{count:,}") for source, count in features.label_sources]
        things.append(MadeThing("Labels", "", "", True, [], [], counts))
    return things


def _documents(project: Project) -> MadeThing:
    fields = [(f"field {field.name}", field.type.value) for field in project.documents.fields()]
    imports = [("import", file_name(r.source)) for r in import_records(project.database)]
    found = [
        ("documents", f"{project.documents.count():,}"),
        ("hash of all keys and texts", project.documents.corpus_hash()),
    ]
    return MadeThing("Documents", "", project.manifest.created, True, imports, fields, found)


def _artifact(record: ArtifactRecord, in_report: bool) -> MadeThing:
    title = _KINDS.get(record.kind, record.kind)
    settings: list[tuple[str, str]] = []
    inputs = {k: v for k, v in record.inputs.items() if k not in _SHOWN_ELSEWHERE}
    made_from = list(flat_rows(inputs))
    if record.kind == "saes":
        title = f"{title} “{record.summary.get('name', record.hash)}”"
        inputs.pop("architecture", None)
        made_from = [("architecture", architecture_title(record)), *flat_rows(inputs)]
        settings = [(name, value) for name, value in sae_settings(record) if value]
        if is_loaded(record):
            made_from += [("note", str(note)) for note in record.summary.get("notes") or ()]
    if record.kind == "families":
        settings = list(flat_rows(record.inputs["settings"]))
    if record.kind == "activations" and "encoder" not in record.inputs:
        made_from.append(("encoder", "the SAE’s own"))
    known = {name for name, _ in made_from}
    found = {
        k: v
        for k, v in record.summary.items()
        if k not in _SHOWN_ELSEWHERE and k.replace("_", " ") not in known
    }
    files = [
        StoredFile(file_name(name), int(about["bytes"]), value_text(about.get("sha256")))
        for name, about in sorted(record.files.items())
    ]
    return MadeThing(
        title,
        record.hash,
        record.created,
        in_report,
        _titled(made_from),
        settings,
        _titled(flat_rows(found)),
        files,
    )


def _titled(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_TITLES.get(name, name), value) for name, value in rows]
