"""saedesk's own SAE folder: sae.safetensors + config.json."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np

from saedesk.errors import BadCheckpoint, BadSetting, OutOfRoom
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import SaeConfig, as_json
from saedesk.sae.sparse_autoencoder import SparseAutoencoder

WEIGHTS_NAME = "sae.safetensors"
CONFIG_NAME = "config.json"
FORMAT = "saedesk SAE"
FORMAT_VERSION = 1


def save_sae(sae: SparseAutoencoder, folder: Path) -> None:
    """Write weights and config into `folder`, made if need be; raises OutOfRoom."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.contiguous() for name, tensor in sae.parameters.items()}
    try:
        save_file(tensors, folder / WEIGHTS_NAME)
    except SafetensorError as error:
        raise OutOfRoom(
            f"The SAE could not be written to {folder} ({error}). Make room and save it again."
        ) from error
    # The library writes for the owner alone; a project may be shared with a group.
    (folder / WEIGHTS_NAME).chmod(0o644)
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "architecture": sae.architecture,
        "d_in": sae.d_in,
        "config": as_json(sae.config),
        "origin": sae.origin,
    }
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / CONFIG_NAME).write_text(text + "\n", "utf-8")


def load_sae(path: Path | str) -> SparseAutoencoder:
    """Read an SAE folder; raises BadCheckpoint with one sentence when it cannot be used."""
    folder = Path(path)
    content = _read_config(folder / CONFIG_NAME)
    config = _config_from(content, folder)
    tensors = _read_tensors(folder / WEIGHTS_NAME)
    architecture, d_in = str(content["architecture"]), int(content["d_in"])
    expected = architectures().get(architecture).parameter_shapes(config, d_in)
    for name, shape in expected.items():
        if name not in tensors:
            raise BadCheckpoint(f"{folder / WEIGHTS_NAME} has no tensor {name}.")
        if tuple(tensors[name].shape) != shape:
            raise BadCheckpoint(
                f"{name} in {folder / WEIGHTS_NAME} has the shape {tuple(tensors[name].shape)}; "
                f"the config says {shape}."
            )
    _check_values(tensors, folder)
    return SparseAutoencoder(architecture, config, d_in, tensors, dict(content.get("origin") or {}))


def read_settings(folder: Path) -> tuple[str, SaeConfig]:
    """The architecture of an SAE folder and its config, without loading torch."""
    content = _read_config(folder / CONFIG_NAME)
    return str(content.get("architecture")), _config_from(content, folder)


def _read_config(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadCheckpoint(f"{path.parent} is not an SAE of saedesk: no {path.name}.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise BadCheckpoint(f"{path} cannot be read: {error}.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadCheckpoint(f"{path} does not describe an SAE of saedesk.")
    if content.get("format_version") != FORMAT_VERSION:
        raise BadCheckpoint(f"{path} was written by another version of saedesk; update this one.")
    return content


def _config_from(content: dict[str, Any], folder: Path) -> SaeConfig:
    try:
        config_class = architectures().get(str(content["architecture"])).Config
        names = {field.name for field in dataclasses.fields(config_class)}
        settings = {k: v for k, v in dict(content["config"]).items() if k in names}
        config = config_class(**settings)
        config.check()
    except (KeyError, TypeError, BadSetting) as error:
        raise BadCheckpoint(f"The config in {folder} cannot be used: {error}") from error
    return config


def _read_tensors(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        # Cloned: a mapped file that is replaced or cut while in use would kill the program.
        return {name: tensor.clone().float() for name, tensor in load_file(path).items()}
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(f"{path} is not a readable safetensors file.") from error


def _check_values(tensors: dict[str, Any], folder: Path) -> None:
    for name, tensor in tensors.items():
        wrong = int((~tensor.isfinite()).sum())
        if wrong:
            raise BadCheckpoint(f"{wrong} numbers of {name} in {folder} are not finite.")
    empty = int((tensors["W_dec"].norm(dim=1) == 0).sum())
    if empty:
        raise BadCheckpoint(f"{empty} features in {folder} have a decoder of length zero.")


def map_weights(folder: Path) -> dict[str, np.ndarray]:
    """The weights of an SAE folder, mapped read-only, without loading torch.

    For folders that are not written to any more, such as those of a project: a mapped file that
    is cut while in use would kill the program. Raises BadCheckpoint.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / WEIGHTS_NAME
    try:
        # Checks that the places lie within the file; where they are it does not tell.
        with safe_open(path, framework="numpy") as file, path.open("rb") as raw:
            size = int.from_bytes(raw.read(8), "little")
            about, start = json.loads(raw.read(size)), 8 + size
            return {
                name: np.memmap(
                    path, "<f4", "r", start + about[name]["data_offsets"][0], about[name]["shape"]
                )
                if about[name]["dtype"] == "F32" and 0 not in about[name]["shape"]
                else file.get_tensor(name)
                for name in file.keys()  # noqa: SIM118  it is no mapping
            }
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(f"{path} is not a readable safetensors file.") from error
