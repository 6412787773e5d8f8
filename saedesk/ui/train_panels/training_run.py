"""One run as the table and the head show it: stored, or being trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from saedesk.jobs.curve_parts import CurvePart
from saedesk.jobs.loaded_sae import architecture_title
from saedesk.jobs.training_request import TrainRequest
from saedesk.jobs.unfinished_trainings import UnfinishedTraining
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import as_json
from saedesk.sae.training_presets import present_name
from saedesk.task_control import Progress
from saedesk.ui.train_panels.run_curve import GrowingCurve, RunCurve

State = Literal["training", "paused", "finished", "settled", "stopped early", "stopped", "waiting"]


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
    """Share of features, 0 to 1."""
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
        state=_end_of(told, steps, total),
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
        loss=told.get("reconstruction_loss"),
        speed=_mean_speed(project, record, int(told.get("steps_done") or steps)),
        seconds=None if seconds is None else float(seconds),
        size_bytes=_size_of_stored(project, record),
        preset=present_name(str(told.get("preset") or "")),
        precision=str(told.get("precision") or ""),
        forecast=_forecast_of(told),
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
        size_bytes=weight_bytes(request.config.n_latents, dimensions),
        preset=present_name(request.preset),
        unfinished=training,
    )


def _end_of(told: dict[str, Any], steps: int, total: int) -> State:
    if steps >= total:
        return "finished"
    return "settled" if told.get("settled") else "stopped early"


def _forecast_of(told: dict[str, Any]) -> RunForecast:
    noted, errors = told.get("forecast"), told.get("forecast_error")
    if not isinstance(noted, dict) or not isinstance(errors, dict):
        return NOT_FORECAST
    fvu = noted.get("fvu")
    likely = fvu[1] if isinstance(fvu, list) and len(fvu) == 3 else None
    return RunForecast(noted.get("seconds"), likely, errors.get("seconds"), errors.get("fvu"))


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
