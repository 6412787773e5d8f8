"""What a training will cost on this computer and reach on this corpus, before it starts."""

from __future__ import annotations

import functools
import time

import numpy as np

from saedesk.project.project_folder import Project
from saedesk.sae.sae_config import SaeConfig
from saedesk.sae.training_presets import Forecast, PastRun, forecast


def past_runs(project: Project) -> list[PastRun]:
    """The finished runs of a project, oldest first, as far as they tell about time and FVU."""
    runs = []
    for record in project.artifacts("saes"):
        summary, config = record.summary, record.inputs.get("config", {})
        if summary.get("seconds") and summary.get("steps") and config.get("batch_size"):
            runs.append(
                PastRun(
                    n_latents=int(summary["n_latents"]),
                    k=int(summary.get("k") or 0),
                    batch_size=int(config["batch_size"]),
                    steps=int(summary["steps"]),
                    seconds=float(summary["seconds"]),
                    fvu=summary.get("fvu"),
                )
            )
    return runs


def forecast_training(project: Project, config: SaeConfig) -> Forecast | None:
    """The forecast for the project's vectors, or None when it has none; fast enough for a form."""
    record = project.current("vectors")
    if record is None:
        return None
    return forecast(
        config,
        int(record.summary["documents"]),
        int(record.summary["dimensions"]),
        products_per_second=product_speed(),
        past=past_runs(project),
    )


@functools.cache
def product_speed() -> float:
    """Multiply-adds per second of a float32 matrix product here; takes some milliseconds once."""
    a = np.ones((256, 384), np.float32)
    b = np.ones((384, 2048), np.float32)
    a @ b
    best = 0.0
    for _ in range(5):
        started = time.perf_counter()
        a @ b
        best = max(best, a.size * b.shape[1] / (time.perf_counter() - started))
    return best
