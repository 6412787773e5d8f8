"""The embedding models that are on this computer already, without loading or checking one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from saedesk.embedding.model_catalogue import (
    DEFAULT_MODEL,
    DEFAULT_MODEL_ALIASES,
    DEFAULT_MODEL_PACKAGE,
    cached_snapshot,
    dimensions_of,
    is_repository_name,
)
from saedesk.embedding.model_folders import remembered_folders
from saedesk.errors import ModelProblem

_CACHED = "models--"
"""Begins the folder of a repository in the cache; "--" takes the place of the slash."""


@dataclass(frozen=True)
class KnownModel:
    """A model that can be named."""

    name: str
    """A name of the hub or the path of a folder."""
    dimensions: int | None
    """Length of a vector; None where only loading the model tells."""


def known_models(home: Path | None = None) -> tuple[KnownModel, ...]:
    """The default model, those in the Hugging Face cache, and the folders that were used before.

    `home` is the folder of the settings, otherwise that of this user. What cannot be read is left
    out.
    """
    found = [KnownModel(name, _width(folder)) for name, folder in _places(home)]
    return tuple({model.name: model for model in found}.values())


def is_on_this_computer(name: str) -> bool:
    """Whether there are files under a name or path; they may still turn out to be of no use."""
    name = name.strip()
    if name in DEFAULT_MODEL_ALIASES:
        return True
    if not name or Path(name).expanduser().is_dir():
        return bool(name)
    return is_repository_name(name) and cached_snapshot(name) is not None


def _places(home: Path | None) -> Iterator[tuple[str, Path]]:
    bundled = importlib.util.find_spec(DEFAULT_MODEL_PACKAGE)
    for place in (bundled.submodule_search_locations or []) if bundled else []:
        yield DEFAULT_MODEL, Path(place) / "model"
    from huggingface_hub.constants import HF_HUB_CACHE

    for folder in sorted(Path(HF_HUB_CACHE).glob(f"{_CACHED}*")):
        name = folder.name.removeprefix(_CACHED).replace("--", "/")
        snapshot = cached_snapshot(name) if is_repository_name(name) else None
        if snapshot is not None and name not in DEFAULT_MODEL_ALIASES:
            yield name, snapshot
    for folder in remembered_folders(home):
        yield str(folder), folder


def _width(folder: Path) -> int | None:
    try:
        return dimensions_of(folder)
    except (ModelProblem, OSError):
        return None
