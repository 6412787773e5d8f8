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
from saedesk.sae.step_time import step_model
from saedesk.sae.training_cost import sae_bytes, training_memory, training_steps
from saedesk.sae.training_warnings import Remark, remarks_on_settings

SPREAD_OF_PROBE = 0.1
"""Share by which the FVU that a probe foretells may be wrong; twice what was seen (`corpus_probe`),
because other corpora and models will differ more."""
DISTANCE_OF_PROBE = 1.0
"""Beside earlier runs a probe counts like a run at this distance."""
LARGEST_CORRECTION = 100.0
"""Of the model of time by an earlier run; a GPU is many times faster than the model of a CPU."""


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
    asked = _Asked(config, architecture, n_documents, d_in)
    model = step_model(*asked.shape, products_per_second)
    factor, spread = _time_factor(asked, past, probe, products_per_second)
    seconds = steps * model * factor
    k = sparsity_of(config)
    published = published_loss(config.n_latents, k or 0, d_in, n_documents)
    fvu, source = _fvu(asked, past, probe, published)
    law = law_of(past, probe)
    of_twice = None
    if fvu is not None and k is not None and law is not None:
        of_twice = fvu[1] * (1 - law.gain_of_twice_k(config.n_latents, k, n_documents))
    return Forecast(
        steps=steps,
        seconds=seconds,
        seconds_range=(seconds / (1 + spread), seconds * (1 + spread)),
        size_bytes=sae_bytes(config.n_latents, d_in),
        memory_bytes=training_memory(config, asked.shape[0], d_in),
        fvu=fvu,
        fvu_source=source,
        published=published,
        remarks=remarks_on_settings(
            config, n_documents, fvu=None if fvu is None else fvu[1], fvu_of_twice_k=of_twice
        ),
    )


@dataclass(frozen=True)
class _Asked:
    """The training whose forecast is wanted."""

    config: SaeConfig
    architecture: str
    n_documents: int
    d_in: int

    @property
    def shape(self) -> tuple[int, int, int, int | None]:
        """batch, d_in, n_latents, k."""
        batch = min(self.config.batch_size, max(1, self.n_documents))
        return batch, self.d_in, self.config.n_latents, sparsity_of(self.config)

    def distance(self, run: PastRun) -> float:
        """How unlike a run it is; the size hardly matters on small corpora, k does."""
        k = sparsity_of(self.config)
        of_k = 0.0 if k is None else abs(math.log(k / run.k))
        of_size = abs(math.log(self.config.n_latents / run.n_latents))
        return of_k + 0.5 * of_size + (0.0 if run.architecture == self.architecture else 0.5)


def law_of(past: Sequence[PastRun], probe: CorpusProbe | None) -> FvuLaw | None:
    """How the FVU falls with n and k: from the probe, else from runs that differ in k."""
    if probe is not None and probe.law is not None:
        return probe.law
    exponent = _exponent_of_k(past)
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
    asked: _Asked,
    past: Sequence[PastRun],
    probe: CorpusProbe | None,
    products_per_second: float,
) -> tuple[float, float]:
    """How many times the model's time a step takes, and by which share that may be wrong.

    From the most similar earlier run, of this architecture where there is one, else as measured
    by the probe.
    """
    measured = None if probe is None else probe.step_factors.get(asked.architecture)
    same = [run for run in past if run.architecture == asked.architecture]
    runs = same or ([] if measured is not None else list(past))
    if not runs:
        return (1.0, 1.0) if measured is None else (measured, 0.5)
    work = asked.config.n_latents * asked.shape[0]
    nearest = min(
        reversed(runs), key=lambda run: abs(math.log(run.n_latents * run.batch_size / work))
    )
    shape = nearest.batch_size, asked.d_in, nearest.n_latents, nearest.k or None
    model = step_model(*shape, products_per_second)
    factor = nearest.seconds / max(1, nearest.steps) / model
    factor = min(LARGEST_CORRECTION, max(1 / LARGEST_CORRECTION, factor))
    errors = [run.seconds_ratio for run in same if run.seconds_ratio]
    return factor, (0.15 if same else 0.5) + _typical_error(errors)


def _fvu(
    asked: _Asked,
    past: Sequence[PastRun],
    probe: CorpusProbe | None,
    published: PublishedLoss | None,
) -> tuple[tuple[float, float, float] | None, str]:
    """Lowest, likely and highest FVU, and what it was judged by."""
    k = sparsity_of(asked.config)
    known = [run for run in past if run.fvu and run.k > 0]
    law = None if probe is None else probe.law
    if k is None:  # Only a run of the same architecture says how sparse its settings make it.
        known = [run for run in known if run.architecture == asked.architecture]
        law = published = None
    if known:
        return _from_runs(asked, known, law), "earlier runs"
    if published is not None:
        losses = published.by_corpus.values()
        likely = sum(losses) / len(losses)
        return (0.9 * min(losses), likely, 1.2 * max(losses)), "the published power laws"
    if law is None or probe is None or k is None:
        return None, ""
    likely = law.fvu(asked.config.n_latents, k, asked.n_documents)
    return _around(likely, SPREAD_OF_PROBE), f"a quick fit on {probe.documents:,} documents"


def _from_runs(
    asked: _Asked, known: Sequence[PastRun], of_probe: FvuLaw | None
) -> tuple[float, float, float]:
    """The law moved to where the runs lie, the near ones most; the probe is one of them."""
    law = of_probe or FvuLaw(1.0, *USUAL_EXPONENTS)
    documents = asked.n_documents
    distances = [asked.distance(run) for run in known]
    weights = [1 / (distance**2 + 1e-9) for distance in distances]
    moves = [math.log((r.fvu or 1) / law.fvu(r.n_latents, r.k, documents)) for r in known]
    total = sum(weights) + (DISTANCE_OF_PROBE**-2 if of_probe is not None else 0.0)
    move = sum(w * m for w, m in zip(weights, moves, strict=True)) / total
    nearest = known[distances.index(min(distances))]
    k = sparsity_of(asked.config)
    likely = law.fvu(asked.config.n_latents, k or nearest.k, documents) * math.exp(move)
    away = min(distances)
    errors = _typical_error([run.fvu_ratio for run in known if run.fvu_ratio])
    spread = 0.02 + (0.08 + errors) * away + (0.1 if k is None else 0.0)
    return _around(likely, min(spread, SPREAD_OF_PROBE) if of_probe is not None else spread)


def _around(likely: float, spread: float) -> tuple[float, float, float]:
    likely = min(1.0, likely)
    return likely / (1 + spread), likely, min(1.0, likely * (1 + spread))


def _typical_error(ratios: Sequence[float]) -> float:
    """Root mean square of log ratio of the last five forecasts; 0 for none."""
    last = [math.log(ratio) ** 2 for ratio in ratios[-5:]]
    return math.sqrt(sum(last) / len(last)) if last else 0.0
