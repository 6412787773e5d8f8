"""Write an SAE of the project as a folder that another library reads, with its model card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from saedesk.jobs.analyse_features import analysis_in_use, sae_to_use
from saedesk.jobs.load_sae import is_loaded
from saedesk.jobs.report_parts.safe_values import flat_rows
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl


@dataclass(frozen=True)
class ExportSaeRequest:
    """Which SAE, where to, and for whom."""

    sae: str
    """Hash of the SAE; "" for the one in use."""
    folder: Path
    """A folder that does not exist yet or is empty."""
    format: str
    """One of `saedesk.sae.formats.exports.EXPORT_FORMATS`."""
    licence: str = ""
    """Name of the licence it is given away under, for the card; "" leaves it open."""


def run(project: Project, request: ExportSaeRequest, control: TaskControl) -> tuple[str, ...]:
    """Write the folder; returns sentences on what a reader of it should know.

    Raises BadSetting for a format that cannot hold the SAE, BadInput for a folder in use,
    OutOfRoom when the disk is full.
    """
    from saedesk.sae.formats.exports import export_sae
    from saedesk.sae.formats.saedesk_format import load_sae

    record = sae_to_use(project, request.sae)
    control.report(Progress(0, None, "features", "Reading the SAE"))
    sae = load_sae(project.path_of(record))
    control.checkpoint()
    card = card_of(project, record, request.licence)
    notes: tuple[str, ...] = export_sae(sae, request.folder, request.format, card)
    return notes


def card_of(project: Project, record: ArtifactRecord, licence: str = "") -> Any:
    """The model card (`saedesk.sae.formats.model_card.ModelCard`) of an SAE of the project.

    It has counts and settings, never a text, a path or a person's name.
    """
    from saedesk import __version__
    from saedesk.sae.formats.model_card import ModelCard

    analysis = analysis_in_use(project, record)
    vectors = None if analysis is None else analysis[0]
    encoder = "" if vectors is None else str(vectors.inputs.get("model") or "")
    return ModelCard(
        name=str(record.summary.get("name", record.hash)),
        data=_data_sentence(project, record, encoder),
        config=dict(record.inputs["config"]) if not is_loaded(record) else _loaded_config(record),
        metrics=_metrics(record, analysis),
        licence=licence.strip(),
        encoder=encoder,
        created=record.created[:10],
        program=f"saedesk {__version__}",
    )


def _data_sentence(project: Project, record: ArtifactRecord, encoder: str) -> str:
    model = f" of {encoder}" if encoder else ""
    if is_loaded(record):
        told = record.inputs["loaded"]
        file = PurePath(str(record.summary.get("file") or "")).name
        return (
            f"Not trained by saedesk: loaded on {record.created[:10]} from {file or 'a file'} of "
            f"{told.get('format')} (sha256 of its weights {told.get('sha256')})."
        )
    trained_on = project.manifest.find("vectors", record.inputs["vectors"])
    count = project.documents.count()
    if trained_on is not None and "documents" in trained_on.summary:
        count = int(trained_on.summary["documents"])
    return f"Trained on the vectors{model} of {count:,} documents."


def _loaded_config(record: ArtifactRecord) -> dict[str, Any]:
    """What the file said, without what may name a place; our defaults were never used."""
    known = {name: record.summary.get(name) for name in ("architecture", "n_latents", "k")}
    told = flat_rows(record.summary.get("settings") or {})
    return {
        **{name: value for name, value in known.items() if value is not None},
        **{name: value for name, value in told if name not in known},
    }


def _metrics(
    record: ArtifactRecord, analysis: tuple[ArtifactRecord, ...] | None
) -> dict[str, float]:
    """Measured numbers by a name that says on what."""
    found: dict[str, Any] = {
        "FVU, documents held out from training": record.summary.get("fvu"),
        "Latents not used in the last epoch": record.summary.get("dead_share"),
    }
    if analysis is not None:
        _, activations, statistics = analysis
        found["FVU, all documents"] = activations.summary.get("fvu")
        found["L0, all documents"] = activations.summary.get("l0")
        never, total = statistics.summary.get("never_active"), statistics.summary.get("n_latents")
        found["Latents never active"] = None if never is None or not total else never / total
    return {name: float(value) for name, value in found.items() if value is not None}
