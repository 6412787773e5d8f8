"""The curves of a training, each with the sentence that says what it is and what is good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from saedesk.report.plots import curve_plot, percent_tick
from saedesk.sae.training_curve import TrainingStep


@dataclass(frozen=True)
class TrainingPlot:
    """A curve under a head."""

    title: str
    caption: str
    plot: Markup


def curves(steps: Sequence[TrainingStep]) -> list[TrainingPlot]:
    """Loss, FVU, L0 and dead share, as far as they were measured."""
    found = [
        TrainingPlot(
            "Reconstruction loss",
            "training batches, lower is better",
            curve_plot(
                [(step.step, step.reconstruction_loss) for step in steps],
                "Reconstruction loss by step",
                "Loss, log scale",
                logarithmic=True,
            ),
        )
    ]
    measured = [(step.step, step.fvu) for step in steps if step.fvu is not None]
    if measured:
        found.append(
            TrainingPlot(
                "FVU, held-out",
                "what the features miss, lower is better",
                curve_plot(measured, "FVU on held-out documents by step", "Share of variance"),
            )
        )
    found.append(
        TrainingPlot(
            "L0",
            "active features per document",
            curve_plot(
                [(step.step, step.l0) for step in steps],
                "Active features per document by step",
                "Features",
                least_top=1.0,
            ),
        )
    )
    found.append(
        TrainingPlot(
            "Dead",
            "share of features that no document chose during the last epoch",
            curve_plot(
                [(step.step, step.dead_share) for step in steps],
                "Share of dead features by step",
                "Share of features",
                least_top=0.02,
                tick_text=percent_tick,
            ),
        )
    )
    return found
