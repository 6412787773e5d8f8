"""What a training will cost on this computer and reach on this corpus, before it starts."""

from __future__ import annotations

import functools
import json
import time
from dataclasses import replace
from pathlib import Path

from saedesk.embedding.compute_device import choose_device
from saedesk.errors import BadInput
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.atomic_files import PARTIAL_PREFIX, write_json
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.corpus_probe import (
    FEWEST_DOCUMENTS,
    CorpusProbe,
    from_json,
    probe_corpus,
    to_json,
)
from saedesk.sae.sae_config import SaeConfig
from saedesk.sae.step_time import time_steps
from saedesk.sae.training_forecast import Forecast, PastRun, forecast
from saedesk.sae.training_presets import presets
from saedesk.task_control import TaskControl

PROBE_NAME = "probe.json"


def past_runs(project: Project) -> list[PastRun]:
    """The finished runs of a project, oldest first, as far as they tell about time and FVU."""
    found = (_past_run(record) for record in project.artifacts("saes"))
    return [run for run in found if run is not None]


def _past_run(record: ArtifactRecord) -> PastRun | None:
    summary, config = record.summary, record.inputs.get("config", {})
    if not (summary.get("seconds") and summary.get("steps") and config.get("batch_size")):
        return None
    errors = summary.get("forecast_error") or {}
    return PastRun(
        n_latents=int(summary["n_latents"]),
        k=float(summary.get("k") or summary.get("l0") or 0),
        batch_size=int(config["batch_size"]),
        steps=int(summary.get("steps_done") or summary["steps"]),
        seconds=float(summary["seconds"]),
        fvu=summary.get("fvu"),
        architecture=str(record.inputs.get("architecture", "topk")),
        seconds_ratio=errors.get("seconds"),
        fvu_ratio=errors.get("fvu"),
    )


def forecast_training(
    project: Project, config: SaeConfig, architecture: str = "topk"
) -> Forecast | None:
    """The forecast for the project's vectors, or None when it has none; fast enough for a form.

    Answers from what is known: earlier runs, and the probe where one was made.
    """
    record = project.current("vectors")
    if record is None:
        return None
    unused = ("zero_rows", "not_finite_rows", "kept_out")
    bad = sum(int(record.summary.get(name, 0)) for name in unused)
    return forecast(
        config,
        int(record.summary["documents"]) - bad,
        int(record.summary["dimensions"]),
        products_per_second=product_speed(),
        architecture=architecture,
        past=past_runs(project),
        probe=known_probe(project),
    )


# -- the probe ------------------------------------------------------------------------------------


def probe(project: Project, control: TaskControl) -> CorpusProbe:
    """Probe the vectors in use, or find the probe of them; some seconds, can be cancelled.

    Raises BadInput where there are no vectors.
    """
    found = known_probe(project)
    if found is not None:
        return found
    record = project.current("vectors")
    if record is None:
        raise BadInput(f"{project.name} has no vectors yet. Embed its documents first.")
    vectors = open_vectors(project, record)
    made = probe_corpus(
        vectors.values, excluded=vectors.not_trained_on, name=record.hash, control=control
    )
    made = replace(made, step_factors=_step_factors(vectors.values.shape, control))
    if not project.read_only:
        _probe_path(project).parent.mkdir(parents=True, exist_ok=True)
        write_json(_probe_path(project), to_json(made))
    return made


def _step_factors(shape: tuple[int, ...], control: TaskControl) -> dict[str, float]:
    """Steps of every architecture, timed in the shape of the usual preset for these vectors."""
    usual = presets(*shape)[1].config
    return time_steps(
        shape[1],
        usual,
        products_per_second=product_speed(),
        device=choose_device(),
        control=control,
    )


def known_probe(project: Project) -> CorpusProbe | None:
    """The probe of the vectors in use, or None before there is one; reads a small file."""
    record = project.current("vectors")
    if record is None:
        return None
    try:
        content = json.loads(_probe_path(project).read_text("utf-8"))
        found = from_json(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return found if found.vectors == record.hash else None


def needs_probe(project: Project) -> bool:
    """Whether a probe would make the forecasts of this project surer."""
    record = project.current("vectors")
    if record is None or project.read_only:
        return False
    enough = int(record.summary["documents"]) >= FEWEST_DOCUMENTS
    return enough and known_probe(project) is None


def _probe_path(project: Project) -> Path:
    """One file, replaced when other vectors are probed; it is never part of an artifact."""
    return project.folder / "saes" / f"{PARTIAL_PREFIX}probe" / PROBE_NAME


@functools.cache
def product_speed() -> float:
    """Multiply-adds per second of a float32 matrix product here, with torch's threads.

    Takes some milliseconds once; loads torch, so the window asks for it in a lane.
    """
    import torch

    a, b = torch.ones((512, 384)), torch.ones((384, 1024))
    a @ b
    best = 0.0
    for _ in range(8):
        started = time.perf_counter()
        a @ b
        best = max(best, a.numel() * b.shape[1] / (time.perf_counter() - started))
    return best
