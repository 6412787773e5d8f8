"""A fast fit on a subsample: how the held-out FVU of a corpus falls with n and k.

For n features, k of them active, and N documents

    FVU(n, k, N) = .95 · A · n^b · k^c · u(n, k) · exp(g · (n k / N)^.45)
    u(n, k) = exp(−.03 · ln(n / 256) · ln(k / 8) − .043 · ln(k / 8)²)

A, b, c and g come from three small SAEs trained in some seconds. The power law is that of endless
data: it goes through the mean of the FVU on documents that were trained on and that were not,
because a dictionary does about as much too well on the ones as too badly on the others. The last
factor is the half of that gap: it grows with what a dictionary can store and falls with the
documents. The fixed numbers are those of 30,000 abstracts (n 768 and 3,072, k 8 and 32); .95 is
what a longer training wins.

Measured: from 4,000 of these abstracts the FVU of those four SAEs was foretold within 4 %; from
4,000 of 6,283 pages of documentation, which had no part in the numbers but the .95, that of four
SAEs (n 160 to 512, k 8 and 16) within 2 %. A busy computer trains for fewer epochs and is then
within 7 %. Vectors of both were those of one model, d 384.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.step_time import seconds_of_a_step
from saedesk.sae.training_rows import TrainingRows
from saedesk.sae.training_warnings import round_to
from saedesk.task_control import TaskControl, Unattended

if TYPE_CHECKING:
    from saedesk.sae.training_run import TrainingRun

FEWEST_DOCUMENTS = 200
"""On fewer a probe would say nothing."""
MOST_DOCUMENTS = 4000
MOST_SECONDS = 6.0
"""Of training; a slow computer trains for fewer epochs."""
HELD_OUT_SHARE = 0.15
FEWEST_EPOCHS, EPOCHS = 6, 20
GAP_EXPONENT = 0.45
USUAL_EXPONENTS = (-0.06, -0.23)
"""Of n and of k in the held-out FVU: 28,000 abstracts, n 192 to 768 and k 4 to 32."""
GAIN_OF_LONGER_TRAINING = 0.95
_PRIOR_WEIGHT = 0.3
"""The usual exponents count a little, so that a few points stay reasonable."""


@dataclass(frozen=True)
class ProbePoint:
    """A small SAE and the FVU it reached."""

    n_latents: int
    k: int
    fvu: float
    """On documents it had not seen."""
    training_fvu: float
    """On documents it was trained on."""


@dataclass(frozen=True)
class FvuLaw:
    """The law above: A, b, c and g."""

    scale: float
    n_exponent: float
    k_exponent: float
    gap: float = 0.0

    def fvu(self, n_latents: float, k: float, n_documents: float) -> float:
        """The held-out FVU of a size, at most 1."""
        endless = self.scale * n_latents**self.n_exponent * k**self.k_exponent
        stored = n_latents * k / max(1.0, n_documents)
        more = usual_bend(n_latents, k) + self.gap * stored**GAP_EXPONENT
        return min(1.0, endless * math.exp(more))

    def gain_of_twice_k(self, n_latents: float, k: float, n_documents: float) -> float:
        """The share of the FVU that twice the k would take away."""
        one, two = (self.fvu(n_latents, times * k, n_documents) for times in (1, 2))
        return 1 - two / one


def usual_bend(n_latents: float, k: float) -> float:
    """ln u(n, k): how the logarithm of the FVU bends away from a plane; 0 at n = 256, k = 8."""
    of_k = math.log(k / 8)
    return -0.03 * math.log(n_latents / 256) * of_k - 0.043 * of_k**2


@dataclass(frozen=True)
class CorpusProbe:
    """What a probe found out about a corpus and about this computer."""

    vectors: str
    """Hash of the vectors it was made on."""
    documents: int
    """Documents it trained on."""
    points: tuple[ProbePoint, ...]
    law: FvuLaw | None
    """None where the small SAEs reached nothing that a law could be fitted to."""
    step_factors: dict[str, float] = field(default_factory=dict)
    """By architecture: how many times the time of the model a step took here."""
    seconds: float = 0.0
    """How long the probe took."""


def probe_corpus(
    vectors: np.ndarray,
    *,
    excluded: np.ndarray | None = None,
    name: str = "",
    control: TaskControl | None = None,
) -> CorpusProbe:
    """Train three small SAEs on a sample of `vectors` (n, d) and fit the law; raises Cancelled.

    They share one pass, on the CPU. Raises BadInput where the vectors cannot be trained on.
    """
    from saedesk.sae.training import run_together
    from saedesk.sae.training_run import TrainingRun

    rows = _sample(vectors, excluded)
    started = time.monotonic()
    configs = [_config(n, k) for n, k in _sizes(len(rows.training))]
    slowest = seconds_of_a_step("topk", configs[-1], rows.batch(0))
    epochs = MOST_SECONDS / (len(configs) * slowest * rows.steps_per_epoch)
    steps = int(min(EPOCHS, max(FEWEST_EPOCHS, epochs))) * rows.steps_per_epoch
    runs = [TrainingRun(rows, "topk", config, steps=steps) for config in configs]
    run_together(runs, _Deadline(control or Unattended(), started + 1.5 * MOST_SECONDS))
    points = [_point(run) for run in runs]
    usable = tuple(p for p in points if 0 < p.training_fvu < 1 and 0 < p.fvu < 1)
    return CorpusProbe(
        vectors=name,
        documents=len(rows.training),
        points=usable,
        law=fitted(usable, len(rows.training)) if len(usable) == len(runs) else None,
        seconds=time.monotonic() - started,
    )


def _sample(vectors: np.ndarray, excluded: np.ndarray | None) -> TrainingRows:
    usable = np.arange(len(vectors))
    if excluded is not None and len(excluded):
        usable = np.setdiff1d(usable, excluded)
    chosen = np.sort(np.random.default_rng(0).permutation(usable)[:MOST_DOCUMENTS])
    sample = np.ascontiguousarray(vectors[chosen], np.float32)
    batch = int(min(512, max(32, len(chosen) // 8)))
    return TrainingRows(sample, batch_size=batch, held_out_share=HELD_OUT_SHARE, seed=0)


def _sizes(documents: int) -> tuple[tuple[int, int], ...]:
    """n and k of the SAEs, far enough apart for the slopes."""
    large = max(32, min(256, round_to(documents / 13, 16)))
    return (large // 4, 4), (large, 4), (large, 16)


def _config(n_latents: int, k: int) -> TopKConfig:
    return TopKConfig(
        n_latents=n_latents,
        k=min(k, n_latents),
        learning_rate=4e-3,
        learning_rate_decay="linear",
        dead_after_steps=30,
    )


def _point(run: TrainingRun) -> ProbePoint:
    from saedesk.sae.held_out_measures import measure

    rows, trainer = run.rows, run.trainer
    held_out, trained = rows.held_out_rows(), rows.rows(rows.training[:1000])
    found = [
        measure(trainer.architecture, trainer.parameters, x)["fvu"] for x in (held_out, trained)
    ]
    config = trainer.config
    assert isinstance(config, TopKConfig)
    return ProbePoint(config.n_latents, config.k, found[0] or 1.0, found[1] or 1.0)


def fitted(points: Sequence[ProbePoint], documents: int) -> FvuLaw:
    """The law through the points: least squares in logarithms, drawn to the usual exponents."""
    endless = [(p.fvu + p.training_fvu) / 2 for p in points]
    rows = [(1.0, math.log(p.n_latents), math.log(p.k)) for p in points]
    values = [
        math.log(fvu) - usual_bend(p.n_latents, p.k) for p, fvu in zip(points, endless, strict=True)
    ]
    rows += [(0.0, _PRIOR_WEIGHT, 0.0), (0.0, 0.0, _PRIOR_WEIGHT)]
    values += [_PRIOR_WEIGHT * usual for usual in USUAL_EXPONENTS]
    a, b, c = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    gaps = [
        math.log(p.fvu / middle) / (p.n_latents * p.k / documents) ** GAP_EXPONENT
        for p, middle in zip(points, endless, strict=True)
    ]
    scale = GAIN_OF_LONGER_TRAINING * math.exp(a)
    return FvuLaw(scale, float(b), float(c), max(0.0, float(np.mean(gaps))))


class _Deadline:
    """A control that ends the training when its time is over."""

    def __init__(self, control: TaskControl, until: float) -> None:
        self._until = until
        self.checkpoint = control.checkpoint
        self.report = control.report

    def finish_early(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._until

    def publish(self, partial: object) -> None:
        """Nobody looks at these curves."""


def to_json(probe: CorpusProbe) -> dict[str, Any]:
    """The probe as plain JSON values."""
    return asdict(probe)


def from_json(content: dict[str, Any]) -> CorpusProbe:
    """The probe from plain values; raises KeyError, TypeError or ValueError for others."""
    law = content["law"]
    names = ("scale", "n_exponent", "k_exponent", "gap")
    return CorpusProbe(
        str(content["vectors"]),
        int(content["documents"]),
        tuple(
            ProbePoint(int(p["n_latents"]), int(p["k"]), float(p["fvu"]), float(p["training_fvu"]))
            for p in content["points"]
        ),
        None if law is None else FvuLaw(*(float(law[name]) for name in names)),
        {str(name): float(factor) for name, factor in content["step_factors"].items()},
        float(content["seconds"]),
    )
