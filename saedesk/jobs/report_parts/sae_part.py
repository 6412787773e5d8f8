"""What a report says about the vectors, the SAE and its training, and the project's other SAEs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saedesk.errors import KnownError
from saedesk.jobs.analyse_features import analysis_in_use
from saedesk.jobs.curve_parts import read_curve
from saedesk.jobs.load_sae import is_loaded
from saedesk.jobs.loaded_sae import LoadedSae, architecture_title
from saedesk.jobs.remarks_on_run import remarks_on_run
from saedesk.jobs.report_parts.safe_values import file_name, flat_rows, value_text
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.report.report_content import RunRow, SaePart, VectorsPart


def vectors_part(record: ArtifactRecord) -> VectorsPart:
    """The vectors in numbers."""
    summary = record.summary
    unusable = sum(int(summary.get(name) or 0) for name in ("zero_rows", "not_finite_rows"))
    return VectorsPart(
        model=file_name(str(record.inputs.get("model") or "")),
        documents=int(summary.get("documents") or 0),
        dimensions=int(summary.get("dimensions") or 0),
        precision=str(summary.get("precision") or ""),
        unusable=unusable,
        truncated=int(summary.get("truncated") or 0),
        imported="imported" in record.inputs,
    )


def sae_part(project: Project, record: ArtifactRecord, sae: LoadedSae | None) -> SaePart:
    """The SAE's numbers; `sae` is its analysis, None before there is one."""
    summary, config = record.summary, dict(record.inputs.get("config") or {})
    activations = None if sae is None else _activations_of(project, sae)
    loaded = is_loaded(record)
    held_out = summary.get("fvu")
    return SaePart(
        name=str(summary.get("name", record.hash)),
        hash=record.hash,
        architecture=architecture_title(record),
        about=_about(record),
        n_latents=int(summary["n_latents"]),
        k=summary.get("k"),
        held_out_fvu=None if loaded else held_out,
        held_out_share=None if loaded or held_out is None else config.get("held_out_share"),
        corpus_fvu=None if activations is None else activations.summary.get("fvu"),
        l0=summary.get("l0") if activations is None else activations.summary.get("l0"),
        never_active=None if sae is None else int(sae.statistics.never_active.sum()),
        encoder="" if sae is None or sae.encoder.name == "own" else sae.encoder.title,
        settings=sae_settings(record),
        remarks=_remarks(project, record),
        curve=_curve(project, record),
        loaded_format=str(summary.get("loaded") or "") if loaded else "",
        loaded_file=file_name(str(summary.get("file") or "")) if loaded else "",
        loaded_notes=[str(note) for note in summary.get("notes") or ()] if loaded else (),
    )


def sae_settings(record: ArtifactRecord) -> list[tuple[str, str]]:
    """Every setting with the name a person knows it by; of a loaded SAE what its file said."""
    if is_loaded(record):
        return list(flat_rows(record.summary.get("settings") or {}))
    labels = {info.name: info for info in settings_of(record)}
    config = dict(record.inputs.get("config") or {})
    rows = []
    for name in [*(n for n in labels if n in config), *(n for n in config if n not in labels)]:
        value = config[name]
        info = labels.get(name)
        unit = f" {info.unit}" if info is not None and info.unit else ""
        title = name.replace("_", " ") if info is None else info.label
        rows.append((title, f"{value_text(value)}{unit}"))
    return rows


def settings_of(record: ArtifactRecord) -> Sequence[Any]:
    """The `SettingInfo`s of an SAE's architecture; () for one this program does not know."""
    from saedesk.sae.architectures import architectures
    from saedesk.sae.sae_config import describe

    name = str(record.inputs["architecture"])
    return describe(architectures().get(name).Config) if name in set(architectures()) else ()


def run_rows(project: Project, shown: ArtifactRecord | None) -> list[RunRow]:
    """All SAEs of the project, oldest first."""
    return [_run_row(project, record, shown) for record in project.artifacts("saes")]


def _run_row(project: Project, record: ArtifactRecord, shown: ArtifactRecord | None) -> RunRow:
    told = record.summary
    analysis = analysis_in_use(project, record) if is_loaded(record) else None
    if analysis is not None:
        # Its training is not known; what it does on these documents is.
        told = {**told, **{name: analysis[1].summary.get(name) for name in ("l0", "fvu")}}
    return RunRow(
        name=str(told.get("name", record.hash)),
        hash=record.hash,
        architecture=architecture_title(record),
        n_latents=int(told.get("n_latents") or 0),
        k=told.get("k"),
        l0=told.get("l0"),
        fvu=told.get("fvu"),
        in_report=shown is not None and record.hash == shown.hash,
    )


def _activations_of(project: Project, sae: LoadedSae) -> ArtifactRecord | None:
    found = analysis_in_use(project, sae.record)
    return None if found is None else found[1]


def _about(record: ArtifactRecord) -> str:
    from saedesk.sae.architectures import architectures

    return str(architectures().get(str(record.inputs["architecture"])).about)


def _remarks(project: Project, record: ArtifactRecord) -> list[str]:
    return [f"{remark.sentence} {remark.advice}" for remark in remarks_on_run(project, record)]


def _curve(project: Project, record: ArtifactRecord) -> Any:
    """The curve of the training; nothing where its file is damaged, which `verify` tells."""
    try:
        return read_curve(project, record)
    except (KnownError, ValueError, TypeError):
        return ()
