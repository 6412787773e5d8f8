"""Train an SAE on the project's vectors; a killed training goes on where its checkpoint was."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saedesk.errors import BadInput
from saedesk.jobs.training_request import TrainRequest
from saedesk.jobs.unfinished_trainings import CHECKPOINT_NAME, begin_or_go_on
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.atomic_files import require_room
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.sae_config import as_json
from saedesk.sae.training_curve import TrainingStep, from_lines, to_lines
from saedesk.task_control import TaskControl

CURVE_NAME = "training.jsonl"
_SECONDS_BETWEEN_PARTIALS = 0.1


@dataclass(frozen=True)
class CurvePart:
    """New points of the curve of a running training, in order; the first part may be long."""

    run: str
    """Name of the run."""
    steps: tuple[TrainingStep, ...]
    total_steps: int
    steps_per_epoch: int


def run(project: Project, request: TrainRequest, control: TaskControl) -> ArtifactRecord:
    """Train and store the SAE, and make it the one in use. Publishes `CurvePart`s.

    A cancel keeps a checkpoint, so the same request goes on from there; `finish_early` stores the
    SAE as it is. A first run is put in use whatever the request says.
    """
    from saedesk.sae.training import TrainingLoop

    project.check_writable()
    record = project.current("vectors")
    if record is None:
        raise BadInput(f"{project.name} has no vectors yet. Embed its documents first.")
    inputs = training_inputs(record, request)
    finished = project.find_intact("saes", inputs)
    if finished is not None:
        project.discard_work("saes", _checkpoint_inputs(inputs))
        if request.put_in_use:
            project.use(finished)
        return finished
    vectors = open_vectors(project, record)
    # Weights, moments and their checkpoint, twice while one replaces the other.
    width = request.config.n_latents * vectors.values.shape[1] * 4
    require_room(project.folder, 16 * width)
    checkpoint = checkpoint_folder(project, inputs) / CHECKPOINT_NAME
    name = begin_or_go_on(project, checkpoint.parent, inputs, request)
    curve = _CurvePublisher(name, control)
    loop = TrainingLoop(
        vectors.values,
        request.architecture,
        request.config,
        device=request.device,
        on_step=curve.add,
        control=control,
        checkpoint=checkpoint,
        excluded=vectors.bad_rows,
    )
    curve.start(loop.total_steps, loop.steps_per_epoch)
    result = loop.run()
    curve.flush()
    use = request.put_in_use or project.current("saes") is None
    with project.new_artifact("saes", inputs, use=use) as draft:
        if result.stopped_early:
            draft.inputs["stopped_at_step"] = result.steps
        result.sae.save(draft.folder)
        (draft.folder / CURVE_NAME).write_text(to_lines(result.curve), "utf-8")
        draft.summary |= _summary(name, request, result.curve, result.steps, loop.total_steps)
        draft.summary["seconds"] = round(result.seconds, 1)
    shutil.rmtree(checkpoint.parent)
    stored = project.find("saes", draft.inputs)
    assert stored is not None
    return stored


def training_inputs(vectors: ArtifactRecord, request: TrainRequest) -> dict[str, Any]:
    """Everything that determines the SAE."""
    from saedesk.sae.training import ALGORITHM_VERSION

    return {
        "vectors": vectors.hash,
        "architecture": request.architecture,
        "config": as_json(request.config),
        "algorithm": ALGORITHM_VERSION,
    }


def checkpoint_folder(project: Project, inputs: dict[str, Any]) -> Path:
    """Where an unfinished training of these inputs keeps its checkpoint."""
    return project.work_folder("saes", _checkpoint_inputs(inputs), resume=True)


def _checkpoint_inputs(inputs: dict[str, Any]) -> dict[str, Any]:
    return {**inputs, "part": "checkpoint"}


def read_curve(project: Project, record: ArtifactRecord) -> list[TrainingStep]:
    """The curve of a finished run; [] for an SAE that was not trained here."""
    if CURVE_NAME not in record.files:
        return []
    return from_lines(project.path_of(record, CURVE_NAME).read_text("utf-8"))


def _summary(
    name: str, request: TrainRequest, curve: list[TrainingStep], steps: int, total: int
) -> dict[str, Any]:
    last = curve[-1] if curve else None
    measured = next((step for step in reversed(curve) if step.fvu is not None), None)
    return {
        "name": name,
        "preset": request.preset,
        "architecture": request.architecture,
        "n_latents": request.config.n_latents,
        "k": getattr(request.config, "k", None),
        "steps": steps,
        "total_steps": total,
        "epochs": request.config.epochs,
        "fvu": None if measured is None else measured.fvu,
        "l0": None if last is None else last.l0,
        "dead_share": None if last is None else last.dead_share,
        "reconstruction_loss": None if last is None else last.reconstruction_loss,
    }


class _CurvePublisher:
    """Hands out the points of a curve at most ten times a second."""

    def __init__(self, run: str, control: TaskControl) -> None:
        self._run = run
        self._control = control
        self._waiting: list[TrainingStep] = []
        self._total = self._per_epoch = 0
        self._last = 0.0

    def start(self, total_steps: int, steps_per_epoch: int) -> None:
        self._total, self._per_epoch = total_steps, steps_per_epoch

    def add(self, step: TrainingStep) -> None:
        self._waiting.append(step)
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_PARTIALS:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._last = time.monotonic()
            part = CurvePart(self._run, tuple(self._waiting), self._total, self._per_epoch)
            self._waiting.clear()
            self._control.publish(part)
