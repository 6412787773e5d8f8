"""In which precision the encoder product is searched: measured on this computer, never guessed.

Finding the largest pre-activations needs few digits, so their product may be made in 8-bit integers
or in bfloat16 where the processor is faster at them; what is found is computed again in float32.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Precision = Literal["float32", "bfloat16", "int8"]
_ROWS = 512
_COLUMNS = 2048
_TRIALS = 5
_GAIN = 1.3
"""Another precision must be this much faster, because its finds are computed again."""


def search_precision(device: str, d_in: int, n_latents: int) -> Precision:
    """The fastest precision for a product of width `d_in`; takes some milliseconds once.

    "int8" serves where the largest of each row are searched; whoever compares rows with each other
    gets `dense_precision`.
    """
    dense = dense_precision(device, d_in, n_latents)
    if device != "cpu":
        return dense
    seconds = _measured(device, min(d_in, 4096), min(n_latents, _COLUMNS))
    return "int8" if seconds["int8"] * _GAIN < seconds[dense] else dense


def dense_precision(device: str, d_in: int, n_latents: int) -> Precision:
    """The faster of float32 and bfloat16."""
    # MPS: its sampled products are gathers, which cost more than the faster product saves.
    if device.split(":")[0] == "mps":
        return "float32"
    seconds = _measured(device, min(d_in, 4096), min(n_latents, _COLUMNS))
    return "bfloat16" if seconds["bfloat16"] * _GAIN < seconds["float32"] else "float32"


def has_integer_product(d_in: int, n_latents: int) -> bool:
    """Whether this processor and this torch multiply 8-bit integers, and without overflow."""
    return _measured("cpu", min(d_in, 4096), min(n_latents, _COLUMNS))["int8"] < float("inf")


@functools.cache
def _measured(device: str, d_in: int, columns: int) -> dict[Precision, float]:
    """Seconds of a product by precision, infinite where there is none."""
    import torch

    generator = torch.Generator().manual_seed(0)
    left = torch.randn((_ROWS, d_in), generator=generator).to(device)
    right = torch.randn((columns, d_in), generator=generator).to(device)
    low = left.bfloat16(), right.bfloat16()
    return {
        "float32": _best_of(lambda: left @ right.t(), device),
        "bfloat16": _best_of(lambda: low[0] @ low[1].t(), device),
        "int8": _integer_seconds(left, right) if device == "cpu" else float("inf"),
    }


def _integer_seconds(left: Tensor, right: Tensor) -> float:
    """With the rounding of both sides; infinite where the product would be wrong."""
    import torch

    from saedesk.sae.quantised_product import QuantisedProduct

    product, bias = QuantisedProduct(), right.new_zeros(right.shape[0])
    seconds = _best_of(lambda: product.of(right, bias, left).products, "cpu")
    if seconds < float("inf"):
        # Some processors add up pairs of products in 16 bits, which the largest ones overflow.
        largest = product.of(torch.ones_like(right), bias, torch.ones_like(left)).products
        if not bool((largest == 127 * 127 * left.shape[1]).all()):
            return float("inf")
    return seconds


def _best_of(product: Callable[[], Tensor], device: str) -> float:
    """Seconds of the fastest trial, the first of which only warms up; infinite if it is refused."""
    import torch

    best = float("inf")
    for trial in range(_TRIALS + 1):
        started = time.perf_counter()
        try:
            product()
        except (RuntimeError, AttributeError):
            return float("inf")  # This processor or this torch has no such product.
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)
        if trial:
            best = min(best, time.perf_counter() - started)
    return best
