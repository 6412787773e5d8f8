"""Vectors saved with torch.save: not read, but told apart, so that a person knows what to do."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from saedesk.embedding.vector_files.matrix_kinds import LEAST_DIMENSIONS, MOST_DIMENSIONS
from saedesk.errors import BadInput

if TYPE_CHECKING:
    from torch import Tensor

TORCH_ENDINGS = (".pt", ".pth")


def is_matrix(tensor: Tensor) -> bool:
    """Whether one tensor can be a table of vectors."""
    sizes = tensor.ndim == 2 and LEAST_DIMENSIONS <= tensor.shape[1] <= MOST_DIMENSIONS
    return tensor.dtype.is_floating_point and sizes


def one_matrix(tensor: Tensor) -> str:
    """The rest of a sentence about a file that holds this alone."""
    rows, dimensions = tensor.shape
    return (
        f"it holds one matrix of {rows:,} × {dimensions:,} numbers. These look like vectors; save "
        "them as .npy or .safetensors and import that."
    )


def refuse_torch_file(path: Path) -> None:
    """Raise BadInput for a .pt or .pth, saying of one matrix how large it is; runs no code."""
    tensor = _only_tensor(path)
    if tensor is not None and is_matrix(tensor):
        raise BadInput(f"{path.name} is not read as vectors: {one_matrix(tensor)}")
    raise BadInput(
        f"{path.name} is a PyTorch file, which is not read as vectors: it may run code when it is "
        "opened. Save the vectors as .npy or .safetensors and import that."
    )


def _only_tensor(path: Path) -> Tensor | None:
    """The one tensor in a file, mapped; None for anything else, and for what torch refuses."""
    import torch

    try:
        with zipfile.ZipFile(path) as archive:
            # What is packed could grow without end.
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                return None
        content = torch.load(str(path), weights_only=True, map_location="cpu", mmap=True)
    except Exception:  # noqa: BLE001 - torch raises anything; what it refuses is no matrix
        return None
    return content if isinstance(content, torch.Tensor) else None
