"""Vectors from any file or folder whose format is known; a new format is a file and a line here."""

from __future__ import annotations

from pathlib import Path

from saedesk.corpus.content_recognition import refuse_what_is_no_table, what_came_instead
from saedesk.corpus.input_file import InputFile, readable
from saedesk.embedding.vector_files.columnar_file import ARROW_FORMAT, PARQUET_FORMAT
from saedesk.embedding.vector_files.dataset_folder import DATASET_FORMAT
from saedesk.embedding.vector_files.json_lines_file import JSON_LINES_FORMAT
from saedesk.embedding.vector_files.npy_file import NPY_FORMAT
from saedesk.embedding.vector_files.npz_file import NPZ_FORMAT
from saedesk.embedding.vector_files.saerch_folder import SAERCH_FORMAT
from saedesk.embedding.vector_files.safetensors_file import SAFETENSORS_FORMAT
from saedesk.embedding.vector_files.torch_matrix import TORCH_ENDINGS, refuse_torch_file
from saedesk.embedding.vector_files.vector_file import (
    VectorFile,
    VectorFormat,
    VectorTable,
    first_bytes,
)
from saedesk.errors import BadInput

FORMATS: tuple[VectorFormat, ...] = (
    NPY_FORMAT,
    NPZ_FORMAT,
    SAFETENSORS_FORMAT,
    PARQUET_FORMAT,
    ARROW_FORMAT,
    JSON_LINES_FORMAT,
    DATASET_FORMAT,
    SAERCH_FORMAT,
)
_BINARY = (".npy", ".npz", ".safetensors", ".parquet", ".arrow", ".feather", ".pt", ".pth")
_BEGINNING = 128
READABLE = (
    ".npy, .npz, .safetensors, Parquet, Arrow and JSON Lines files with a column of lists, folders "
    "of saved data sets, and the saerch layout"
)


def is_vector_file(path: Path) -> bool:
    """Whether a file or folder holds vectors; looks at its beginning only, never raises."""
    path = Path(path)
    try:
        return any(one.holds_vectors(path) for one in FORMATS if one.recognises(path))
    except (BadInput, OSError):
        return False


def list_vector_tables(path: Path) -> tuple[VectorTable, ...]:
    """The matrices that a file or folder offers; raises BadInput with one sentence otherwise."""
    path = Path(path)
    return _format_of(path).tables(path)


def open_vector_file(path: Path, table: str = "") -> VectorFile:
    """Open the table called `table`, or the only one there is; raises BadInput."""
    path = Path(path)
    found = _format_of(path)
    tables = found.tables(path)
    chosen = [one for one in tables if one.name == table] if table else list(tables)
    if len(chosen) != 1:
        there = ", ".join(f"“{one.name}”" for one in tables)
        said = f"no vectors called “{table}”" if table else "several tables of vectors"
        raise BadInput(f"{path.name} has {said}. There are {there}; name the one to import.")
    return found.open(path, chosen[0])


def _format_of(path: Path) -> VectorFormat:
    with readable(path):
        path.stat()
        instead = what_came_instead(path, first_bytes(path, _BEGINNING), "a file of vectors")
        if instead and path.suffix.lower() in _BINARY:
            raise BadInput(instead)
        for one in FORMATS:
            if one.recognises(path):
                return one
    if path.is_dir():
        raise BadInput(
            f"{path.name or path} is a folder without vectors. These can be read: {READABLE}."
        )
    file = InputFile(path)
    if file.ending in TORCH_ENDINGS:
        refuse_torch_file(path)
    if file.ending not in (".npy", ".npz"):
        refuse_what_is_no_table(path, file.ending, file.sample())
    if not file.size_bytes:
        raise BadInput(f"{path.name} is empty.")
    raise BadInput(f"{path.name} is no file of vectors. These can be read: {READABLE}.")
