"""What a training will cost on this computer and reach on this corpus, from what is known.

Time: a model of a step, corrected by measured steps of the architecture and by earlier runs.
FVU: a law FVU(n, k) = A · n^b · k^c, from a probe of the corpus or with usual exponents, corrected
by earlier runs; where there is neither, from the published power laws if they apply.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from saedesk.sae.architecture_settings import sparsity_of
from saedesk.sae.corpus_probe import USUAL_EXPONENTS, CorpusProbe, FvuLaw
from saedesk.sae.sae_config import SaeConfig
from saedesk.sae.scaling_laws import PublishedLoss, published_loss
from saedesk.sae.training_rows import LARGEST_HELD_OUT
from saedesk.sae.training_warnings import Remark, remarks_on_settings

STEP_PER_PRODUCT = 1.4
"""The products and sparse sums of a TopK step take this many times the encoder product alone."""
SECONDS_PER_STEP = 0.001
"""What every step costs however small it is."""
SECONDS_PER_WEIGHT = 5e-9
"""Clipping, Adam and unit norms pass over each weight of encoder or decoder about ten times."""
SPREAD_OF_PROBE = 0.15
"""Share by which the FVU that a probe foretells is wrong."""


@dataclass(frozen=True)
class PastRun:
    """What an earlier run of the project tells about the next."""

    n_latents: int
    k: float
    """Features active at once: k, or the measured L0 of an architecture without k."""
    batch_size: int
    steps: int
    seconds: float
    fvu: float | None
    architecture: str = "topk"
    seconds_ratio: float | None = None
    """Its time in relation to what was forecast; None where nothing was."""
    fvu_ratio: float | None = None
    """Its FVU in relation to what was forecast; None where nothing was."""


@dataclass(frozen=True)
class Forecast:
    """What a training will cost and reach."""

    steps: int
    seconds: float
    """Training time on this computer."""
    seconds_range: tuple[float, float]
    """Shortest and longest time that the errors of earlier forecasts leave likely."""
    size_bytes: int
    """The stored SAE."""
    memory_bytes: int
    """Memory that training needs beside the program."""
    fvu: tuple[float, float, float] | None
    """Lowest, likely and highest held-out FVU; None where nothing is known about it."""
    fvu_source: str
    """What the FVU is judged by, in a few words; "" without one."""
    published: PublishedLoss | None
    """What the published power laws say of this size; None where they do not apply."""
    remarks: tuple[Remark, ...]
    """What about these settings does not suit this corpus."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """The remarks as sentences."""
        return tuple(remark.text for remark in self.remarks)


def forecast(
    config: SaeConfig,
    n_documents: int,
    d_in: int,
    *,
    products_per_second: float,
    architecture: str = "topk",
    past: Sequence[PastRun] = (),
    probe: CorpusProbe | None = None,
) -> Forecast:
    """Steps, time, size, FVU and remarks of a training on `n_documents` usable vectors.

    `products_per_second` is the speed of a float32 matrix product on this computer, in multiply-
    adds per second.
    """
    steps = training_steps(config, n_documents)
    batch = min(config.batch_size, max(1, n_documents))
    model = step_model(batch, d_in, config.n_latents, products_per_second)
    shape = batch, d_in, config.n_latents
    factor, spread = _time_factor(architecture, shape, past, probe, products_per_second)
    seconds = steps * model * factor
    size = sae_bytes(config.n_latents, d_in)
    law = law_of(past, probe)
    published = published_loss(config.n_latents, sparsity_of(config) or 0, d_in, n_documents)
    fvu, source = _fvu(config, architecture, past, probe, published)
    gain = None if law is None else law.gain_of_twice_k
    return Forecast(
        steps=steps,
        seconds=seconds,
        seconds_range=(seconds / (1 + spread), seconds * (1 + spread)),
        size_bytes=size,
        memory_bytes=training_memory(config, batch, d_in),
        fvu=fvu,
        fvu_source=source,
        published=published,
        remarks=remarks_on_settings(config, n_documents, gain_of_twice_k=gain),
    )


def training_steps(config: SaeConfig, n_documents: int) -> int:
    """Steps of a whole training; counts rows and batches as `TrainingRows` does."""
    held = min(
        math.ceil(n_documents * config.held_out_share), LARGEST_HELD_OUT, max(0, n_documents - 4)
    )
    held = max(held, 2) if config.held_out_share > 0 else 0
    training = max(1, n_documents - held)
    whole, rest = divmod(training, min(config.batch_size, training))
    return config.epochs * (whole + (1 if rest > 1 else 0))


def sae_bytes(n_latents: int, d_in: int) -> int:
    """Encoder and decoder in float32."""
    return 2 * n_latents * d_in * 4


def training_memory(config: SaeConfig, batch: int, d_in: int) -> int:
    """Weights, gradients, two moments, a best state; pre-activations and what is made of them."""
    kept = 5 if config.early_stopping_epochs else 4
    return kept * sae_bytes(config.n_latents, d_in) + 3 * 4 * batch * config.n_latents


def step_model(batch: int, d_in: int, n_latents: int, products_per_second: float) -> float:
    """Seconds of a training step, without having seen any."""
    product = batch * d_in * n_latents / products_per_second
    return SECONDS_PER_STEP + STEP_PER_PRODUCT * product + SECONDS_PER_WEIGHT * n_latents * d_in


def law_of(past: Sequence[PastRun], probe: CorpusProbe | None) -> FvuLaw | None:
    """How the FVU falls with n and k: the probe's law, with the runs' own fall with k."""
    exponent = _exponent_of_k(past)
    if probe is not None:
        law = probe.law
        return law if exponent is None else FvuLaw(law.scale, law.n_exponent, exponent)
    return None if exponent is None else FvuLaw(1.0, USUAL_EXPONENTS[0], exponent)


def _exponent_of_k(past: Sequence[PastRun]) -> float | None:
    """From pairs of runs that differ in k and hardly in size; None without such a pair."""
    known = [run for run in past if run.fvu and run.k > 0]
    slopes = [
        math.log((two.fvu or 1) / (one.fvu or 1)) / math.log(two.k / one.k)
        for i, one in enumerate(known)
        for two in known[i + 1 :]
        if one.architecture == two.architecture
        and abs(math.log(two.n_latents / one.n_latents)) < 0.1
        and abs(math.log(two.k / one.k)) > math.log(1.4)
    ]
    return median(slopes) if slopes else None


def _time_factor(
    architecture: str,
    shape: tuple[int, int, int],
    past: Sequence[PastRun],
    probe: CorpusProbe | None,
    products_per_second: float,
) -> tuple[float, float]:
    """How much slower than the model a step is, and by which share that may be wrong.

    From the most similar earlier run, of this architecture where there is one, else as measured
    by the probe.
    """
    batch, d_in, n_latents = shape
    measured = {} if probe is None else probe.step_factors
    same = [run for run in past if run.architecture == architecture]
    runs = same or ([] if architecture in measured else list(past))
    if not runs:
        return measured.get(architecture, 1.0), 0.5 if architecture in measured else 1.0
    nearest = min(
        reversed(runs),
        key=lambda run: abs(math.log(run.n_latents * run.batch_size / (n_latents * batch))),
    )
    model = step_model(nearest.batch_size, d_in, nearest.n_latents, products_per_second)
    factor = min(4.0, max(0.25, nearest.seconds / max(1, nearest.steps) / model))
    errors = [run.seconds_ratio for run in same if run.seconds_ratio]
    return factor, (0.15 if same else 0.5) + _typical_error(errors)


def _fvu(
    config: SaeConfig,
    architecture: str,
    past: Sequence[PastRun],
    probe: CorpusProbe | None,
    published: PublishedLoss | None,
) -> tuple[tuple[float, float, float] | None, str]:
    """Lowest, likely and highest FVU, and what it was judged by."""
    known = [run for run in past if run.fvu and run.k > 0]
    k = sparsity_of(config)
    if k is None:  # Only a run of the same architecture says how sparse its settings make it.
        known = [run for run in known if run.architecture == architecture]
        probe = published = None
    if not known and published is not None:
        losses = published.by_corpus.values()
        likely = sum(losses) / len(losses)
        return (0.9 * min(losses), likely, 1.2 * max(losses)), "the published power laws"
    if not known and probe is None:
        return None, ""
    law = law_of(past, probe) or FvuLaw(1.0, *USUAL_EXPONENTS)
    distances = [_distance(run, config, architecture) for run in known]
    weights = [1 / (distance**2 + 1e-9) for distance in distances]
    residuals = [math.log((run.fvu or 1) / law.fvu(run.n_latents, run.k)) for run in known]
    of_probe = 0.0 if probe is None else 1.0  # It counts like a run at distance 1.
    total = sum(weights) + of_probe
    shift = sum(w * r for w, r in zip(weights, residuals, strict=True)) / total
    sparsity = k if k is not None else known[distances.index(min(distances))].k
    likely = min(1.0, law.fvu(config.n_latents, sparsity) * math.exp(shift))
    away = min([*distances, 1.0] if probe is not None else distances)
    errors = [run.fvu_ratio for run in known if run.fvu_ratio]
    spread = 0.02 + (0.08 + _typical_error(errors)) * away + (0.0 if k is not None else 0.1)
    if not known:
        spread = SPREAD_OF_PROBE
    source = "earlier runs"
    if not known:
        assert probe is not None
        source = f"a quick fit on {probe.documents:,} documents"
    return (likely / (1 + spread), likely, min(1.0, likely * (1 + spread))), source


def _distance(run: PastRun, config: SaeConfig, architecture: str) -> float:
    """How unlike a run a training will be; the size hardly matters on small corpora, k does."""
    k = sparsity_of(config)
    of_k = 0.0 if k is None else abs(math.log(k / run.k))
    of_size = abs(math.log(config.n_latents / run.n_latents))
    return of_k + 0.5 * of_size + (0.0 if run.architecture == architecture else 0.5)


def _typical_error(ratios: Sequence[float]) -> float:
    """Root mean square of log ratio of the last five forecasts; 0 for none."""
    last = [math.log(ratio) ** 2 for ratio in ratios[-5:]]
    return math.sqrt(sum(last) / len(last)) if last else 0.0
