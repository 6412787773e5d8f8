"""One training of a queue: its inputs, its checkpoint and note, and how its SAE is stored."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.errors import KnownError
from saedesk.jobs.curve_parts import CURVE_NAME, CurvePublisher
from saedesk.jobs.forecast_training import forecast_training
from saedesk.jobs.training_request import TrainRequest
from saedesk.jobs.unfinished_trainings import CHECKPOINT_NAME, begin_or_go_on
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.sae_config import as_json
from saedesk.sae.training_curve import TrainingStep, to_lines
from saedesk.sae.training_forecast import Forecast
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from saedesk.sae.training_run import TrainingResult


def training_inputs(vectors: ArtifactRecord, request: TrainRequest) -> dict[str, Any]:
    """Everything that determines the SAE."""
    from saedesk.sae.training import ALGORITHM_VERSION

    return {
        "vectors": vectors.hash,
        "architecture": request.architecture,
        "config": as_json(request.config),
        "algorithm": ALGORITHM_VERSION,
    }


def checkpoint_inputs(inputs: dict[str, Any]) -> dict[str, Any]:
    """What names the folder of the checkpoint of a training."""
    return {**inputs, "part": "checkpoint"}


def checkpoint_folder(project: Project, inputs: dict[str, Any]) -> Path:
    """Where an unfinished training of these inputs keeps its checkpoint."""
    return project.work_folder("saes", checkpoint_inputs(inputs), resume=True)


class Member:
    """A training that has begun: what `run_together` needs for it, and what becomes of it."""

    def __init__(
        self,
        project: Project,
        vectors: ArtifactRecord,
        request: TrainRequest,
        control: TaskControl,
        on_stored: Callable[[ArtifactRecord], None],
    ) -> None:
        self.request = request
        self.failure: KnownError | None = None
        self.record: ArtifactRecord | None = None
        self._project, self._on_stored = project, on_stored
        self._inputs = training_inputs(vectors, request)
        self.folder = checkpoint_folder(project, self._inputs)
        told = forecast_training(project, request.config, request.architecture)
        note = begin_or_go_on(project, self.folder, self._inputs, request, _noted(told))
        self.name, self._forecast = str(note["name"]), note.get("forecast") or {}
        self.curve = CurvePublisher(self.name, control)

    @property
    def checkpoint(self) -> Path:
        """The file of the checkpoint; it need not be there."""
        return self.folder / CHECKPOINT_NAME

    def store(self, result: TrainingResult, total_steps: int) -> ArtifactRecord:
        """Put the SAE into the project; its checkpoint is no longer needed."""
        self.curve.flush()
        project = self._project
        use = self.request.put_in_use or project.current("saes") is None
        with project.new_artifact("saes", self._inputs, use=use) as draft:
            if result.stopped_early:
                draft.inputs["stopped_at_step"] = result.steps
            result.sae.save(draft.folder)
            (draft.folder / CURVE_NAME).write_text(to_lines(result.curve), "utf-8")
            draft.summary |= self._summary(result, total_steps)
        self.discard()
        self.record = project.find("saes", draft.inputs)
        assert self.record is not None
        self._on_stored(self.record)
        return self.record

    def discard(self) -> None:
        """Take note and checkpoint away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _summary(self, result: TrainingResult, total_steps: int) -> dict[str, Any]:
        config, request = self.request.config, self.request
        kept = [step for step in result.curve if step.step <= result.steps]
        last = kept[-1] if kept else None
        measured = next((step for step in reversed(kept) if step.fvu is not None), None)
        summary = {
            "name": self.name,
            "preset": request.preset,
            "architecture": request.architecture,
            "n_latents": config.n_latents,
            "k": getattr(config, "k", None),
            "steps": result.steps,
            "steps_done": result.curve[-1].step if result.curve else result.steps,
            "total_steps": total_steps,
            "epochs": config.epochs,
            "settled": result.steps < total_steps and not result.stopped_early,
            "fvu": None if measured is None else measured.fvu,
            "l0": _value(last, "l0"),
            "dead_share": _value(last, "dead_share"),
            "reconstruction_loss": _value(last, "reconstruction_loss"),
            "seconds": round(result.seconds, 2),
            "precision": result.precision,
        }
        if self._forecast:
            summary["forecast"] = self._forecast
            summary["forecast_error"] = forecast_error(self._forecast, summary)
        return summary


def forecast_error(forecast: dict[str, Any], summary: dict[str, Any]) -> dict[str, float | None]:
    """What came true in relation to what was forecast: 1.2 is a fifth more.

    The time is that of the steps that were done, so a training that settled early is no error.
    """
    share = summary["steps_done"] / max(1, summary["total_steps"])
    expected = forecast["seconds"] * share
    fvu = forecast.get("fvu")
    return {
        "seconds": round(summary["seconds"] / expected, 3) if expected > 0 else None,
        "fvu": round(summary["fvu"] / fvu[1], 4) if fvu and summary["fvu"] else None,
    }


def _noted(told: Forecast | None) -> dict[str, Any]:
    if told is None:
        return {}
    return {
        "seconds": round(told.seconds, 2),
        "size_bytes": told.size_bytes,
        "fvu": None if told.fvu is None else [round(value, 4) for value in told.fvu],
        "fvu_source": told.fvu_source,
    }


def _value(step: TrainingStep | None, name: str) -> float | None:
    return None if step is None else float(getattr(step, name))
