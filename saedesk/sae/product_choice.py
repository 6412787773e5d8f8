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
_TRIALS = 8
_GAIN = 1.3
"""Another precision must be this much faster, because its finds are computed again."""
_ROUNDING = 2e-4
"""Seconds that rounding to integers takes at least, which a small product cannot save."""
_NEVER = float("inf")


def search_precision(device: str, d_in: int, n_latents: int) -> Precision:
    """The fastest precision for a product of width `d_in`; takes some milliseconds once.

    "int8" serves where the largest of each row are searched; whoever compares rows with each other
    gets `dense_precision`.
    """
    dense = dense_precision(device, d_in, n_latents)
    if device != "cpu":
        return dense
    seconds = _measured(device, min(d_in, 4096), min(n_latents, _COLUMNS))
    return "int8" if seconds["int8"] * _GAIN + _ROUNDING < seconds[dense] else dense


def dense_precision(device: str, d_in: int, n_latents: int) -> Precision:
    """The faster of float32 and bfloat16."""
    # MPS: its sampled products are gathers, which cost more than the faster product saves.
    if device.split(":")[0] == "mps":
        return "float32"
    seconds = _measured(device, min(d_in, 4096), min(n_latents, _COLUMNS))
    return "bfloat16" if seconds["bfloat16"] * _GAIN < seconds["float32"] else "float32"


def has_integer_product(d_in: int, n_latents: int) -> bool:
    """Whether this processor and this torch multiply 8-bit integers, and without overflow."""
    return _measured("cpu", min(d_in, 4096), min(n_latents, _COLUMNS))["int8"] < _NEVER


@functools.cache
def _measured(device: str, d_in: int, columns: int) -> dict[Precision, float]:
    """Seconds of a product by precision, infinite where there is none."""
    import torch

    generator = torch.Generator().manual_seed(0)
    left = torch.randn((_ROWS, d_in), generator=generator).to(device)
    right = torch.randn((columns, d_in), generator=generator).to(device)
    low = left.bfloat16(), right.bfloat16()
    products: dict[Precision, Callable[[], Tensor]] = {
        "float32": lambda: left @ right.t(),
        "bfloat16": lambda: low[0] @ low[1].t(),
    }
    if device == "cpu":
        products["int8"] = _integer_product(d_in, columns)
    seconds: dict[Precision, float] = dict.fromkeys(("float32", "bfloat16", "int8"), _NEVER)
    # In turns, so that other work on this computer does not hit one of them alone.
    for trial in range(1 + _TRIALS):
        for precision, product in products.items():
            taken = _seconds(product, device)
            if trial:  # The first one only warms up.
                seconds[precision] = min(seconds[precision], taken)
    return seconds


def _integer_product(d_in: int, columns: int) -> Callable[[], Tensor]:
    import torch

    left = torch.full((_ROWS, d_in), 127, dtype=torch.int8)
    right = torch.full((columns, d_in), 127, dtype=torch.int8)
    product = torch.empty((_ROWS, columns), dtype=torch.int32)

    def multiply() -> Tensor:
        torch._int_mm(left, right.t(), out=product)
        # Some processors add up pairs of products in 16 bits, which the largest ones overflow.
        if int(product[0, 0]) != 127 * 127 * d_in:
            raise RuntimeError("8-bit products overflow")
        return product

    return multiply


def _seconds(product: Callable[[], Tensor], device: str) -> float:
    """Infinite where this processor or this torch has no such product."""
    import torch

    started = time.perf_counter()
    try:
        product()
    except (RuntimeError, AttributeError):
        return _NEVER
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return time.perf_counter() - started
