"""Training: one SAE, or several that share one pass over the data.

Deterministic by seed; a resumed training gives the same bits as an uninterrupted one on a CPU
with the same number of threads, and a training in company the same as one alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from saedesk.errors import BadSetting, OutOfRoom
from saedesk.sae.architectures import architectures
from saedesk.sae.product_choice import Precision
from saedesk.sae.sae_config import SaeConfig
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from saedesk.sae.training_curve import TrainingStep
from saedesk.sae.training_rows import TrainingRows
from saedesk.sae.training_run import TrainingResult, TrainingRun
from saedesk.task_control import Cancelled, Progress, TaskControl, Unattended

ALGORITHM_VERSION = 2
"""Raised when the same config and data no longer give the same SAE."""
SECONDS_BETWEEN_CHECKPOINTS = 10.0


def train(
    vectors: np.ndarray,
    architecture: str = "topk",
    *,
    steps: int | None = None,
    device: str = "auto",
    on_step: Callable[[TrainingStep], None] | None = None,
    control: TaskControl | None = None,
    **settings: Any,
) -> SparseAutoencoder:
    """Train an SAE on `vectors` (n, d) float32, array or memmap.

    `settings` are the fields of the architecture's config (n_latents, k, epochs, batch_size,
    learning_rate, seed, ...); `steps` in place of epochs. `on_step` gets a `TrainingStep` at about
    400 moments. Raises BadSetting for a field out of range, BadInput for unusable vectors.
    """
    config_class = architectures().get(architecture).Config
    try:
        config = config_class(**settings)
    except TypeError as error:
        raise BadSetting(f"{error}.") from error
    loop = TrainingLoop(
        vectors, architecture, config, steps=steps, device=device, on_step=on_step, control=control
    )
    return loop.run().sae


class TrainingLoop:
    """One training; `run` goes on from a checkpoint when there is one."""

    def __init__(
        self,
        vectors: np.ndarray,
        architecture: str,
        config: SaeConfig,
        *,
        steps: int | None = None,
        device: str = "auto",
        on_step: Callable[[TrainingStep], None] | None = None,
        control: TaskControl | None = None,
        checkpoint: Path | None = None,
        excluded: np.ndarray | None = None,
        precision: Precision | None = None,
    ) -> None:
        rows = rows_for(vectors, config, device=device, excluded=excluded)
        self.control = control or Unattended()
        self.training = TrainingRun(
            rows,
            architecture,
            config,
            steps=steps,
            on_step=on_step,
            checkpoint=checkpoint,
            precision=precision,
        )
        self.steps_per_epoch = rows.steps_per_epoch
        self.total_steps = self.training.total_steps

    def run(self) -> TrainingResult:
        """Train to the last step, or to where the person stops; raises Cancelled on cancel."""
        return run_together([self.training], self.control)[0]


def rows_for(
    vectors: np.ndarray,
    config: SaeConfig,
    *,
    device: str = "auto",
    excluded: np.ndarray | None = None,
) -> TrainingRows:
    """The rows that a config trains on; configs with equal `shares_rows` may share them."""
    from saedesk.embedding.compute_device import choose_device

    config.check()
    return TrainingRows(
        vectors,
        batch_size=config.batch_size,
        held_out_share=config.held_out_share,
        seed=config.seed,
        device=choose_device(device),
        excluded=excluded,
        normalisation=config.input_normalisation,
    )


def shares_rows(config: SaeConfig) -> tuple[Any, ...]:
    """What two configs must have in common to share one pass over the data."""
    return config.batch_size, config.held_out_share, config.seed, config.input_normalisation


def run_together(runs: Sequence[TrainingRun], control: TaskControl) -> list[TrainingResult]:
    """Train all `runs`, made on the same `TrainingRows`, batch by batch; results in their order.

    Each goes on from its own checkpoint. `finish_early` keeps all as they are. Raises Cancelled
    on cancel, with a checkpoint of each, and OutOfRoom when the device's memory is too small.
    """
    import torch

    rows = runs[0].rows
    for run in runs:
        run.resume()
    try:
        stopped = _train(rows, runs, control)
    except Cancelled:
        for run in runs:
            run.write_checkpoint()
        raise
    except torch.OutOfMemoryError as error:
        raise OutOfRoom(
            "The GPU ran out of memory. Choose a smaller batch, fewer features, or the CPU."
        ) from error
    return [run.result(stopped and not run.is_done) for run in runs]


def _train(rows: TrainingRows, runs: Sequence[TrainingRun], control: TaskControl) -> bool:
    """Step by step until all are done; whether a person ended it before."""
    last_checkpoint = time.monotonic()
    while waiting := [run for run in runs if not run.is_done]:
        control.checkpoint()
        if control.finish_early() and all(run.step > 0 for run in waiting):
            return True
        step = min(run.step for run in waiting)
        x = rows.batch(step)
        for run in waiting:
            if run.step == step:  # One that was resumed further on waits for the others.
                run.advance(x)
        control.report(_progress(runs))
        if time.monotonic() - last_checkpoint > SECONDS_BETWEEN_CHECKPOINTS:
            for run in waiting:
                run.write_checkpoint()
            last_checkpoint = time.monotonic()
    return False


def _progress(runs: Sequence[TrainingRun]) -> Progress:
    done = sum(run.total_steps if run.is_done else run.step for run in runs)
    return Progress(done, sum(run.total_steps for run in runs), "steps")
