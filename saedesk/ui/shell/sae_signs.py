"""Whether something dropped looks like an SAE: by names and headers, before anything is loaded."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from saedesk.embedding.vector_files.sae_names import are_names_of_an_sae

WEIGHTS = (".pt", ".pth", ".pkl", ".pickle", ".joblib")
"""Nothing but weights comes so; a pickle is refused with a sentence where it is looked at."""
_LARGEST_HEADER = 8 << 20
_MOST_ENTRIES = 2000
_DEEPEST = 3


def looks_like_sae(path: Path) -> bool:
    """Whether a file, or something in a folder three levels down, has the signs of an SAE."""
    if path.is_dir():
        return _folder_looks_like_sae(path)
    return path.is_file() and _file_looks_like_sae(path)


def _folder_looks_like_sae(folder: Path) -> bool:
    files = list(islice(_files_in(folder, 0), _MOST_ENTRIES))
    if any(file.suffix == ".npy" for file in files):
        return False  # Vectors, perhaps with the SAE that was made from them.
    return any(_file_looks_like_sae(file) for file in files)


def _files_in(folder: Path, depth: int) -> Iterator[Path]:
    folders = []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, _MOST_ENTRIES):
                if entry.is_file():
                    yield Path(entry.path)
                elif entry.is_dir() and not entry.name.startswith("."):
                    folders.append(Path(entry.path))
    except OSError:
        return
    if depth < _DEEPEST:
        for below in folders:
            yield from _files_in(below, depth + 1)


def _file_looks_like_sae(file: Path) -> bool:
    ending = file.suffix.lower()
    if ending in WEIGHTS:
        return True
    if ending == ".safetensors":
        names = _names_in_safetensors(file)
        return names is None or are_names_of_an_sae(names)
    return ending == ".npz" and are_names_of_an_sae(_names_in_npz(file))


def _names_in_safetensors(file: Path) -> list[str] | None:
    """Names of the tensors; None where the header is not what it should be."""
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= _LARGEST_HEADER:
                return None
            header = json.loads(stream.read(length))
    except (OSError, ValueError, RecursionError):
        return None
    return [str(name) for name in header] if isinstance(header, dict) else None


def _names_in_npz(file: Path) -> list[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except (OSError, zipfile.BadZipFile):
        return []
