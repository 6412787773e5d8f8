"""What a model folder must not contain before anything in it is loaded.

A model is data: weights in safetensors, a tokenizer, and settings in JSON. Folders that ask for
code of their own, or that keep their weights in a pickle, are refused without importing anything.
"""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

from saedesk.errors import ModelProblem

KNOWN_MODULE_PREFIXES = (
    "sentence_transformers.models.",
    "sentence_transformers.base.modules.",
    "sentence_transformers.sentence_transformer.modules.",
)
"""Module types of sentence-transformers itself; any other name would import foreign code."""

PICKLED_SUFFIXES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib")


def check_model_folder(folder: Path) -> None:
    """Raise ModelProblem unless `folder` is a complete model made of data only."""
    modules = read_modules(folder)
    for module in modules:
        _check_module(folder, module)
    for settings_file in sorted(folder.rglob("*.json")):
        _check_settings(folder, settings_file)
    for subfolder in {folder, *(path for path in folder.rglob("*") if path.is_dir())}:
        _check_weights(folder, subfolder)
    if not any(folder.rglob("*.safetensors")):
        raise ModelProblem(
            f"The model folder “{folder}” has no weights (a file that ends in .safetensors): "
            "choose the folder of a complete sentence-transformers model."
        )


def read_modules(folder: Path) -> list[dict[str, Any]]:
    """The entries of `modules.json`, which says how token vectors become one text vector.

    Raises ModelProblem when the file is missing: guessing the pooling gives other vectors.
    """
    path = folder / "modules.json"
    if not path.is_file():
        raise ModelProblem(
            f"The model folder “{folder}” has no modules.json, so how it turns tokens into one "
            "vector is unknown: choose the folder of a sentence-transformers model."
        )
    entries = read_json(path)
    if not isinstance(entries, list) or not entries:
        raise ModelProblem(f"“{path}” does not list the parts of a model: get the model again.")
    if not all(isinstance(entry, dict) for entry in entries):
        raise ModelProblem(f"“{path}” does not list the parts of a model: get the model again.")
    return entries


def read_json(path: Path) -> Any:
    """The content of a JSON file; raises ModelProblem when it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise ModelProblem(
            f"“{path}” of the embedding model cannot be read: get the model again."
        ) from problem


def _check_module(folder: Path, module: dict[str, Any]) -> None:
    kind, path = str(module.get("type", "")), str(module.get("path", ""))
    if not kind.startswith(KNOWN_MODULE_PREFIXES):
        raise ModelProblem(
            f"The model folder “{folder}” asks for a module of its own code (“{kind}”), which is "
            "never run: choose a model that sentence-transformers knows."
        )
    place = PurePosixPath(path.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in path:
        raise ModelProblem(
            f"The model folder “{folder}” points outside itself (“{path}”) and is refused: "
            "get the model again."
        )


def _check_settings(folder: Path, settings_file: Path) -> None:
    if settings_file.name in {"tokenizer.json", "vocab.json", "data_config.json"}:
        return
    settings = read_json(settings_file)
    if _asks_for_code(settings):
        raise ModelProblem(
            f"The model folder “{folder}” brings code of its own (named in "
            f"{settings_file.relative_to(folder)}), which is never run: choose another model."
        )


def _asks_for_code(settings: Any) -> bool:
    if isinstance(settings, dict):
        return any(
            key == "auto_map" or (key == "trust_remote_code" and value) or _asks_for_code(value)
            for key, value in settings.items()
        )
    if isinstance(settings, list):
        return any(_asks_for_code(value) for value in settings)
    return False


def _check_weights(folder: Path, subfolder: Path) -> None:
    files = [path for path in subfolder.iterdir() if path.is_file()]
    pickled = sorted(path.name for path in files if path.suffix.lower() in PICKLED_SUFFIXES)
    has_safetensors = any(path.suffix == ".safetensors" for path in files)
    weights = [name for name in pickled if name != "training_args.bin"]
    if weights and not has_safetensors:
        raise ModelProblem(
            f"The model folder “{folder}” keeps its weights in a pickle ({weights[0]}), which can "
            "run code and is not read: choose a model with safetensors weights."
        )
