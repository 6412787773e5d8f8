"""Whether something dropped looks like an SAE: by names and headers, before anything is loaded."""

from __future__ import annotations

from pathlib import Path

from saedesk.embedding.vector_files.sae_names import are_names_of_an_sae
from saedesk.sae.formats.checkpoint_files import WEIGHT_NAMES
from saedesk.sae.formats.weight_signs import has_signs_of_an_sae, names_of_arrays
from saedesk.ui.shell.folder_look import FolderLook

WEIGHTS = (".pt", ".pth", ".pkl", ".pickle", ".joblib")
"""Nothing but weights comes so; a pickle is refused with a sentence where it is looked at."""


def looks_like_sae(path: Path) -> bool:
    """Whether a file, or something in a folder three levels down, has the signs of an SAE.

    A file by itself has them with an ending that only weights have. In a folder, where any model
    can lie among texts, it takes a name or neighbours that SAEs have.
    """
    if path.is_dir():
        return _folder_looks_like_sae(path)
    return path.is_file() and _file_looks_like_sae(path)


def _folder_looks_like_sae(folder: Path) -> bool:
    # By name first: among very many files the budget may not reach them.
    if any((folder / n).is_file() and has_signs_of_an_sae(folder / n) for n in WEIGHT_NAMES):
        return True
    look = FolderLook(folder)
    found = False
    for place, files in enumerate(look.folders()):
        found = found or any(not look.is_over and has_signs_of_an_sae(file) for file in files)
        if found and place == 0:
            return True
        if any(file.suffix == ".npy" for file in files):
            return False  # Vectors, perhaps with the SAE that was made from them.
    return found


def _file_looks_like_sae(file: Path) -> bool:
    ending = file.suffix.lower()
    if ending in WEIGHTS:
        return True
    if ending == ".safetensors":
        names = names_of_arrays(file)
        return names is None or are_names_of_an_sae(names)
    return ending == ".npz" and are_names_of_an_sae(names_of_arrays(file) or ())
