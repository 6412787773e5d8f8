"""Whether a file looks like the weights of an SAE: by its name, its header, what lies beside it.

Nothing is loaded; a .pt is told by its name and neighbours alone, a pickle is never one.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from saedesk.embedding.vector_files.sae_names import are_names_of_an_sae
from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.checkpoint_files import SETTINGS_NAMES, WEIGHT_NAMES, could_be_weights
from saedesk.sae.formats.plain_settings import read_json_settings

_LARGEST_HEADER = 8 << 20
_ANYTHING = ("params.npz", "params.safetensors")
"""Usual names of SAEs that other models use as well."""
_SETTINGS = frozenset(
    {"d_in", "d_sae", "activation_dim", "dict_size", "dict_class", "num_latents", "n_latents",
     "n_dirs", "k_active_neurons", "expansion_factor"}
)  # fmt: skip
_SAE_IN_NAME = re.compile(r"(?<![a-z])(sae|ae|saes|autoencoder)(?![a-z])", re.IGNORECASE)
_SAERCH_NAME = re.compile(r"([A-Za-z]+_)?\d{1,6}_\d{1,7}(_\d{1,6}(_.*)?)?\.pth", re.IGNORECASE)


def has_signs_of_an_sae(file: Path) -> bool:
    """Whether a file found in a folder is likely an SAE; of arrays it reads the header.

    A .pt or .pth counts by a name that SAEs have, or by settings of an SAE beside it; arrays by
    the names in them. A file with a usual name counts even where its header cannot be read.
    """
    if not could_be_weights(file.name):
        return False
    if file.suffix.lower() in (".pt", ".pth"):
        return _has_name_of_an_sae(file.name) or _described(file.parent)
    names = names_of_arrays(file)
    if names is None:
        return file.name in WEIGHT_NAMES and file.name not in _ANYTHING
    return are_names_of_an_sae(names)


def names_of_arrays(file: Path) -> list[str] | None:
    """Names of the arrays in a .safetensors or .npz; None where it is not what it should be."""
    return _in_npz(file) if file.suffix.lower() == ".npz" else _in_safetensors(file)


def _has_name_of_an_sae(name: str) -> bool:
    return bool(_SAE_IN_NAME.search(name) or _SAERCH_NAME.fullmatch(name))


def _described(folder: Path) -> bool:
    for name in SETTINGS_NAMES:
        if not (folder / name).is_file():
            continue
        try:
            settings = read_json_settings(folder / name)
        except BadCheckpoint:
            continue
        # dictionary_learning keeps its settings one level further in.
        trainer = settings.get("trainer")
        keys = settings.keys() | (trainer.keys() if isinstance(trainer, Mapping) else set())
        if keys & _SETTINGS:
            return True
    return False


def _in_safetensors(file: Path) -> list[str] | None:
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= _LARGEST_HEADER:
                return None
            header = json.loads(stream.read(length))
    except (OSError, ValueError, RecursionError):
        return None
    return [str(name) for name in header] if isinstance(header, dict) else None


def _in_npz(file: Path) -> list[str] | None:
    try:
        with zipfile.ZipFile(file) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
