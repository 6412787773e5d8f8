"""One run as the table and the head show it: stored, or being trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from saedesk.jobs.loaded_sae import architecture_title
from saedesk.jobs.train_sae import CurvePart
from saedesk.jobs.training_request import TrainRequest
from saedesk.jobs.unfinished_trainings import UnfinishedTraining
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import as_json
from saedesk.sae.training_curve import TrainingStep
from saedesk.task_control import Progress
from saedesk.ui.train_panels.run_curve import RunCurve
from saedesk.ui.train_panels.training_clock import TrainingClock

State = Literal["training", "paused", "finished", "stopped early", "stopped", "waiting"]
STEPS_OF_A_SPEED = 12
"""Points of the curve whose mean speed is shown."""


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
    fvu: float | None
    l0: float | None
    dead: float | None
    """Share of features, 0 to 1."""
    speed: float | None
    """Documents per second."""
    seconds: float | None
    """Time spent training."""
    seconds_left: float | None
    """None for a finished run."""
    size_bytes: int | None
    unfinished: UnfinishedTraining | None = None
    """What it goes on from; only for a run that was stopped without keeping an SAE."""

    @property
    def is_live(self) -> bool:
        """Whether it is being trained, or waits in a pause."""
        return self.record is None and self.unfinished is None

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


def run_name(record: ArtifactRecord) -> str:
    """What a person calls a stored run."""
    return str(record.summary.get("name") or record.hash)


def stored_run(project: Project, record: ArtifactRecord, id: int) -> Run:
    """A run whose SAE lies in the project."""
    told, config = record.summary, dict(record.inputs.get("config", {}))
    steps, total = int(told.get("steps") or 0), int(told.get("total_steps") or 0)
    epochs = int(told.get("epochs") or 0)
    seconds = told.get("seconds")
    current = project.current("saes")
    return Run(
        id=id,
        name=run_name(record),
        state="stopped early" if steps < total else "finished",
        record=record,
        in_use=current is not None and current.hash == record.hash,
        analysed=_is_analysed(project, record),
        architecture=architecture_title(record),
        config={"n_latents": told.get("n_latents"), "k": told.get("k"), **config},
        step=steps,
        total_steps=total,
        steps_per_epoch=total / epochs if epochs else 0.0,
        fvu=told.get("fvu"),
        l0=told.get("l0"),
        dead=told.get("dead_share"),
        speed=_mean_speed(project, record, steps),
        seconds=None if seconds is None else float(seconds),
        seconds_left=None,
        size_bytes=_size_of_stored(project, record),
    )


def stopped_run(training: UnfinishedTraining, id: int, dimensions: int, waits: bool) -> Run:
    """A run whose checkpoint waits; `waits` says that it stands in the queue again."""
    request = training.request
    config, total = as_json(request.config), training.total_steps or 0
    return Run(
        id=id,
        name=training.name,
        state="waiting" if waits else "stopped",
        record=None,
        in_use=False,
        analysed=False,
        architecture=architectures().get(request.architecture).title,
        config=config,
        step=training.step,
        total_steps=total,
        steps_per_epoch=total / request.config.epochs if request.config.epochs else 0.0,
        fvu=None,
        l0=None,
        dead=None,
        speed=None,
        seconds=None,
        seconds_left=None,
        size_bytes=weight_bytes(request.config.n_latents, dimensions),
        unfinished=training,
    )


def weight_bytes(n_latents: int, dimensions: int) -> int:
    """Encoder and decoder as float32, as the forecast counts them."""
    return 2 * n_latents * dimensions * 4


def _size_of_stored(project: Project, record: ArtifactRecord) -> int:
    vectors = project.manifest.find("vectors", str(record.inputs.get("vectors")))
    latents = record.summary.get("n_latents")
    if vectors is None or not latents:
        return sum(int(file["bytes"]) for file in record.files.values())
    return weight_bytes(int(latents), int(vectors.summary["dimensions"]))


def _mean_speed(project: Project, record: ArtifactRecord, steps: int) -> float | None:
    config, seconds = record.inputs.get("config", {}), record.summary.get("seconds")
    vectors = project.manifest.find("vectors", str(record.inputs.get("vectors")))
    if not seconds or vectors is None or not config.get("batch_size"):
        return None
    rows = (1 - config.get("held_out_share", 0.0)) * int(vectors.summary["documents"])
    return steps * min(config["batch_size"], rows) / seconds


def _is_analysed(project: Project, record: ArtifactRecord) -> bool:
    made = [a.hash for a in project.artifacts("activations") if a.inputs.get("sae") == record.hash]
    return any(s.inputs.get("activations") in made for s in project.artifacts("statistics"))


class LiveTraining:
    """What the running training has said so far."""

    def __init__(
        self,
        name: str,
        request: TrainRequest | None,
        dimensions: int,
        goes_on: UnfinishedTraining | None = None,
    ) -> None:
        self.name, self.request = name, request
        self.steps: list[TrainingStep] = []
        self._dimensions = dimensions
        self._done = 0 if goes_on is None else goes_on.step
        self._total = 0 if goes_on is None else goes_on.total_steps or 0
        self._per_epoch = 0
        self._seconds = 0.0
        self._clock = TrainingClock()

    def add(self, part: CurvePart) -> None:
        """New points of the curve came."""
        self.name, self._total, self._per_epoch = part.run, part.total_steps, part.steps_per_epoch
        for step in part.steps:
            before = self.steps[-1].examples if self.steps else 0
            self._seconds += (step.examples - before) / max(step.examples_per_second, 1e-9)
            self.steps.append(step)
        self._done = max(self._done, self.steps[-1].step if self.steps else 0)

    def progress(self, progress: Progress, now: float) -> None:
        """The task told how far it is, at `now` of a monotonic clock."""
        self._clock.add(progress, now)
        self._done = max(self._done, progress.done)
        self._total = progress.total or self._total

    def run(self, id: int, paused: bool, now: float) -> Run:
        """The run as it stands at `now`."""
        self._clock.set_paused(paused, now)
        last = self.steps[-1] if self.steps else None
        measured = next((step for step in reversed(self.steps) if step.fvu is not None), None)
        request = self.request
        config = {} if request is None else as_json(request.config)
        title = "" if request is None else architectures().get(request.architecture).title
        latents = config.get("n_latents")
        return Run(
            id=id,
            name=self.name,
            state="paused" if paused else "training",
            record=None,
            in_use=False,
            analysed=False,
            architecture=title,
            config=config,
            step=self._done,
            total_steps=self._total,
            steps_per_epoch=self._per_epoch,
            fvu=None if measured is None else measured.fvu,
            l0=None if last is None else last.l0,
            dead=None if last is None else last.dead_share,
            speed=self._speed(),
            seconds=self._seconds if self.steps else None,
            seconds_left=self._clock.seconds_left(now),
            size_bytes=None if latents is None else weight_bytes(latents, self._dimensions),
        )

    def _speed(self) -> float | None:
        """Documents per second over the last points, by their time and not by their number."""
        recent = self.steps[-STEPS_OF_A_SPEED:]
        if not recent:
            return None
        if len(recent) == 1:
            return recent[0].examples_per_second
        seconds = sum(
            (after.examples - before.examples) / max(after.examples_per_second, 1e-9)
            for before, after in pairwise(recent)
        )
        return (recent[-1].examples - recent[0].examples) / max(seconds, 1e-9)
