"""One run as the table and the head show it: stored, or being trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from saedesk.jobs.curve_parts import CurvePart
from saedesk.jobs.training_request import TrainRequest
from saedesk.jobs.unfinished_trainings import UnfinishedTraining
from saedesk.project.manifest import ArtifactRecord
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import as_json
from saedesk.task_control import Progress
from saedesk.ui.train_panels.run_curve import GrowingCurve, RunCurve

State = Literal[
    "training", "paused", "finished", "settled", "stopped early", "stopped", "waiting", "loaded"
]
AFTER_ALL_RUNS = 1_000_000
"""Added to the place of a loaded SAE in the list."""


@dataclass(frozen=True)
class RunForecast:
    """What was forecast for a run before it began, and how far off that was."""

    seconds: float | None = None
    fvu: float | None = None
    seconds_ratio: float | None = None
    """Time taken in relation to the forecast: 1.2 is a fifth more."""
    fvu_ratio: float | None = None


NOT_FORECAST = RunForecast()


@dataclass(frozen=True)
class Run:
    """Everything about a run but its curve."""

    id: int
    """Stays the same while the project is open; later runs have larger ones."""
    name: str
    state: State
    record: ArtifactRecord | None
    """None while it is being trained, and for one that was stopped."""
    in_use: bool
    analysed: bool
    architecture: str
    """For a person."""
    config: dict[str, Any]
    """Settings by name; empty where they are not known."""
    step: int
    total_steps: int
    steps_per_epoch: float
    size_bytes: int | None
    fvu: float | None = None
    l0: float | None = None
    dead: float | None = None
    """Share of features, 0 to 1; of a loaded SAE those that no document here has."""
    loss: float | None = None
    """Reconstruction loss of the last training batch."""
    speed: float | None = None
    """Documents per second."""
    seconds: float | None = None
    """Time spent training."""
    seconds_left: float | None = None
    """None for a finished run."""
    preset: str = ""
    precision: str = ""
    """In which the encoder product was searched, where that is known."""
    forecast: RunForecast = NOT_FORECAST
    unfinished: UnfinishedTraining | None = None
    """What it goes on from; only for a run that was stopped without keeping an SAE."""

    @property
    def is_live(self) -> bool:
        """Whether it is being trained, or waits in a pause."""
        return self.record is None and self.unfinished is None

    @property
    def is_loaded(self) -> bool:
        """Whether it was trained elsewhere: it has no epochs, no curves and no settings here."""
        return self.state == "loaded"

    @property
    def place(self) -> float:
        """What the list is sorted by: runs by their number, then what was loaded by its own."""
        return self.number + (AFTER_ALL_RUNS if self.is_loaded else 0)

    @property
    def number(self) -> int:
        """The number in its name, which it keeps for good; another name has one by its place."""
        last = self.name.rpartition(" ")[2]
        return int(last) if last.isdecimal() else self.id + 1

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return self.step / self.total_steps if self.total_steps else 0.0

    @property
    def n_latents(self) -> int | None:
        """Size of the dictionary."""
        return self.config.get("n_latents")

    @property
    def k(self) -> int | None:
        """Features active at once, where the architecture has such a number."""
        return self.config.get("k")

    def epochs_text(self) -> str:
        """“92 of 137”."""
        if not self.total_steps or not self.steps_per_epoch:
            return "–"
        done = self.epoch_at(self.step)
        return f"{done:,} of {round(self.total_steps / self.steps_per_epoch):,}"

    def epoch_at(self, step: float) -> int:
        """The epoch to which a step belongs, from 1; 0 before the first step."""
        if step <= 0 or not self.steps_per_epoch:
            return 0
        return int(-(-step // self.steps_per_epoch))

    def with_numbers_of(self, curve: RunCurve) -> Run:
        """The run with the last numbers of its curve."""
        if curve.is_empty:
            return self
        return replace(
            self,
            fvu=float(curve.fvu[-1]) if len(curve.fvu) else None,
            l0=float(curve.l0[-1]),
            dead=float(curve.dead[-1]) / 100,
            loss=float(curve.loss[-1]),
            speed=float(curve.speed[-1]),
        )

    def settings_text(self) -> str:
        """“TopK, k 64, 9,216 features, seed 0”."""
        parts = [self.architecture]
        if self.k is not None:
            parts.append(f"k {self.k:,}")
        if self.n_latents is not None:
            parts.append(f"{self.n_latents:,} features")
        if "seed" in self.config:
            parts.append(f"seed {self.config['seed']}")
        return ", ".join(part for part in parts if part)


def weight_bytes(n_latents: int, dimensions: int) -> int:
    """Encoder and decoder as float32, as the forecast counts them."""
    return 2 * n_latents * dimensions * 4


class LiveTraining:
    """What a running training has said so far; one of several where a grid is trained."""

    def __init__(
        self,
        name: str,
        request: TrainRequest | None,
        dimensions: int,
        goes_on: UnfinishedTraining | None = None,
    ) -> None:
        self.name, self.request = name, request
        self.curve = GrowingCurve()
        self._dimensions = dimensions
        self._done = 0 if goes_on is None else goes_on.step
        self._total = 0 if goes_on is None else goes_on.total_steps or 0
        self._per_epoch = 0

    @property
    def has_begun(self) -> bool:
        """Whether a point of its curve came."""
        return len(self.curve) > 0

    def add(self, part: CurvePart) -> None:
        """New points of the curve came."""
        self.name, self._total, self._per_epoch = part.run, part.total_steps, part.steps_per_epoch
        self.curve.add(part.steps)
        if part.steps:
            self._done = max(self._done, part.steps[-1].step)

    def progress(self, progress: Progress) -> None:
        """The task, which trains nothing but this run, told how far it is."""
        self._done = max(self._done, progress.done)
        self._total = progress.total or self._total

    def run(self, id: int, state: State, seconds_left: float | None) -> Run:
        """The run as it stands."""
        request = self.request
        config = {} if request is None else as_json(request.config)
        title = "" if request is None else architectures().get(request.architecture).title
        latents = config.get("n_latents")
        run = Run(
            id=id,
            name=self.name,
            state=state,
            record=None,
            in_use=False,
            analysed=False,
            architecture=title,
            config=config,
            step=self._done,
            total_steps=self._total,
            steps_per_epoch=self._per_epoch,
            seconds=self.curve.seconds if self.has_begun else None,
            seconds_left=seconds_left,
            size_bytes=None if latents is None else weight_bytes(latents, self._dimensions),
            preset="" if request is None else request.preset,
        )
        return run.with_numbers_of(self.curve.curve())
