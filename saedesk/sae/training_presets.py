"""Settings that suit a corpus of a given size, and what they will cost.

Small corpora need small dictionaries: on 28,000 abstracts a dictionary of twice the vector's
length with k = 8, trained for 120 epochs with decay, has most of its features found again by a
second seed, while one of eight times the length with k = 32 has next to none. Movva et al. 2025
(HypotheSAEs) use 64 features for 1,000 texts, 256 for 10,000 and 1,024 for 100,000.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.sae_config import SaeConfig

DOCUMENTS_PER_FEATURE = 40
MOST_STEPS = 15_000
STEP_PER_PRODUCT = 2.3
"""The products and sparse sums of a step take this many times the encoder product alone."""
SECONDS_PER_STEP = 0.001
"""What every step costs however small it is."""
SECONDS_PER_WEIGHT = 5e-9
"""Clipping, Adam and unit norms pass over each weight of encoder or decoder about ten times.
These three were measured on two CPUs, d 384, 64 to 9,216 features, batches of 32 to 1,024."""
FVU_EXPONENT_OF_K = -0.23
"""Held-out FVU falls like k to this power (measured on 28,000 abstracts, n 768, k 8 to 32)."""


@dataclass(frozen=True)
class Preset:
    """Settings under a name."""

    name: str
    config: TopKConfig
    reason: str
    """A sentence for a person: whom it suits."""


@dataclass(frozen=True)
class PastRun:
    """What an earlier run of the project tells about the next."""

    n_latents: int
    k: int
    batch_size: int
    steps: int
    seconds: float
    fvu: float | None


@dataclass(frozen=True)
class Forecast:
    """What a training will cost and reach."""

    steps: int
    seconds: float
    """Training time on this computer."""
    size_bytes: int
    """The stored SAE."""
    memory_bytes: int
    """Memory that training needs beside the program."""
    fvu: tuple[float, float, float] | None
    """Lowest, likely and highest held-out FVU; None before the first run of the project."""
    warnings: tuple[str, ...]
    """Sentences that teach: what about these settings does not suit this corpus."""


def presets(n_documents: int, d_in: int) -> tuple[Preset, ...]:
    """Presets for a corpus, the usual one second."""
    batch = _batch_size(n_documents)
    per_epoch = max(1, math.ceil(0.95 * n_documents / batch))
    n_latents = _dictionary_size(n_documents, d_in)
    k = min(4 if n_documents < 3000 else 8, n_latents)
    balanced = TopKConfig(
        n_latents=n_latents,
        k=k,
        epochs=int(max(10, min(120, MOST_STEPS // per_epoch))),
        batch_size=batch,
        learning_rate=5e-4,
        learning_rate_decay="linear",
        dead_after_steps=int(min(266, max(40, 4 * per_epoch))),
    )
    quick = TopKConfig(
        n_latents=min(n_latents, _round_to(n_latents / 2, 32)),
        k=k,
        epochs=max(5, balanced.epochs // 4),
        batch_size=batch,
        learning_rate=1e-3,
        learning_rate_decay="linear",
        dead_after_steps=balanced.dead_after_steps,
    )
    return (
        Preset("Quick look", quick, "A coarse dictionary in a short time, to see what is there."),
        Preset(
            "Balanced", balanced, "As many features as this corpus fills, trained until they last."
        ),
        Preset(
            "Paper SAE64",
            TopKConfig(n_latents=9216, k=64),
            "The constants as published, meant for 100,000 documents and more.",
        ),
    )


def forecast(
    config: SaeConfig,
    n_documents: int,
    d_in: int,
    *,
    products_per_second: float,
    past: Sequence[PastRun] = (),
) -> Forecast:
    """Steps, time, size, FVU and warnings of a training.

    `products_per_second` is the speed of a float32 matrix product on this computer, in multiply-
    adds per second; earlier runs of the project correct it.
    """
    training = max(1, round(n_documents * (1 - config.held_out_share)))
    batch = min(config.batch_size, training)
    steps = config.epochs * max(1, math.ceil(training / batch))
    model = _model_of_a_step(batch, d_in, config.n_latents, products_per_second)
    per_step = model * _correction(past, config.n_latents, batch, d_in, products_per_second)
    weights = 2 * config.n_latents * d_in * 4
    return Forecast(
        steps=steps,
        seconds=steps * per_step,
        size_bytes=weights,
        memory_bytes=4 * weights + 4 * batch * config.n_latents * 3,
        fvu=_fvu_from(past, getattr(config, "k", 0), config.n_latents),
        warnings=tuple(_warnings(config, n_documents)),
    )


def _model_of_a_step(batch: int, d_in: int, n_latents: int, products_per_second: float) -> float:
    """Seconds of a training step, without having seen any."""
    product = batch * d_in * n_latents / products_per_second
    return SECONDS_PER_STEP + STEP_PER_PRODUCT * product + SECONDS_PER_WEIGHT * n_latents * d_in


def _correction(
    past: Sequence[PastRun], n_latents: int, batch: int, d_in: int, products_per_second: float
) -> float:
    """How much slower or faster than the model the most similar earlier run was."""
    if not past:
        return 1.0
    nearest = min(
        reversed(past),
        key=lambda run: abs(math.log(run.n_latents * run.batch_size / (n_latents * batch))),
    )
    model = _model_of_a_step(nearest.batch_size, d_in, nearest.n_latents, products_per_second)
    return min(4.0, max(0.25, nearest.seconds / max(1, nearest.steps) / model))


def _fvu_from(past: Sequence[PastRun], k: int, n_latents: int) -> tuple[float, float, float] | None:
    """From the most similar run; dictionary size hardly matters on small corpora, k does."""
    known = [run for run in past if run.fvu is not None and run.k > 0]
    if not known or k <= 0:
        return None
    nearest = min(
        reversed(known),
        key=lambda run: abs(math.log(run.k / k)) + 0.5 * abs(math.log(run.n_latents / n_latents)),
    )
    assert nearest.fvu is not None
    distance = abs(math.log(k / nearest.k)) + 0.5 * abs(math.log(n_latents / nearest.n_latents))
    likely = nearest.fvu * (k / nearest.k) ** FVU_EXPONENT_OF_K
    spread = 0.02 + 0.08 * distance
    return likely * (1 - spread), likely, likely * (1 + spread)


def _warnings(config: SaeConfig, n_documents: int) -> list[str]:
    found = []
    per_feature = n_documents / config.n_latents
    most = _round_to(4 * n_documents / DOCUMENTS_PER_FEATURE, 64)
    if per_feature < DOCUMENTS_PER_FEATURE / 4 and config.n_latents > most:
        found.append(
            f"There are {per_feature:,.1f} documents for each feature; with fewer than "
            f"{DOCUMENTS_PER_FEATURE // 4} most features are chance. Choose at most "
            f"{most:,} features."
        )
    k = getattr(config, "k", None)
    if k is not None and k > config.n_latents / 8:
        found.append(
            f"With {k} of {config.n_latents:,} features active at once they can hardly mean one "
            f"thing each. Choose k of at most {max(1, config.n_latents // 16)}."
        )
    if config.held_out_share * n_documents < 50:
        found.append(
            f"Only {round(config.held_out_share * n_documents)} documents are held out, so the "
            "FVU will be rough."
        )
    return found


def _dictionary_size(n_documents: int, d_in: int) -> int:
    wanted = n_documents / DOCUMENTS_PER_FEATURE
    return int(min(max(64, _round_to(wanted, 64)), max(64, 4 * d_in), max(8, n_documents // 4)))


def _batch_size(n_documents: int) -> int:
    """A power of two near a twentieth of the corpus, 32 to 1,024."""
    return int(min(1024, max(32, 2 ** round(math.log2(max(1, n_documents / 20))))))


def _round_to(value: float, step: int) -> int:
    return max(step, round(value / step) * step)
