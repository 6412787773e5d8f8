"""SAE files of every format that saedesk reads, recognised by what is in them."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from saedesk.errors import BadCheckpoint, MissingK
from saedesk.sae.formats import saedesk_format
from saedesk.sae.formats.checkpoint_files import (
    SETTINGS_NAMES,
    WEIGHT_NAMES,
    name_some,
    open_checkpoint,
    weight_files,
)
from saedesk.sae.formats.foreign_format import (
    CheckpointFiles,
    ConvertedSae,
    ForeignFormat,
    SaeDescription,
)
from saedesk.sae.formats.hub_saes import hub_sae
from saedesk.sae.formats.plain_settings import plain_settings, read_json_settings
from saedesk.sae.formats.weight_signs import has_signs_of_an_sae
from saedesk.sae.sae_config import SaeConfig
from saedesk.sae.sparse_autoencoder import SparseAutoencoder

__all__ = ["FORMATS", "find_saes", "hub_sae", "inspect_sae", "load_sae", "shown_name"]

FORMATS: list[str] = [
    "sae_lens_format",
    "gemma_scope_format",
    "hypothesaes_format",
    "openai_format",
    "saerch_format",
    "batchtopk_format",
    "sparsify_format",
    "dictionary_learning_format",
]
"""Modules beside this one, in the order they are asked: the first that recognises a file reads
it, so a format whose names are a part of another's comes after it."""
OWN_TITLE = "saedesk"
_OWN_NAMES = {"W_enc", "W_dec", "b_enc", "pre_bias"}
_DEEPEST = 3


def find_saes(path: Path) -> tuple[Path, ...]:
    """SAE files and folders at most three levels below `path`, or `path` itself, sorted.

    Told by their names and headers; where these say it of none, all that could be weights.
    """
    if not path.is_dir():
        return (path,) if path.is_file() else ()
    found = dict(_saes_in(path, 0))
    return tuple(sorted(one for one in found if found[one] or not any(found.values())))


def _saes_in(folder: Path, depth: int) -> Iterator[tuple[Path, bool]]:
    """Each with whether it has the signs of an SAE."""
    try:
        found = weight_files(folder)
        below = [entry for entry in folder.iterdir() if entry.is_dir()] if depth < _DEEPEST else []
    except (BadCheckpoint, OSError):
        return
    has_settings = any((folder / name).is_file() for name in SETTINGS_NAMES)
    is_one = len(found) == 1 and (has_settings or found[0].name in WEIGHT_NAMES)
    for file in found:
        yield (folder if is_one else file), has_signs_of_an_sae(file)
    for entry in below:
        if not entry.name.startswith("."):
            yield from _saes_in(entry, depth + 1)


def inspect_sae(path: Path | str) -> SaeDescription:
    """What the file or folder holds, for a person to decide on; raises BadCheckpoint."""
    path = _only_sae(Path(path))
    if _is_own(path):
        return _inspect_own(path)
    files = open_checkpoint(path)
    reader = _reader_of(files)
    asks_for_k = False
    try:
        converted = reader.convert(files, None)
    except MissingK:
        asks_for_k = True
        converted = reader.convert(files, 1)
    return SaeDescription(
        path=path,
        format=reader.TITLE,
        architecture=converted.architecture,
        d_in=converted.d_in,
        n_latents=converted.config.n_latents,
        k=None if asks_for_k else _k_of(converted.config),
        asks_for_k=asks_for_k,
        size_bytes=files.weights.stat().st_size,
        input_normalisation=converted.config.input_normalisation,
        settings=converted.settings,
        notes=converted.notes,
    )


def load_sae(path: Path | str, *, k: int | None = None) -> SparseAutoencoder:
    """The SAE in a file or folder of any known format, saedesk's own among them.

    `k` is used where the file does not say how many latents are active. Its `origin` tells format,
    file and checksum. Raises BadCheckpoint with one sentence, MissingK where k has to be told.
    """
    path = _only_sae(Path(path))
    if _is_own(path):
        sae = saedesk_format.load_sae(path)
        weights = path / saedesk_format.WEIGHTS_NAME
        own = {"made": plain_settings(sae.origin)} if sae.origin else {}
        origin = _origin(OWN_TITLE, path, weights, own, ())
        return SparseAutoencoder(sae.architecture, sae.config, sae.d_in, sae.parameters, origin)
    files = open_checkpoint(path)
    reader = _reader_of(files)
    found: ConvertedSae = reader.convert(files, k)
    origin = _origin(reader.TITLE, path, files.weights, found.settings, found.notes)
    return SparseAutoencoder(found.architecture, found.config, found.d_in, found.parameters, origin)


def shown_name(path: Path) -> str:
    """The name to write down: of the file or folder alone, for the hub's cache the hub's name."""
    parts = path.parts
    for place, part in enumerate(parts):
        if part.startswith("models--") and parts[place + 1 : place + 2] == ("snapshots",):
            owner = part.removeprefix("models--").replace("--", "/", 1)
            return "/".join((owner, *parts[place + 3 :]))
    return path.name or path.resolve().name


def _only_sae(path: Path) -> Path:
    """`path`, or the one SAE in a folder that only holds folders; raises BadCheckpoint."""
    path = path.expanduser()
    if not path.is_dir() or weight_files(path):
        return path
    found = find_saes(path)
    if len(found) > 1:
        raise BadCheckpoint(
            f"{shown_name(path)} holds {len(found)} SAEs: {name_some(found, path)}. Choose one of "
            "them."
        )
    return found[0] if found else path


def _reader_of(files: CheckpointFiles) -> ForeignFormat:
    for name in FORMATS:
        reader = cast(ForeignFormat, importlib.import_module(f"{__package__}.{name}"))
        if reader.recognises(files):
            return reader
    if files.tensors.keys() >= _OWN_NAMES and "format" not in files.settings:
        # One of ours whose config is lost or damaged: its own reader knows what is missing.
        saedesk_format.load_sae(files.weights.parent)
    names = ", ".join(sorted(files.tensors)[:6]) or "none"
    raise BadCheckpoint(
        f"{files.weights.name} is not an SAE of a format that saedesk knows; its tensors are "
        f"{names[:200]}."
    )


def _is_own(path: Path) -> bool:
    config = path / saedesk_format.CONFIG_NAME
    if not path.is_dir() or not config.is_file():
        return False
    try:
        return read_json_settings(config).get("format") == saedesk_format.FORMAT
    except BadCheckpoint:
        return False


def _inspect_own(path: Path) -> SaeDescription:
    sae = saedesk_format.load_sae(path)
    return SaeDescription(
        path=path,
        format=OWN_TITLE,
        architecture=sae.architecture,
        d_in=sae.d_in,
        n_latents=sae.n_latents,
        k=_k_of(sae.config),
        asks_for_k=False,
        size_bytes=os.stat(path / saedesk_format.WEIGHTS_NAME).st_size,
        input_normalisation=sae.config.input_normalisation,
    )


def _k_of(config: SaeConfig) -> int | None:
    return getattr(config, "k", None)


def _origin(
    title: str, path: Path, weights: Path, settings: Any, notes: tuple[str, ...]
) -> dict[str, Any]:
    with weights.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "format": title,
        "file": shown_name(path),
        "sha256": digest,
        "settings": dict(settings),
        "notes": list(notes),
        "loaded": True,
    }
