"""In which precision the encoder product is searched: measured on this computer, never guessed.

Finding the largest pre-activations needs few digits, so their product may be made in bfloat16
where the processor is faster at it; what is found is then computed again in float32.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Precision = Literal["float32", "bfloat16"]
_ROWS = 512
_COLUMNS = 2048
_TRIALS = 5
_GAIN = 1.3
"""bfloat16 must be this much faster, because its finds are computed again."""


def search_precision(device: str, d_in: int, n_latents: int) -> Precision:
    """The faster precision for a product of width `d_in`; takes some milliseconds once."""
    # MPS: its sampled products are gathers, which cost more than the faster product saves.
    if device.split(":")[0] == "mps":
        return "float32"
    return _measured(device, min(d_in, 4096), min(n_latents, _COLUMNS))


@functools.cache
def _measured(device: str, d_in: int, columns: int) -> Precision:
    import torch

    generator = torch.Generator().manual_seed(0)
    left = torch.randn((_ROWS, d_in), generator=generator).to(device)
    right = torch.randn((columns, d_in), generator=generator).to(device)
    try:
        low = left.bfloat16(), right.bfloat16()
        seconds = _best_of(lambda: low[0] @ low[1].t(), device)
    except RuntimeError:
        return "float32"  # The device has no such product.
    return "bfloat16" if seconds * _GAIN < _best_of(lambda: left @ right.t(), device) else "float32"


def _best_of(product: Callable[[], Tensor], device: str) -> float:
    """Seconds of the fastest trial, the first of which only warms up."""
    import torch

    best = float("inf")
    for trial in range(_TRIALS + 1):
        started = time.perf_counter()
        product()
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)
        if trial:
            best = min(best, time.perf_counter() - started)
    return best
