"""Trainings that were stopped or killed: what they were, and how far their checkpoints are."""

from __future__ import annotations

import dataclasses
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saedesk.errors import BadSetting, ProjectProblem
from saedesk.jobs.training_request import TrainRequest
from saedesk.project.atomic_files import PARTIAL_PREFIX, write_json
from saedesk.project.project_folder import Project
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import as_json

CHECKPOINT_NAME = "checkpoint.safetensors"
REQUEST_NAME = "training.json"


@dataclass(frozen=True)
class UnfinishedTraining:
    """A training whose checkpoint waits; running its request goes on from there."""

    name: str
    """The name it began with, e.g. “Run 4”, and keeps."""
    request: TrainRequest
    step: int
    """Steps kept in the checkpoint."""
    total_steps: int | None
    """Steps in all; None where the checkpoint does not say."""
    folder: Path
    """Where the checkpoint lies."""


def begin_or_go_on(
    project: Project,
    folder: Path,
    inputs: dict[str, Any],
    request: TrainRequest,
    forecast: dict[str, Any],
) -> dict[str, Any]:
    """Note beside the checkpoint what is trained, and return the note.

    One that goes on keeps the name and the forecast it began with.
    """
    noted = _read_note(folder) or {}
    content = {
        "name": noted.get("name") or next_run_name(project),
        "vectors": inputs["vectors"],
        "architecture": request.architecture,
        "config": as_json(request.config),
        "device": request.device,
        "preset": request.preset,
        "forecast": noted.get("forecast") or forecast,
    }
    write_json(folder / REQUEST_NAME, content)
    return content


def next_run_name(project: Project) -> str:
    """“Run 1”, “Run 2”, …: one more than the highest there is, unfinished ones included."""
    names = [str(record.summary.get("name", "")) for record in project.artifacts("saes")]
    names += [str(note["name"]) for note in map(_read_note, _folders(project)) if note]
    numbers = [int(last) for name in names if (last := name.rpartition(" ")[2]).isdigit()]
    return f"Run {max(numbers, default=0) + 1}"


def unfinished_trainings(project: Project) -> list[UnfinishedTraining]:
    """Trainings on the vectors in use that can go on, by name. A running one is among them."""
    vectors = project.current("vectors")
    found = []
    for folder in _folders(project):
        note = _read_note(folder)
        if note is None or vectors is None or note["vectors"] != vectors.hash:
            continue
        request, position = _request_of(note), _position(folder / CHECKPOINT_NAME)
        if request is not None and position is not None:
            found.append(UnfinishedTraining(str(note["name"]), request, *position, folder))
    return sorted(found, key=lambda training: (len(training.name), training.name))


def begun_training(project: Project, name: str) -> TrainRequest | None:
    """What a running or stopped training of this name was asked for; None where there is none."""
    notes = (note for note in map(_read_note, _folders(project)) if note)
    found = next((note for note in notes if note["name"] == name), None)
    return None if found is None else _request_of(found)


def forget(project: Project, training: UnfinishedTraining) -> None:
    """Remove the checkpoint of a training that shall not go on; raises ProjectProblem."""
    project.check_writable()
    try:
        shutil.rmtree(training.folder)
    except OSError as error:
        raise ProjectProblem(f"{training.folder} cannot be removed: {error.strerror}.") from error


def _folders(project: Project) -> list[Path]:
    return sorted((project.folder / "saes").glob(f"{PARTIAL_PREFIX}*"))


def _read_note(folder: Path) -> dict[str, Any] | None:
    try:
        content = json.loads((folder / REQUEST_NAME).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    needed = {"name", "vectors", "architecture", "config", "device", "preset"}
    return content if isinstance(content, dict) and needed <= set(content) else None


def _request_of(note: dict[str, Any]) -> TrainRequest | None:
    try:
        config_class = architectures().get(str(note["architecture"])).Config
        names = {field.name for field in dataclasses.fields(config_class)}
        settings = {k: v for k, v in dict(note["config"]).items() if k in names}
        config = config_class(**settings)
        config.check()
    except (BadSetting, TypeError, ValueError):
        return None
    return TrainRequest(
        config, str(note["architecture"]), str(note["device"]), str(note["preset"]), False
    )


def _position(checkpoint: Path) -> tuple[int, int | None] | None:
    """Steps kept and steps in all, from the checkpoint's header; None for no usable one."""
    from safetensors import SafetensorError, safe_open

    if not checkpoint.is_file():
        return None
    try:
        with safe_open(checkpoint, framework="np") as file:
            metadata = file.metadata() or {}
        total = metadata.get("total_steps")
        return int(metadata["step"]), None if total is None else int(total)
    except (SafetensorError, OSError, KeyError, ValueError):
        return None
