"""A data set saved by the Hugging Face library: Arrow streams named by a small JSON file.

    state.json, dataset_info.json, data-00000-of-00002.arrow, …     Dataset.save_to_disk
    dataset_dict.json, train/…, test/…                              DatasetDict.save_to_disk

Only JSON and Arrow are read; the library itself is not needed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from saedesk.corpus.input_file import InputFile, readable
from saedesk.embedding.vector_files.columnar_file import (
    ArrowSource,
    ColumnarFile,
    columnar_tables,
    understandable,
    vector_columns,
)
from saedesk.embedding.vector_files.vector_file import VectorFile, VectorFormat, VectorTable
from saedesk.errors import BadInput

STATE_NAME = "state.json"
SPLITS_NAME = "dataset_dict.json"
_LARGEST_JSON = 1 << 24


def _is_folder(path: Path) -> bool:
    return (path / STATE_NAME).is_file() or (path / SPLITS_NAME).is_file()


def _splits(path: Path) -> dict[str, Path]:
    """The folders of the splits by name; "" where there is only one without a name."""
    if not (path / SPLITS_NAME).is_file():
        return {"": path}
    names = _read(path / SPLITS_NAME).get("splits")
    if not isinstance(names, list) or not names:
        raise BadInput(f"{SPLITS_NAME} names no splits; save the data set again.")
    return {str(name): path / _plain_name(name, path / SPLITS_NAME) for name in names}


def _source(folder: Path) -> ArrowSource:
    """The Arrow files of one split, in order; raises BadInput."""
    state = _read(folder / STATE_NAME)
    told = state.get("_data_files")
    if not isinstance(told, list) or not told:
        raise BadInput(f"{STATE_NAME} names no files of rows; save the data set again.")
    if any(state.get(name) for name in ("_indices_files", "_indices_data_files")):
        raise BadInput(
            f"{folder.name or folder} is a selection from a data set. Call flatten_indices() "
            "before save_to_disk() and choose the folder again."
        )
    names = [entry.get("filename") if isinstance(entry, dict) else None for entry in told]
    files = [folder / _plain_name(name, folder / STATE_NAME) for name in names]
    for file in files:
        InputFile(file)
    return ArrowSource(folder, files)


def _plain_name(name: Any, told_by: Path) -> str:
    """A name inside the folder; one that leads elsewhere is refused."""
    if not isinstance(name, str) or not name or Path(name).name != name or name == "..":
        raise BadInput(f"{told_by.name} names files outside its folder; it was not followed.")
    return name


def _read(path: Path) -> dict[str, Any]:
    if InputFile(path).size_bytes > _LARGEST_JSON:
        raise BadInput(
            f"{path.name} is too large for what it should hold; save the data set again."
        )
    try:
        with readable(path):
            content = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is damaged; save the data set again.") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path.name} is damaged; save the data set again.")
    return content


def _tables(path: Path) -> tuple[VectorTable, ...]:
    splits = _splits(path)
    with_vectors = {name: source for name, source in _with_vectors(splits).items() if source}
    if not with_vectors:
        # Says what there is instead.
        columnar_tables(_source(next(iter(splits.values()))))
    return tuple(
        table
        for name, source in with_vectors.items()
        for table in columnar_tables(source, f"{name}/" if name else "")
    )


def _with_vectors(splits: dict[str, Path]) -> dict[str, ArrowSource | None]:
    found: dict[str, ArrowSource | None] = {}
    for name, folder in splits.items():
        source = _source(folder)
        with understandable(folder):
            found[name] = source if vector_columns(source.schema) and source.rows else None
    return found


def _open(path: Path, table: VectorTable) -> VectorFile:
    splits = _splits(path)
    name, _, column = table.name.partition("/") if "" not in splits else ("", "", table.name)
    return ColumnarFile(_source(splits[name]), table, column)


DATASET_FORMAT = VectorFormat(
    "saved data set",
    _is_folder,
    lambda path: any(_with_vectors(_splits(path)).values()),
    _tables,
    _open,
)
