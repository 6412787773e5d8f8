"""A fast fit on a subsample: how the held-out FVU of a corpus falls with n and k.

    FVU(n, k) = A · n^b · k^c

The constants come from small SAEs trained on a few thousand documents in some seconds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.training_rows import TrainingRows
from saedesk.sae.training_warnings import round_to
from saedesk.task_control import TaskControl, Unattended

MOST_DOCUMENTS = 4000
BATCH = 256
HELD_OUT_SHARE = 0.15
EPOCHS = 40
MOST_STEPS = 600
USUAL_EXPONENTS = (-0.06, -0.23)
"""Of n and of k in the held-out FVU: 28,000 abstracts, n 192 to 768 and k 4 to 32."""
PRIOR_WEIGHT = 0.3


@dataclass(frozen=True)
class ProbePoint:
    """A small SAE and the FVU it reached on documents it had not seen."""

    n_latents: int
    k: int
    fvu: float


@dataclass(frozen=True)
class FvuLaw:
    """FVU(n, k) = scale · n^n_exponent · k^k_exponent."""

    scale: float
    n_exponent: float
    k_exponent: float

    def fvu(self, n_latents: float, k: float) -> float:
        """The FVU of a size, at most 1."""
        found = self.scale * n_latents**self.n_exponent * k**self.k_exponent
        return min(1.0, found)

    @property
    def gain_of_twice_k(self) -> float:
        """The share of the FVU that twice the k takes away."""
        return 1 - math.exp(math.log(2) * self.k_exponent)


@dataclass(frozen=True)
class CorpusProbe:
    """What a probe found out about a corpus and about this computer."""

    vectors: str
    """Hash of the vectors it was made on."""
    documents: int
    """Documents it trained on."""
    points: tuple[ProbePoint, ...]
    law: FvuLaw
    step_factors: dict[str, float] = field(default_factory=dict)
    """By architecture: how many times the time of the model a step took here."""
    seconds: float = 0.0
    """How long the probe took."""


def probe_corpus(
    vectors: np.ndarray,
    *,
    excluded: np.ndarray | None = None,
    name: str = "",
    products_per_second: float = 0.0,
    control: TaskControl | None = None,
) -> CorpusProbe:
    """Train small SAEs on a sample of `vectors` (n, d) and fit the law; raises Cancelled.

    The SAEs share one pass, on the CPU. Raises BadInput where the vectors cannot be trained on.
    """
    from saedesk.sae.training import run_together
    from saedesk.sae.training_run import TrainingRun

    started = time.monotonic()
    control = control or Unattended()
    usable = np.arange(len(vectors))
    if excluded is not None and len(excluded):
        usable = np.setdiff1d(usable, excluded)
    chosen = np.random.default_rng(0).permutation(usable)[:MOST_DOCUMENTS]
    sample = np.ascontiguousarray(vectors[np.sort(chosen)], np.float32)
    rows = TrainingRows(sample, batch_size=BATCH, held_out_share=HELD_OUT_SHARE, seed=0)
    sizes = _sizes(len(rows.training))
    steps = max(1, min(MOST_STEPS, EPOCHS * rows.steps_per_epoch))
    runs = [TrainingRun(rows, "topk", _config(n, k), steps=steps) for n, k in sizes]
    results = run_together(runs, control)
    points = []
    for (n, k), result in zip(sizes, results, strict=True):
        fvu = result.curve[-1].fvu
        if fvu is not None and 0 < fvu < 1:
            points.append(ProbePoint(n, k, fvu))
    return CorpusProbe(
        vectors=name,
        documents=len(rows.training),
        points=tuple(points),
        law=fitted(points),
        seconds=time.monotonic() - started,
    )


def _sizes(documents: int) -> list[tuple[int, int]]:
    """n and k of the SAEs: as many features as so few documents fill, and half of them."""
    large = max(16, min(128, round_to(documents / 32, 16)))
    return [(large // 2, 4), (large, 2), (large, 4), (large, 8)]


def _config(n_latents: int, k: int) -> TopKConfig:
    return TopKConfig(
        n_latents=n_latents,
        k=k,
        learning_rate=2e-3,
        learning_rate_decay="linear",
        dead_after_steps=30,
    )


def fitted(points: Sequence[ProbePoint]) -> FvuLaw:
    """The law through the points: least squares in logarithms, shrunk towards usual exponents.

    The usual exponents count like one more point each, so that few points stay reasonable.
    """
    usual_n, usual_k = USUAL_EXPONENTS
    rows = [(1.0, math.log(p.n_latents), math.log(p.k)) for p in points]
    values = [math.log(p.fvu) for p in points]
    weight = PRIOR_WEIGHT
    rows += [(0.0, weight, 0.0), (0.0, 0.0, weight)]
    values += [weight * usual_n, weight * usual_k]
    a, b, c = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return FvuLaw(math.exp(a), float(b), float(c))


def to_json(probe: CorpusProbe) -> dict[str, Any]:
    """The probe as plain JSON values."""
    return asdict(probe)


def from_json(content: dict[str, Any]) -> CorpusProbe:
    """The probe from plain values; raises KeyError, TypeError or ValueError for others."""
    law = {name: float(content["law"][name]) for name in ("scale", "n_exponent", "k_exponent")}
    return CorpusProbe(
        str(content["vectors"]),
        int(content["documents"]),
        tuple(
            ProbePoint(int(p["n_latents"]), int(p["k"]), float(p["fvu"])) for p in content["points"]
        ),
        FvuLaw(**law),
        {str(name): float(factor) for name, factor in content["step_factors"].items()},
        float(content["seconds"]),
    )
