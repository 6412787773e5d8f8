"""Every format gives the same numbers, the same keys and the same documents."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save_file

from saedesk.embedding.vector_files import vector_file
from saedesk.embedding.vector_files.any_vector_file import (
    VectorFile,
    is_vector_file,
    list_vector_tables,
    open_vector_file,
)

ROWS, DIMENSIONS = 50, 6


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((ROWS, DIMENSIONS)).astype(np.float32)


def read(file: VectorFile) -> np.ndarray:
    return np.concatenate([chunk.values for chunk in file.chunks()])


def missing(file: VectorFile) -> list[int]:
    return np.flatnonzero(np.concatenate([chunk.missing for chunk in file.chunks()])).tolist()


def keys() -> list[str]:
    return [f"{row:04d}" for row in range(ROWS)]


def columns_of(vectors: np.ndarray) -> dict[str, list]:
    return {
        "id": keys(),
        "title": [f"Title {row}" for row in range(ROWS)],
        "abstract": [f"A text with number {row} in it, long enough" for row in range(ROWS)],
        "year": [2000 + row % 5 for row in range(ROWS)],
        "embedding": list(vectors),
    }


def arrow_table(vectors: np.ndarray, kind: pa.DataType | None = None) -> pa.Table:
    columns = columns_of(vectors)
    kind = kind or pa.list_(pa.float32())
    made = [row.tolist() for row in columns.pop("embedding")]
    return pa.table(columns).append_column("embedding", pa.array(made, kind))


def stream(path: Path, table: pa.Table, batch: int = 7) -> Path:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=batch)
    return path


def data_set(folder: Path, *tables: pa.Table) -> Path:
    """As Dataset.save_to_disk writes it."""
    folder.mkdir(parents=True)
    names = [f"data-{at:05d}-of-{len(tables):05d}.arrow" for at in range(len(tables))]
    for name, table in zip(names, tables, strict=True):
        stream(folder / name, table)
    state = {"_data_files": [{"filename": name} for name in names], "_split": None}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text("{}")
    return folder


def json_lines(path: Path, vectors: np.ndarray) -> Path:
    columns = columns_of(vectors)
    lines = []
    for row in range(ROWS):
        record = {name: values[row] for name, values in columns.items() if name != "embedding"}
        lines.append(json.dumps({**record, "embedding": vectors[row].tolist()}))
    path.write_text("\n".join(lines) + "\n")
    return path


def saerch(folder: Path, vectors: np.ndarray) -> Path:
    folder.mkdir()
    np.save(folder / "abstract_embeddings.npy", vectors)
    columns = columns_of(vectors)
    texts = [
        f"{title}\n\n{text}"
        for title, text in zip(columns["title"], columns["abstract"], strict=True)
    ]
    content = {"doc_ids": keys(), "abstracts": texts}
    (folder / "abstract_texts.json").write_text(json.dumps(content))
    return folder


WITH_DOCUMENTS: dict[str, Callable[[Path, np.ndarray], Path]] = {
    "parquet": lambda f, v: (
        pq.write_table(arrow_table(v), f / "v.parquet", row_group_size=9) or f / "v.parquet"
    ),
    "parquet, fixed size": lambda f, v: (
        pq.write_table(arrow_table(v, pa.list_(pa.float64(), DIMENSIONS)), f / "v.pq") or f / "v.pq"
    ),
    "feather": lambda f, v: (
        feather.write_feather(arrow_table(v), str(f / "v.feather")) or f / "v.feather"
    ),
    "arrow stream": lambda f, v: stream(f / "v.arrow", arrow_table(v, pa.large_list(pa.float32()))),
    "json lines": lambda f, v: json_lines(f / "v.jsonl", v),
    "data set": lambda f, v: data_set(
        f / "set", arrow_table(v).slice(0, 20), arrow_table(v).slice(20)
    ),
    "saerch": lambda f, v: saerch(f / "release", v),
}


@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_vectors_keys_and_texts_of_a_table(name, tmp_path, vectors, monkeypatch):
    monkeypatch.setattr(vector_file, "BYTES_AT_ONCE", 4 * DIMENSIONS * 7)
    path = WITH_DOCUMENTS[name](tmp_path, vectors)
    assert is_vector_file(path)
    (table,) = list_vector_tables(path)
    assert (table.rows, table.dimensions) == (ROWS, DIMENSIONS)
    assert table.has_documents
    file = open_vector_file(path)
    assert len(list(file.chunks())) > 5
    assert np.array_equal(read(file), vectors)
    key = table.key_columns[0]
    assert [cells[0] for cells in file.cells([key])] == keys()
    second = list(islice(file.cells(["title", "abstract"]), 2))[1]
    assert list(second) == ["Title 1", "A text with number 1 in it, long enough"]


@pytest.mark.parametrize("kind", ["<f2", "<f4", "<f8", ">f4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_any_float_kind_and_order(kind, order, tmp_path, vectors, monkeypatch):
    monkeypatch.setattr(vector_file, "BYTES_AT_ONCE", 4 * DIMENSIONS * 7)
    stored = np.array(vectors, dtype=kind, order=order)
    np.save(tmp_path / "v.npy", stored)
    file = open_vector_file(tmp_path / "v.npy")
    assert np.array_equal(read(file), stored.astype(np.float32))
    assert file.table.dtype == str(np.dtype(kind).newbyteorder("="))
    assert bool(file.notes) == (np.dtype(kind).itemsize != 4)
    assert file.table.key_columns == ()
    assert not file.table.has_documents


def test_bytes_after_the_array_are_told(tmp_path, vectors):
    with (tmp_path / "v.npy").open("wb") as file:
        np.save(file, vectors)
        np.save(file, vectors)
    found = open_vector_file(tmp_path / "v.npy")
    assert np.array_equal(read(found), vectors)
    assert "bytes follow" in found.notes[0]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npz_with_several_tables_and_keys(save, order, tmp_path, vectors, monkeypatch):
    monkeypatch.setattr(vector_file, "BYTES_AT_ONCE", 4 * DIMENSIONS * 7)
    path = tmp_path / "v.npz"
    ids = np.array(keys())
    save(path, train=np.asarray(vectors, order=order), ids=ids, other=vectors[:9].astype("f2"))
    tables = {table.name: table for table in list_vector_tables(path)}
    assert tables["train"].key_columns == ("ids",)
    assert not tables["train"].has_documents
    assert tables["other"].key_columns == ()
    file = open_vector_file(path, "train")
    assert np.array_equal(read(file), vectors)
    assert [cell for (cell,) in file.cells(["ids"])] == keys()
    assert np.array_equal(read(open_vector_file(path, "other")), vectors[:9].astype("f2"))


def test_safetensors_with_bfloat16_and_whole_number_keys(tmp_path, vectors):
    path = tmp_path / "v.safetensors"
    as_bits = (vectors.view(np.uint32) >> 16).astype(np.uint16)
    save_file({"ids": np.arange(100, 100 + ROWS), "half": vectors.astype("f2")}, path)
    assert [t.dtype for t in list_vector_tables(path)] == ["float16"]
    file = open_vector_file(path)
    assert [cell for (cell,) in file.cells(["ids"])] == [str(100 + row) for row in range(ROWS)]
    assert np.array_equal(read(file), vectors.astype("f2").astype("f4"))
    told = {"dtype": "BF16", "shape": [ROWS, DIMENSIONS], "data_offsets": [0, as_bits.nbytes]}
    header = json.dumps({"v": told}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + as_bits.tobytes())
    file = open_vector_file(path)
    assert file.table.dtype == "bfloat16"
    np.testing.assert_allclose(read(file), vectors, rtol=2**-7)


def test_a_file_of_an_sae_is_not_taken_for_vectors(tmp_path, vectors):
    save_file({"W_enc": vectors, "b_enc": vectors[:, 0].copy()}, tmp_path / "sae.safetensors")
    np.savez(tmp_path / "params.npz", W_dec=vectors)
    assert not is_vector_file(tmp_path / "sae.safetensors")
    assert not is_vector_file(tmp_path / "params.npz")


def test_nulls_are_rows_without_a_vector(tmp_path, vectors):
    made = [None if row in (0, 3) else vectors[row].tolist() for row in range(ROWS)]
    for name, kind in (("a", pa.list_(pa.float32())), ("b", pa.list_(pa.float32(), DIMENSIONS))):
        pq.write_table(pa.table({"v": pa.array(made, kind)}), tmp_path / f"{name}.parquet")
        file = open_vector_file(tmp_path / f"{name}.parquet")
        assert missing(file) == [0, 3]
        assert np.array_equal(read(file)[4:], vectors[4:])
    lines = [json.dumps({"id": row, "v": value}) for row, value in enumerate(made)]
    (tmp_path / "v.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    file = open_vector_file(tmp_path / "v.jsonl.gz")
    assert missing(file) == [0, 3]
    assert np.array_equal(read(file)[4:], vectors[4:])


def test_a_null_inside_a_vector_is_nan(tmp_path):
    table = pa.table({"v": pa.array([[1.0, None, 2.0], [1.0, 2.0, 3.0]], pa.list_(pa.float32()))})
    pq.write_table(table, tmp_path / "v.parquet")
    assert np.isnan(read(open_vector_file(tmp_path / "v.parquet"))).tolist() == [
        [False, True, False],
        [False, False, False],
    ]


def test_the_splits_of_a_saved_data_set_are_named(tmp_path, vectors):
    table = arrow_table(vectors)
    data_set(tmp_path / "all" / "train", table.slice(0, 30))
    data_set(tmp_path / "all" / "test", table.slice(30))
    (tmp_path / "all" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    tables = list_vector_tables(tmp_path / "all")
    assert [(t.name, t.rows) for t in tables] == [("train/embedding", 30), ("test/embedding", 20)]
    assert np.array_equal(read(open_vector_file(tmp_path / "all", "test/embedding")), vectors[30:])


def test_a_saerch_release_is_found_one_folder_further_in(tmp_path, vectors):
    (tmp_path / "release").mkdir()
    saerch(tmp_path / "release" / "vector_store_csLG", vectors)
    assert np.array_equal(read(open_vector_file(tmp_path / "release")), vectors)


def test_texts_of_a_saerch_release_are_streamed_in_any_order(tmp_path, vectors):
    folder = saerch(tmp_path / "release", vectors)
    content = json.loads((folder / "abstract_texts.json").read_text())
    turned = {"note": {"a": [1, 2]}, "abstracts": content["abstracts"], **content}
    (folder / "abstract_texts.json").write_text(json.dumps(turned, indent=2))
    cells = list(open_vector_file(folder).cells(["doc_id", "abstract"]))
    assert len(cells) == ROWS
    assert cells[7] == ["0007", "A text with number 7 in it, long enough"]
