"""FVU and dead share after the same number of examples, and after the same seconds.

Each method has its own stopwatch, which runs only while it trains. The method with the least
seconds on it goes next, so that all of them cross the same seconds at the same time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmark_data import Rows, arxiv_rows, batches
from curve_plot import write_curves
from markdown_table import markdown_table
from measures import fvu_and_active, seconds_of
from method import BATCH, LEARNING_RATE, Method, S, Setup, makers
from torch import Tensor

EARLY_STEPS = 60
EPOCHS = 8


@dataclass(frozen=True)
class Point:
    """One look at a method in training."""

    method: str
    steps: int
    seconds: float
    """Spent in training steps."""
    reason: str
    """Why then: "steps 60", "epoch 4", "seconds 15"."""
    fvu: float
    """On the held-out rows."""
    training_fvu: float
    never_active: float
    """Share of the latents that are active in no training row."""

    @property
    def examples(self) -> int:
        return self.steps * BATCH


@dataclass
class _Runner:
    name: str
    method: Method
    served: Iterator[Tensor]
    seconds_left: list[float]
    steps_left: list[tuple[int, str]]
    steps: int = 0
    seconds: float = 0.0
    points: list[Point] = field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        return not self.seconds_left and not self.steps_left

    def advance(self, rows: Rows, device: str) -> None:
        """One step, and a look when a mark was passed."""
        x = next(self.served)
        self.seconds += seconds_of(lambda: self.method.step(x), device)
        self.steps += 1
        reasons = []
        if self.steps_left and self.steps >= self.steps_left[0][0]:
            reasons.append(self.steps_left.pop(0)[1])
        while self.seconds_left and self.seconds >= self.seconds_left[0]:
            reasons.append(f"seconds {self.seconds_left.pop(0):g}")
        if reasons:
            self._look(rows, reasons)

    def _look(self, rows: Rows, reasons: list[str]) -> None:
        fvu, _ = fvu_and_active(self.method, rows.held_out)
        training_fvu, active = fvu_and_active(self.method, rows.training)
        never_active = 1 - float(active.float().mean())
        for reason in reasons:
            self.points.append(
                Point(self.name, self.steps, self.seconds, reason, fvu, training_fvu, never_active)
            )


def measure_quality(
    data: Path,
    device: str,
    libraries: Sequence[str],
    *,
    quick: bool,
    minutes: float | None,
    curves: Path | None,
) -> str:
    """A Markdown section; the curves as CSV and SVG when `curves` names them (without ending)."""
    rows = arxiv_rows(data, device)
    seconds = 60 * (minutes if minutes is not None else 0.25 if quick else 1.0)
    epochs = 2 if quick else EPOCHS
    points = _train_all(rows, device, libraries, seconds, epochs)
    if curves is not None:
        _write_csv(points, curves.with_suffix(".csv"))
        write_curves(points, curves.with_suffix(".svg"), title=f"{S}, {rows.source}")
    per_epoch = len(rows.training) // BATCH
    return "\n".join(
        [
            f"### Quality at {S}, {rows.source}\n",
            f"{len(rows.training):,} rows to train on, {len(rows.held_out):,} held out; batch "
            f"{BATCH:,}, learning rate {LEARNING_RATE:g} without warm-up or decay (signum: its "
            "own), the same batches in the same order, AuxK on with each library's own rule. "
            "FVU is of the held-out rows. Never active: latents active in no training row.\n",
            f"After {EARLY_STEPS} steps:\n",
            _table_at(points, f"steps {EARLY_STEPS}"),
            f"After {epochs} epochs ({epochs * per_epoch} steps, "
            f"{epochs * per_epoch * BATCH:,} examples):\n",
            _table_at(points, f"epoch {epochs}"),
            "After the same seconds of training (FVU held out, share never active, steps done):\n",
            _seconds_table(points, _second_marks(seconds)),
        ]
    )


def _second_marks(seconds: float) -> list[float]:
    return [seconds / 16, seconds / 8, seconds / 4, seconds / 2, seconds]


def _train_all(
    rows: Rows, device: str, libraries: Sequence[str], seconds: float, epochs: int
) -> list[Point]:
    setup = Setup(S, rows.training, device)
    per_epoch = len(rows.training) // BATCH
    steps = [(EARLY_STEPS, f"steps {EARLY_STEPS}")]
    marks = [epoch for epoch in (1, 2, 4, 8, 16, 32) if epoch < epochs]
    steps += [(epoch * per_epoch, f"epoch {epoch}") for epoch in [*marks, epochs]]
    runners = [
        _Runner(name, make(setup), batches(rows.training), _second_marks(seconds), sorted(steps))
        for name, make in makers(libraries, other_ways=True).items()
    ]
    while running := [runner for runner in runners if not runner.is_finished]:
        min(running, key=lambda runner: runner.seconds).advance(rows, device)
    return [point for runner in runners for point in runner.points]


def _table_at(points: list[Point], reason: str) -> str:
    columns = ["", "FVU", "FVU of the training rows", "never active", "seconds"]
    table = [
        [
            p.method,
            f"{p.fvu:.3f}",
            f"{p.training_fvu:.3f}",
            f"{p.never_active:.1%}",
            f"{p.seconds:.1f}",
        ]
        for p in points
        if p.reason == reason
    ]
    return markdown_table(columns, table)


def _seconds_table(points: list[Point], marks: list[float]) -> str:
    by_key = {(p.method, p.reason): p for p in points}
    table = []
    for name in dict.fromkeys(p.method for p in points):
        found = [by_key[name, f"seconds {mark:g}"] for mark in marks]
        table.append([name, *(f"{p.fvu:.3f}, {p.never_active:.1%}, {p.steps:,}" for p in found)])
    return markdown_table(["", *(f"{mark:.3g} s" for mark in marks)], table)


def _write_csv(points: list[Point], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["method", "steps", "examples", "seconds", "fvu", "training_fvu", "never_active_share"]
        )
        for p in sorted(points, key=lambda p: (p.method, p.steps)):
            numbers = (p.fvu, p.training_fvu, p.never_active)
            writer.writerow(
                [p.method, p.steps, p.examples, f"{p.seconds:.3f}", *(f"{n:.5f}" for n in numbers)]
            )
