"""Milliseconds per training step over milliseconds of the encoder product alone."""

from __future__ import annotations

import gc
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from benchmark_data import batches, rows_for_speed
from markdown_table import markdown_table
from measures import seconds_of
from method import BATCH, XL, L, S, Setup, Shape, makers
from torch import Tensor

WARM_UP = 3
PRODUCTS = ("x @ W_encᵀ", "x @ W_encᵀ into a buffer", "x @ W_encᵀ in bfloat16")
FLOAT32_PRODUCTS = PRODUCTS[:2]


@dataclass(frozen=True)
class Speeds:
    """Median milliseconds by name at one shape."""

    shape: Shape
    milliseconds: dict[str, float]

    @property
    def product(self) -> float:
        """The faster of the float32 products: what a step is divided by."""
        return min(self.milliseconds[name] for name in FLOAT32_PRODUCTS)


def measure_training_speed(
    data: Path | None, device: str, libraries: Sequence[str], *, quick: bool
) -> str:
    """A Markdown section."""
    shapes = (S, L, XL) if device == "cuda" else (S, L)
    rounds = 5 if quick else 20
    measured = [_speeds(shape, data, device, libraries, rounds) for shape in shapes]
    columns = ["", *(str(shape) for shape in shapes)]
    table = []
    for name in makers(libraries):
        table.append([name, *(_step(speeds, name) for speeds in measured)])
    for name in PRODUCTS:
        table.append([name, *(f"{speeds.milliseconds[name]:.2f} ms" for speeds in measured)])
    if device == "cuda" and {"sparsify", "saedesk"} <= set(libraries):
        table.append(["sparsify / saedesk", *(f"{_against_sparsify(s):.2f}x" for s in measured)])
        table.append(
            ["saedesk / bfloat16 product", *(f"{_against_bfloat16(s):.2f}x" for s in measured)]
        )
    return (
        f"### One training step, batch {BATCH:,}\n\n"
        "Median milliseconds of a step, and how many times the float32 encoder product alone "
        f"(the faster of the two forms) that is; {rounds} rounds in which all take turns.\n\n"
        + markdown_table(columns, table)
    )


def _step(speeds: Speeds, name: str) -> str:
    milliseconds = speeds.milliseconds[name]
    return f"**{milliseconds / speeds.product:.2f}x** ({milliseconds:.1f} ms)"


def _against_sparsify(speeds: Speeds) -> float:
    return speeds.milliseconds["sparsify"] / speeds.milliseconds["saedesk"]


def _against_bfloat16(speeds: Speeds) -> float:
    return speeds.milliseconds["saedesk"] / speeds.milliseconds[PRODUCTS[2]]


def _speeds(
    shape: Shape, data: Path | None, device: str, libraries: Sequence[str], rounds: int
) -> Speeds:
    rows = rows_for_speed(shape, data, device)
    setup = Setup(shape, rows, device)
    methods = {name: make(setup) for name, make in makers(libraries).items()}
    products = _products(shape, device)
    taken: dict[str, list[float]] = defaultdict(list)
    served = batches(rows)
    names = [*methods, *products]
    for number in range(WARM_UP + rounds):
        x = next(served)
        # Nobody always runs behind the same neighbour, whose data would be in the cache.
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            work = methods[name].step if name in methods else products[name]
            seconds = seconds_of(_call(work, x), device)
            if number >= WARM_UP:
                taken[name].append(seconds)
    del methods
    gc.collect()
    return Speeds(shape, {name: statistics.median(taken[name]) * 1e3 for name in names})


def _call(work: Callable[[Tensor], object], x: Tensor) -> Callable[[], object]:
    return lambda: work(x)


def _products(shape: Shape, device: str) -> dict[str, Callable[[Tensor], object]]:
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn((shape.n_latents, shape.d_in), generator=generator).to(device)
    half = weights.bfloat16()
    buffer = torch.empty((BATCH, shape.n_latents), device=device)
    return {
        PRODUCTS[0]: lambda x: x @ weights.t(),
        PRODUCTS[1]: lambda x: torch.mm(x, weights.t(), out=buffer),
        PRODUCTS[2]: lambda x: x.bfloat16() @ half.t(),
    }
