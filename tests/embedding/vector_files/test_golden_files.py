"""Files that the real libraries wrote: the same vectors, keys and texts come out of each."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from saedesk.embedding.vector_files.any_vector_file import (
    VectorFile,
    is_vector_file,
    list_vector_tables,
    open_vector_file,
)

GOLDEN = Path(__file__).parent / "golden"
VECTORS = np.array(json.loads((GOLDEN / "vectors.json").read_text()), np.float32)


def read(file: VectorFile) -> np.ndarray:
    return np.concatenate([chunk.values for chunk in file.chunks()])


@pytest.mark.parametrize(
    "name",
    ["data_set", "pandas.parquet", "pandas.feather", "pandas.jsonl", "named.npz", "half.npy",
     "one.safetensors"],
)  # fmt: skip
def test_the_vectors_are_those_that_were_written(name):
    assert is_vector_file(GOLDEN / name)
    file = open_vector_file(GOLDEN / name)
    np.testing.assert_array_equal(read(file), VECTORS)


@pytest.mark.parametrize("name", ["data_set", "pandas.parquet", "pandas.feather", "pandas.jsonl"])
def test_keys_and_texts_lie_beside_them(name):
    file = open_vector_file(GOLDEN / name)
    assert file.table.key_columns[0] == "doc_id"
    assert file.table.has_documents
    assert [list(cells) for cells in islice(file.cells(["doc_id", "text"]), 2)] == [
        ["d0", "Text number 0."],
        ["d1", "Text number 1."],
    ]


def test_an_archive_has_its_keys():
    file = open_vector_file(GOLDEN / "named.npz")
    assert [cell for (cell,) in file.cells(["ids"])] == [f"d{row}" for row in range(12)]


def test_splits_with_vectors_of_fixed_length():
    tables = list_vector_tables(GOLDEN / "splits")
    assert [(one.name, one.rows) for one in tables] == [
        ("train/embedding", 8),
        ("test/embedding", 4),
    ]
    train, test = (open_vector_file(GOLDEN / "splits", one.name) for one in tables)
    np.testing.assert_array_equal(read(train), VECTORS[:8])
    np.testing.assert_array_equal(read(test), VECTORS[8:])
    assert next(iter(test.cells(["doc_id"])))[0] == "d8"
