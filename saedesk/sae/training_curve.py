"""What training says while it runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

DENSITY_EDGES = tuple(round(-5 + i * 0.2, 1) for i in range(26))
"""Edges of the density histogram: log10 of the share of documents, from 0.001 % to 100 %."""


@dataclass(frozen=True)
class TrainingStep:
    """The state of a training at one step."""

    step: int
    """Steps finished, from 1."""
    examples: int
    """Documents seen, counted with repetition."""
    reconstruction_loss: float
    """Normalised MSE of the training batch, without auxiliary terms."""
    fvu: float | None
    """Σ‖x−x̂‖² / Σ‖x−mean‖² on held-out documents; None where it was not measured."""
    l0: float
    """Mean number of active features of a document in the batch."""
    dead_share: float
    """Share of latents that no document selected during the last epoch."""
    examples_per_second: float
    """Documents per second of training, pauses left out."""
    learning_rate: float
    density: tuple[int, ...] | None = None
    """Latents by log10 density on held-out documents, in DENSITY_EDGES; None where not measured."""
    never_active: int | None = None
    """Latents without any held-out document; None where not measured."""


def to_lines(curve: Iterable[TrainingStep]) -> str:
    """A curve as JSON lines."""
    return "".join(json.dumps(asdict(step)) + "\n" for step in curve)


def from_lines(text: str) -> list[TrainingStep]:
    """A curve from JSON lines."""
    steps = []
    for line in text.splitlines():
        content = json.loads(line)
        density = content.get("density")
        steps.append(TrainingStep(**{**content, "density": density and tuple(density)}))
    return steps
