"""Train an SAE on the project's vectors; a killed training goes on where its checkpoint was."""

from __future__ import annotations

from saedesk.jobs.curve_parts import CURVE_NAME, CurvePart, read_curve
from saedesk.jobs.train_grid import run as run_grid
from saedesk.jobs.training_member import checkpoint_folder, training_inputs
from saedesk.jobs.training_request import TrainGridRequest, TrainRequest
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

__all__ = [
    "CURVE_NAME",
    "CurvePart",
    "TrainRequest",
    "checkpoint_folder",
    "read_curve",
    "run",
    "training_inputs",
]


def run(project: Project, request: TrainRequest, control: TaskControl) -> ArtifactRecord:
    """Train and store the SAE, and make it the one in use: a grid of one (see `train_grid`)."""
    return run_grid(project, TrainGridRequest((request,)), control)[0]
