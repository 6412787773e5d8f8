"""Opening another library's SAE: which file has the weights, what is beside it, are they sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.foreign_format import CheckpointFiles
from saedesk.sae.formats.plain_settings import plain_settings, read_json_settings
from saedesk.sae.formats.weight_readers import read_weights_file

if TYPE_CHECKING:
    from torch import Tensor

WEIGHT_NAMES = (
    "sae_weights.safetensors",
    "sae.safetensors",
    "ae.pt",
    "sae.pt",
    "params.npz",
    "params.safetensors",
)
"""The usual names; where a folder has one, other files in it are not the SAE."""
SETTINGS_NAMES = ("cfg.json", "config.json")
_SUFFIXES = (".safetensors", ".pt", ".pth", ".npz")
_PICKLES = (".pkl", ".pickle", ".joblib", ".dill")
_NOT_WEIGHTS = (
    "sparsity", "optimizer", "optimiser", "lr_scheduler", "state.", "training_state",
    "training_args", "trainer_state",
)  # fmt: skip
"""How the names begin of what trainers leave beside an SAE."""
_MOST_NAMED = 6

Layout = Mapping[str, str]
"""Axes by name of tensor: {"encoder.weight": "n d", "b_dec": "d", "threshold": ""}."""


def open_checkpoint(path: Path) -> CheckpointFiles:
    """What lies at `path`, a file of weights or a folder with one.

    `settings` are those of cfg.json or config.json in the same folder, and what lies beside the
    tensors in a .pt file: for {config, state_dict} the tensors are those of the state dict, and
    `settings["config"]` is the rest. Raises BadCheckpoint with one sentence.
    """
    weights = weights_at(path)
    tensors, beside = read_weights_file(weights)
    settings = {}
    for name in SETTINGS_NAMES:
        if (weights.parent / name).is_file():
            settings = read_json_settings(weights.parent / name)
            break
    return CheckpointFiles(path, weights, settings | plain_settings(beside), tensors)


def weights_at(path: Path) -> Path:
    """The file of the weights at `path`; raises BadCheckpoint with one sentence."""
    if path.suffix.lower() in _PICKLES:
        raise BadCheckpoint(
            f"{path.name} is a pickle, which can run code when it is opened, so it was not opened. "
            "Ask for a safetensors file or a state dict."
        )
    if path.is_file():
        return path
    if not path.exists():
        raise BadCheckpoint(f"There is no file or folder {path}.")
    if not path.is_dir():
        raise BadCheckpoint(f"{path.name} is neither a file nor a folder.")
    found = weight_files(path)
    if not found:
        left = _files_in(path, lambda name: name.lower().endswith(_SUFFIXES))
        if left:
            raise BadCheckpoint(
                f"The folder {path.name} holds no SAE, by its names only what a training leaves "
                f"beside one: {name_some(left)}. If one of these is the SAE, choose that file."
            )
        raise BadCheckpoint(
            f"The folder {path.name} holds no SAE: no file of weights (.safetensors, .pt, .pth or "
            ".npz) lies in it."
        )
    if len(found) > 1:
        raise BadCheckpoint(
            f"The folder {path.name} holds several files of weights: {name_some(found)}. Choose "
            "one of them."
        )
    return found[0]


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The files in `folder` that could be an SAE's weights, by their names, sorted."""
    for name in WEIGHT_NAMES:
        if (folder / name).is_file():
            return (folder / name,)
    return _files_in(folder, could_be_weights)


def _files_in(folder: Path, is_wanted: Callable[[str], bool]) -> tuple[Path, ...]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise BadCheckpoint(
            f"The folder {folder.name} cannot be read: {error.strerror}."
        ) from error
    return tuple(entry for entry in entries if is_wanted(entry.name) and entry.is_file())


def could_be_weights(name: str) -> bool:
    """Whether a file of this name could hold an SAE's weights."""
    lower = name.lower()
    return lower.endswith(_SUFFIXES) and not lower.startswith(_NOT_WEIGHTS)


def name_some(paths: tuple[Path, ...], within: Path | None = None) -> str:
    """The first names of several, for a sentence; relative to `within` where it is given."""
    names = [path.name if within is None else path.relative_to(within).as_posix() for path in paths]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def check_tensors(files: CheckpointFiles, layout: Layout) -> dict[str, Tensor]:
    """The tensors that `layout` names: float32 copies, finite, their axes in agreement.

    An axis has the size that it has in the first tensor that names it. Raises BadCheckpoint naming
    the tensor, and where sizes disagree both shapes.
    """
    sizes: dict[str, tuple[int, str]] = {}
    checked = {}
    for name, axes in layout.items():
        tensor = _tensor_of(files, name)
        _check_shape(files, name, axes.split(), sizes)
        plain = tensor.detach().float().contiguous().clone()
        wrong = int((~plain.isfinite()).sum())
        if wrong:
            raise BadCheckpoint(
                f"{wrong:,} numbers of {name} in {files.weights.name} are not finite."
            )
        checked[name] = plain
    return checked


def _tensor_of(files: CheckpointFiles, name: str) -> Tensor:
    tensor = files.tensors.get(name)
    if tensor is None:
        raise BadCheckpoint(f"{files.weights.name} has no tensor {name}.")
    if not tensor.dtype.is_floating_point:
        kind = str(tensor.dtype).removeprefix("torch.")
        raise BadCheckpoint(
            f"{name} in {files.weights.name} has numbers of the kind {kind}; only float kinds are "
            "weights."
        )
    return tensor


def _check_shape(
    files: CheckpointFiles, name: str, axes: list[str], sizes: dict[str, tuple[int, str]]
) -> None:
    shape = tuple(files.tensors[name].shape)
    where = f"{name} in {files.weights.name}"
    if len(shape) != len(axes):
        raise BadCheckpoint(f"{where} has the shape {shape}; it must have {len(axes)} axes.")
    for axis, size in zip(axes, shape, strict=True):
        expected, first = sizes.setdefault(axis, (size, name))
        if size != expected:
            other = tuple(files.tensors[first].shape)
            raise BadCheckpoint(
                f"{where} has the shape {shape}, which does not fit {first} with {other}."
            )
        if size == 0:
            raise BadCheckpoint(f"{where} is empty: its shape is {shape}.")
