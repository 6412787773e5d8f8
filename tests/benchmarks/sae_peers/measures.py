"""FVU and dead share, the same for every method; and a stopwatch that waits for the GPU."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from method import Method
from torch import Tensor

ROWS_AT_ONCE = 2_000


def fvu_and_active(method: Method, rows: Tensor) -> tuple[float, Tensor]:
    """Σ‖x − x̂‖² / Σ‖x − mean‖² over the rows, and which latents are active in any of them."""
    error = 0.0
    active: Tensor | None = None
    for part in rows.split(ROWS_AT_ONCE):
        rebuilt, here = method.rebuild(part)
        error += float((rebuilt - part).square().sum(dtype=torch.float64))
        active = here if active is None else active | here
    assert active is not None
    spread = float((rows - rows.mean(0)).square().sum(dtype=torch.float64))
    return error / spread, active


def seconds_of(work: Callable[[], object], device: str) -> float:
    """Wall time of `work`, with everything it started on the GPU."""
    if device == "cuda":
        torch.cuda.synchronize()
    started = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started
