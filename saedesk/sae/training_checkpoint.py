"""The state of an unfinished training, in one file that is replaced in one step."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.errors import OutOfRoom
from saedesk.sae.product_choice import Precision
from saedesk.sae.training_curve import TrainingStep, from_lines, to_lines

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Checkpoint:
    """Everything a training needs to go on exactly as if it had not stopped."""

    step: int
    """Steps finished."""
    tensors: dict[str, Tensor]
    """Parameters, state and optimiser moments, by prefixed names."""
    curve: list[TrainingStep]
    busy_seconds: float
    """Time spent training so far, pauses left out."""
    total_steps: int
    """Steps of the whole training."""
    precision: Precision = "float32"
    """In which the encoder product is searched."""
    best_step: int = 0
    """Steps done when the held-out FVU was lowest; 0 where early stopping does not watch it."""
    best_fvu: float = float("inf")


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace `path`; a kill at any moment leaves the old or the new file."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    partial = path.with_name(f".partial-{path.name}")
    metadata = {
        "step": str(checkpoint.step),
        "busy_seconds": repr(checkpoint.busy_seconds),
        "total_steps": str(checkpoint.total_steps),
        "precision": checkpoint.precision,
        "best_step": str(checkpoint.best_step),
        "best_fvu": repr(checkpoint.best_fvu),
        "curve": to_lines(checkpoint.curve),
    }
    tensors = {name: t.detach().cpu().contiguous() for name, t in checkpoint.tensors.items()}
    try:
        save_file(tensors, partial, metadata)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise OutOfRoom(
            f"The checkpoint could not be written to {path.parent} ({error}). The one before is "
            "kept; make room and start the training again."
        ) from error


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint at `path`, or None when there is none that can be read."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, Any] = file.metadata() or {}
            # Cloned, because the file is mapped and will be replaced.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        return Checkpoint(
            int(metadata["step"]),
            tensors,
            from_lines(metadata["curve"]),
            float(metadata["busy_seconds"]),
            int(metadata["total_steps"]),
            metadata["precision"],
            int(metadata["best_step"]),
            float(metadata["best_fvu"]),
        )
    except (SafetensorError, OSError, KeyError, ValueError):
        return None
