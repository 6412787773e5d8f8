"""x Wᵀ + b in float32 or a shorter format, with weights laid out once for the processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from saedesk.embedding.text_model import Device, Precision

if TYPE_CHECKING:
    from torch import Tensor

ROWS_EXPECTED = 1024
"""Tokens in a product, roughly; the order of the weights is chosen for it."""

ROWS_MEASURED: dict[Device, int] = {"cpu": 128, "cuda": 8192, "mps": 8192}
"""Enough to keep the device busy; on a CPU so few that another program seldom comes between."""

TIMES_MEASURED = 10


class LinearProduct:
    """A linear layer whose weights are kept in one number format.

    On a CPU the weights are put into the order in which oneDNN reads them once, rather than at
    every product: a third faster in float32 and a tenth in bfloat16 for 1,024 x 384 x 1,536.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor, precision: Precision, *, gelu: bool = False
    ) -> None:
        """`weight` (out, in), `bias` (out,) float32; with `gelu` the product passes through it."""
        import torch

        self.dtype = getattr(torch, precision)
        self._gelu = gelu
        self._bias = bias.to(self.dtype)
        self._weight = weight.to(self.dtype)
        self._packed = weight.device.type == "cpu" and _can_pack(precision)
        if self._packed:
            self._weight = torch.ops.mkldnn._reorder_linear_weight(self._weight, ROWS_EXPECTED)

    def __call__(self, hidden: Tensor) -> Tensor:
        """(n, in) of any format -> (n, out) of this format."""
        import torch
        from torch.nn.functional import gelu, linear

        hidden = hidden.to(self.dtype)
        if self._packed:
            after: tuple[object, ...] = ("gelu", [], "none") if self._gelu else ("none", [], "")
            packed: Tensor = torch.ops.mkldnn._linear_pointwise(
                hidden, self._weight, self._bias, *after
            )
            return packed
        product = linear(hidden, self._weight, self._bias)
        return gelu(product) if self._gelu else product


@cache
def _can_pack(precision: Precision) -> bool:
    """Whether this build of torch has the packed product, and it agrees with the plain one.

    Not part of torch's documented interface, so tried rather than trusted.
    """
    import torch
    from torch.nn.functional import gelu, linear

    dtype = getattr(torch, precision)
    numbers = torch.linspace(-1, 1, 64 * 48)
    weight, bias = numbers.view(64, 48).to(dtype), numbers[:64].to(dtype)
    hidden = numbers[: 8 * 48].view(8, 48).to(dtype)
    try:
        with torch.inference_mode():
            packed = torch.ops.mkldnn._reorder_linear_weight(weight)
            plain = linear(hidden, weight, bias)
            product = torch.ops.mkldnn._linear_pointwise(hidden, packed, bias, "none", [], "")
            bent = torch.ops.mkldnn._linear_pointwise(hidden, packed, bias, "gelu", [], "none")
    except (AttributeError, RuntimeError):
        return False
    error = 1e-4 if precision == "float32" else 2e-2
    return torch.allclose(product.float(), plain.float(), error, error) and torch.allclose(
        bent.float(), gelu(plain.float()), error, error
    )


class ProductShape(NamedTuple):
    """The largest product of a model."""

    inner: int
    """Numbers of a token before it."""
    outer: int
    """Numbers of a token after it."""


Measure = Callable[[Device, ProductShape, Sequence[Precision]], dict[Precision, float]]
"""Seconds that a product takes in each number format."""

_measured: dict[tuple[object, ...], dict[Precision, float]] = {}


def seconds_of_products(
    device: Device, shape: ProductShape, precisions: Sequence[Precision]
) -> dict[Precision, float]:
    """The least of ten times of a product, the formats taking turns, on one thread of a CPU.

    Some hundredths of a second, once in a process for a device and a shape. On one thread,
    because several wait for each other: where other programs are at work, the ratio of two
    formats came out between 0.5 and 7 with two threads, between 1.92 and 1.96 with one.
    """
    key = (device, shape, tuple(precisions))
    if key not in _measured:
        with _one_thread():
            _measured[key] = _measure(device, shape, precisions)
    return _measured[key]


@contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _measure(
    device: Device, shape: ProductShape, precisions: Sequence[Precision]
) -> dict[Precision, float]:
    import torch

    # Without the random generator, whose state belongs to whoever runs beside this.
    numbers = torch.linspace(-1, 1, shape.outer * shape.inner, device=device)
    weight = numbers.view(shape.outer, shape.inner)
    rows = ROWS_MEASURED[device]
    hidden = torch.linspace(-1, 1, rows * shape.inner, device=device).view(rows, shape.inner)
    products = {p: LinearProduct(weight, weight[:, 0].clone(), p) for p in precisions}
    inputs = {p: hidden.to(product.dtype) for p, product in products.items()}
    seconds = dict.fromkeys(precisions, float("inf"))
    with torch.inference_mode():
        # The first turn warms up.
        for turn in range(TIMES_MEASURED + 1):
            for precision, product in products.items():
                _wait_for(device)
                started = time.perf_counter()
                product(inputs[precision])
                _wait_for(device)
                if turn:
                    taken = time.perf_counter() - started
                    seconds[precision] = min(seconds[precision], taken)
    return seconds


def _wait_for(device: Device) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()
