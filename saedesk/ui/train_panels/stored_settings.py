"""What the project already holds for the settings of a training."""

from __future__ import annotations

from pathlib import Path

from saedesk.errors import BadInput
from saedesk.jobs.training_member import training_inputs
from saedesk.jobs.training_request import TrainRequest
from saedesk.jobs.unfinished_trainings import CHECKPOINT_NAME
from saedesk.project.atomic_files import PARTIAL_PREFIX, short_hash
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.training_curve import TrainingStep, from_lines


def run_with(project: Project, request: TrainRequest) -> ArtifactRecord | None:
    """The finished run that was trained with exactly these settings on the vectors in use."""
    vectors = project.current("vectors")
    return None if vectors is None else project.find("saes", training_inputs(vectors, request))


def checkpoint_waits(project: Project, request: TrainRequest) -> bool:
    """Whether a stopped training with these settings would go on from its checkpoint."""
    vectors = project.current("vectors")
    if vectors is None:
        return False
    inputs = {**training_inputs(vectors, request), "part": "checkpoint"}
    folder = project.folder / "saes" / f"{PARTIAL_PREFIX}{short_hash(inputs)}"
    return (folder / CHECKPOINT_NAME).is_file()


def curve_of_checkpoint(folder: Path) -> list[TrainingStep]:
    """The curve up to where a training was stopped; reads the header of the checkpoint only."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / CHECKPOINT_NAME, framework="np") as file:
            return from_lines((file.metadata() or {})["curve"])
    except (SafetensorError, OSError, KeyError, ValueError, BadInput):
        return []
