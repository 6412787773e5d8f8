"""How long a training step takes on this computer: a model, and real steps in relation to it."""

from __future__ import annotations

import math
import time
from typing import Any

from saedesk.errors import KnownError
from saedesk.sae.architecture_settings import config_in
from saedesk.sae.architectures import architectures
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.task_control import Progress, TaskControl

STEP_PER_PRODUCT = 1.4
"""The products of a TopK step take this many times a float32 encoder product; where bfloat16 is
no faster it is about 2.4."""
SECONDS_PER_STEP = 0.001
"""What every step costs however small it is."""
SECONDS_PER_WEIGHT = 4e-9
"""Clipping, Adam and unit norms pass over each weight of encoder or decoder."""
SECONDS_PER_PRE_ACTIVATION = 8e-9
"""Finding the largest."""
SECONDS_PER_ACTIVE_NUMBER = 1.5e-9
"""Rebuilding and gradients, for each of the d numbers of each active feature of each row.
These five fitted twelve shapes (d 384 to 1,536, n 64 to 9,216, k 4 to 64, batches of 32 to 1,024)
within a fifth but for one, on one thread of a busy CPU."""
USUAL_K = 16
_TIMED_STEPS = 2


def step_model(
    batch: int, d_in: int, n_latents: int, k: float | None, products_per_second: float
) -> float:
    """Seconds of a training step of the TopK SAE with k active features (None: a usual number).

    `products_per_second` is the speed of a float32 matrix product, in multiply-adds per second.
    """
    product = batch * d_in * n_latents / products_per_second
    return (
        SECONDS_PER_STEP
        + STEP_PER_PRODUCT * product
        + SECONDS_PER_WEIGHT * n_latents * d_in
        + SECONDS_PER_PRE_ACTIVATION * batch * n_latents
        + SECONDS_PER_ACTIVE_NUMBER * batch * (k or USUAL_K) * d_in
    )


def time_steps(
    d_in: int,
    config: TopKConfig,
    *,
    products_per_second: float,
    device: str,
    control: TaskControl,
) -> dict[str, float]:
    """By architecture: the time of a real step of this shape in relation to the model's.

    `config` gives the shape: features, k and batch. The rows are random. An architecture that
    cannot be made with these settings is left out.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    x = torch.randn((config.batch_size, d_in), generator=generator) / math.sqrt(d_in)
    x = x.to(device)
    shape = config.batch_size, d_in, config.n_latents, config.k
    model = step_model(*shape, products_per_second)
    found = {}
    for name in architectures():
        control.report(Progress(0, None, "steps", "Timing the architectures"))
        control.checkpoint()
        try:
            found[name] = seconds_of_a_step(name, config, x) / model
        except KnownError:
            continue
    return found


def seconds_of_a_step(name: str, config: TopKConfig, x: Any) -> float:
    """Of an architecture on the rows `x` (batch, d_in), in the shape of `config`."""
    import torch

    from saedesk.sae.sae_trainer import SaeTrainer

    chosen = config_in(name, config)
    trainer = SaeTrainer(name, chosen, x, total_steps=100, device=str(x.device))
    best = float("inf")
    for step in range(_TIMED_STEPS + 1):
        started = time.perf_counter()
        trainer.step(x)
        if x.device.type == "cuda":
            torch.cuda.synchronize(x.device)
        if step:  # The first one makes buffers.
            best = min(best, time.perf_counter() - started)
    return best
