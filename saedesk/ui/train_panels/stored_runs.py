"""The runs that lie in the project: finished ones, stopped ones, and SAEs from files."""

from __future__ import annotations

from typing import Any

from saedesk.errors import KnownError
from saedesk.jobs.analyse_features import analysis_in_use
from saedesk.jobs.load_sae import is_loaded
from saedesk.jobs.loaded_sae import architecture_title
from saedesk.jobs.unfinished_trainings import UnfinishedTraining
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import as_json
from saedesk.sae.training_presets import present_name
from saedesk.ui.train_panels.training_run import (
    NOT_FORECAST,
    Run,
    RunForecast,
    State,
    weight_bytes,
)


def run_name(record: ArtifactRecord) -> str:
    """What a person calls a stored run."""
    return str(record.summary.get("name") or record.hash)


def stored_run(project: Project, record: ArtifactRecord, id: int) -> Run:
    """A run whose SAE lies in the project, or an SAE that was loaded into it."""
    if is_loaded(record):
        return _loaded_run(project, record, id)
    told, config = record.summary, dict(record.inputs.get("config", {}))
    steps, total = int(told.get("steps") or 0), int(told.get("total_steps") or 0)
    epochs = int(told.get("epochs") or 0)
    seconds = told.get("seconds")
    return Run(
        id=id,
        name=run_name(record),
        state=_end_of(told, steps, total),
        record=record,
        in_use=_is_in_use(project, record),
        analysed=_is_analysed(project, record),
        architecture=architecture_title(record),
        config={"n_latents": told.get("n_latents"), "k": told.get("k"), **config},
        step=steps,
        total_steps=total,
        steps_per_epoch=total / epochs if epochs else 0.0,
        fvu=told.get("fvu"),
        l0=told.get("l0"),
        dead=told.get("dead_share"),
        loss=told.get("reconstruction_loss"),
        speed=_mean_speed(project, record, int(told.get("steps_done") or steps)),
        seconds=None if seconds is None else float(seconds),
        size_bytes=_size_of_stored(project, record),
        preset=present_name(str(told.get("preset") or "")),
        precision=str(told.get("precision") or ""),
        forecast=_forecast_of(told),
    )


def _loaded_run(project: Project, record: ArtifactRecord, id: int) -> Run:
    """Its config has defaults of a training that never was; only the size is its own.

    What is known of it was measured by its analysis, on the documents of this project.
    """
    told = record.summary
    latents = int(told["n_latents"])
    activations, statistics = _analysis(project, record)
    never = statistics.get("never_active")
    return Run(
        id=id,
        name=run_name(record),
        state="loaded",
        record=record,
        in_use=_is_in_use(project, record),
        analysed=_is_analysed(project, record),
        architecture=architecture_title(record),
        config={"n_latents": latents, "k": told.get("k")},
        step=0,
        total_steps=0,
        steps_per_epoch=0.0,
        size_bytes=weight_bytes(latents, int(told["d_in"])),
        fvu=activations.get("fvu"),
        l0=activations.get("l0"),
        dead=None if never is None else int(never) / latents,
    )


def _analysis(project: Project, record: ArtifactRecord) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the analysis that is read measured; nothing where there is none."""
    try:
        found = analysis_in_use(project, record)
    except KnownError:
        found = None
    return ({}, {}) if found is None else (found[1].summary, found[2].summary)


def _is_in_use(project: Project, record: ArtifactRecord) -> bool:
    current = project.current("saes")
    return current is not None and current.hash == record.hash


def stopped_run(training: UnfinishedTraining, id: int, dimensions: int, waits: bool) -> Run:
    """A run whose checkpoint waits; `waits` says that it stands in the queue again."""
    request = training.request
    config, total = as_json(request.config), training.total_steps or 0
    return Run(
        id=id,
        name=training.name,
        state="waiting" if waits else "stopped",
        record=None,
        in_use=False,
        analysed=False,
        architecture=architectures().get(request.architecture).title,
        config=config,
        step=training.step,
        total_steps=total,
        steps_per_epoch=total / request.config.epochs if request.config.epochs else 0.0,
        size_bytes=weight_bytes(request.config.n_latents, dimensions),
        preset=present_name(request.preset),
        unfinished=training,
    )


def _end_of(told: dict[str, Any], steps: int, total: int) -> State:
    if steps >= total:
        return "finished"
    return "settled" if told.get("settled") else "stopped early"


def _forecast_of(told: dict[str, Any]) -> RunForecast:
    noted, errors = told.get("forecast"), told.get("forecast_error")
    if not isinstance(noted, dict) or not isinstance(errors, dict):
        return NOT_FORECAST
    fvu = noted.get("fvu")
    likely = fvu[1] if isinstance(fvu, list) and len(fvu) == 3 else None
    return RunForecast(noted.get("seconds"), likely, errors.get("seconds"), errors.get("fvu"))


def _size_of_stored(project: Project, record: ArtifactRecord) -> int:
    vectors = project.manifest.find("vectors", str(record.inputs.get("vectors")))
    latents = record.summary.get("n_latents")
    if vectors is None or not latents:
        return sum(int(file["bytes"]) for file in record.files.values())
    return weight_bytes(int(latents), int(vectors.summary["dimensions"]))


def _mean_speed(project: Project, record: ArtifactRecord, steps: int) -> float | None:
    config, seconds = record.inputs.get("config", {}), record.summary.get("seconds")
    vectors = project.manifest.find("vectors", str(record.inputs.get("vectors")))
    if not seconds or vectors is None or not config.get("batch_size"):
        return None
    rows = (1 - config.get("held_out_share", 0.0)) * int(vectors.summary["documents"])
    return steps * min(config["batch_size"], rows) / seconds


def _is_analysed(project: Project, record: ArtifactRecord) -> bool:
    made = [a.hash for a in project.artifacts("activations") if a.inputs.get("sae") == record.hash]
    return any(s.inputs.get("activations") in made for s in project.artifacts("statistics"))
