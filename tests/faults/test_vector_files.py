"""Bad and hostile vector files: one sentence each, no code run, no allocation, nothing stored."""

from __future__ import annotations

import io
import json
import os
import pickle
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from saedesk.embedding.vector_files import npz_file
from saedesk.embedding.vector_files.any_vector_file import (
    is_vector_file,
    list_vector_tables,
    open_vector_file,
)
from saedesk.errors import BadInput

GOOD = np.random.default_rng(0).standard_normal((20, 8)).astype(np.float32)


class Harm:
    """Loading the pickle of this makes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def sentence(path: Path, table: str = "") -> str:
    """What is said of a file that cannot be used, wherever in reading it that shows."""

    def read_all() -> None:
        file = open_vector_file(path, table)
        for _ in file.chunks():
            pass
        for _ in file.cells(file.columns):
            pass

    with pytest.raises(BadInput) as problem:
        read_all()
    assert "\n" not in problem.value.sentence
    assert path.name in problem.value.sentence
    return problem.value.sentence


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def npy_claiming(shape: object, kind: str = "'<f4'", order: str = "False") -> bytes:
    header = f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    header += b" " * (118 - len(header)) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


# -- .npy -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (GOOD.astype(np.int64), "whole numbers (int64)"),
        (GOOD.astype(np.int8), "whole numbers (int8)"),
        (GOOD.astype(np.complex64), "complex numbers"),
        (GOOD > 0, "true and false"),
        (np.array([["a", "b"]]), "texts"),
        (np.zeros(5, [("a", "f4"), ("b", "f4")]), "records"),
        (GOOD.astype(object), "Python objects"),
        (np.float32(1.5), "0 axes"),
        (GOOD[0], "1 axis"),
        (GOOD.reshape(5, 4, 8), "3 axes"),
        (GOOD[:0], "no rows"),
        (GOOD[:, :0], "rows of 0 numbers"),
        (GOOD[:, :1], "rows of 1 numbers"),
        (np.zeros((1, 70_000), np.float32), "rows of 70,000 numbers"),
        (GOOD.astype(np.longdouble), "float"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arrays_that_are_no_vectors(array, said, write):
    path = write("a.npy", npy(np.asarray(array)))
    assert said in sentence(path)
    assert not is_vector_file(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (npy(GOOD)[:-1], "cut off"),
        (npy(GOOD)[:200], "claims 20 rows of 8 numbers"),
        (npy(GOOD)[:50], "damaged or cut-off"),
        (b"", "damaged or cut-off"),
        (b"\x93NUMPY\x09\x00" + b" " * 200, "version 9.0"),
        (npy_claiming("(1000000000000, 384)"), "claims 1,000,000,000,000 rows"),
        (npy_claiming("(99999999999999999999999, 99999)"), "have"),
        (npy_claiming("(-5, 8)") + bytes(1000), "damaged"),
        (npy_claiming("(True, 8)") + bytes(1000), "damaged"),
        (npy_claiming("__import__('os').system('true')"), "damaged or cut-off"),
        (npy_claiming("(5, 8)", "'<f99'"), "damaged or cut-off"),
        (npy_claiming("(5, 8"), "damaged or cut-off"),
        (b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + bytes(20_000), "damaged or cut-off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_damaged_npy_files(content, said, write):
    assert said in sentence(write("a.npy", content))


def test_every_cut_of_a_npy_is_refused(write):
    whole = npy(GOOD)
    for length in range(0, len(whole), 37):
        sentence(write("a.npy", whole[:length]))


@pytest.mark.parametrize("name", ["a.pkl", "a.joblib", "a.npy", "a.pt", "a.bin"])
def test_pickles_are_refused_and_never_run(name, write, tmp_path):
    marker = tmp_path / "was-run"
    content = pickle.dumps(Harm(marker))
    assert sentence(write(name, content))
    objects = npy(np.array([Harm(marker)], dtype=object))
    assert "Python objects" in sentence(write("objects.npy", objects))
    assert not marker.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"id,text\n1,a\n", "no file of vectors"),
        ("a.xyz", b"", "is empty"),
        ("a.html", b"<!doctype html><html>", "web page"),
        ("a.exe", b"MZ\x00\x00" + bytes(300), "Windows program"),
        ("v.npy", b"version https://git-lfs.github.com/spec/v1\n", "pointer of git-lfs"),
        ("v.npz", b"version https://git-lfs.github.com/spec/v1\n", "pointer of git-lfs"),
        ("v.safetensors", b"version https://git-lfs.github.com/spec/v1\n", "pointer of git-lfs"),
        ("v.npy", b"<!DOCTYPE html>\n<html>", "v.npy is a web page, not a file of vectors"),
        ("v.safetensors", b"\n<html lang=en>", "is a web page, not a file of vectors"),
        ("v.npy", b"<numbers>", "damaged or cut-off .npy"),
    ],
)
def test_other_files(name, content, said, write):
    path = write(name, content)
    assert said in sentence(path)
    assert not is_vector_file(path)


def test_a_matrix_saved_with_torch_is_told_what_to_do(tmp_path, write):
    torch.save(torch.zeros(20, 8), tmp_path / "v.pt")
    torch.save({"v": torch.zeros(20, 8)}, tmp_path / "named.pt")
    said = sentence(tmp_path / "v.pt")
    assert "v.pt" in said
    assert "20 × 8 numbers" in said
    assert ".npy or .safetensors" in said
    for other in (tmp_path / "named.pt", write("none.pth", b"PK\x03\x04 and no more")):
        said = sentence(other)
        assert "is a PyTorch file" in said
        assert "looks like" not in said


def test_sentences_name_the_file_and_not_where_it_lies(tmp_path, write):
    cut = npy(GOOD)[:200]
    for name, content in (("a.npy", cut), ("a.npz", b"PK\x03\x04"), ("a.safetensors", cut)):
        said = sentence(write(name, content))
        assert name in said
        assert str(tmp_path) not in said


def test_paths_that_are_no_files(tmp_path):
    assert "not there" in sentence(tmp_path / "gone.npy")
    assert "folder without vectors" in sentence(tmp_path)
    os.mkfifo(tmp_path / "pipe.npy")
    assert "pipe" in sentence(tmp_path / "pipe.npy")
    assert not is_vector_file(tmp_path / "pipe.npy")


# -- .npz -----------------------------------------------------------------------------------------


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def test_npz_faults(tmp_path, write):
    assert "holds no arrays" in sentence(archive(tmp_path / "none.npz"))
    lying = archive(tmp_path / "lying.npz", v=npy_claiming("(1000000000000, 384)") + bytes(64))
    assert "claims" in sentence(lying)
    cut = archive(tmp_path / "whole.npz", v=npy(GOOD)).read_bytes()[:-30]
    assert "damaged" in sentence(write("cut.npz", cut))
    two = archive(tmp_path / "two.npz", a=npy(GOOD), b=npy(GOOD))
    assert "several tables of vectors" in sentence(two)
    assert "no vectors called “c”" in sentence(two, "c")
    text = archive(tmp_path / "texts.npz", a=npy(np.array(["a", "b"])))
    assert "texts" in sentence(text)
    by_name = tmp_path / "double.npz"
    with zipfile.ZipFile(by_name, "w") as file:
        file.writestr("v.npy", npy(GOOD))
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("v.npy", npy(GOOD))
    assert "several arrays of one name" in sentence(by_name)


def test_a_flipped_bit_in_an_npz_is_found(tmp_path, write):
    content = bytearray(archive(tmp_path / "v.npz", v=npy(GOOD)).read_bytes())
    content[300] ^= 4
    assert "damaged" in sentence(write("flipped.npz", bytes(content)))


def test_objects_in_an_npz_are_never_loaded(tmp_path):
    marker = tmp_path / "was-run"
    objects = npy(np.array([Harm(marker)] * 20, dtype=object))
    file = open_vector_file(archive(tmp_path / "v.npz", v=npy(GOOD), ids=objects))
    assert file.columns == ()
    assert sum(len(chunk.values) for chunk in file.chunks()) == 20
    assert not marker.exists()


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(npz_file, "_ALWAYS_FINE", 1 << 20)
    header = npy_claiming("(2000, 384)")
    bomb = archive(tmp_path / "bomb.npz", v=header + bytes(2_000 * 384 * 4))
    assert bomb.stat().st_size < 10_000
    assert "not unpacked" in sentence(bomb)


def test_arrays_that_nobody_reads_may_pack_as_they_like(tmp_path, monkeypatch):
    monkeypatch.setattr(npz_file, "_ALWAYS_FINE", 1 << 16)
    rows = 2_000
    vectors = np.random.default_rng(0).standard_normal((rows, 8)).astype(np.float32)
    keys = np.array([f"k{i}" for i in range(rows - 1)] + ["k" * 400])
    path = tmp_path / "v.npz"
    np.savez_compressed(
        path,
        embeddings=vectors,
        keys=keys,
        mask=np.ones((rows, 200), np.int64),
        ones=np.ones((rows, 200), np.float32),
    )
    with zipfile.ZipFile(path) as packed:
        sizes = {one.filename: one.file_size / one.compress_size for one in packed.infolist()}
    assert all(sizes[f"{name}.npy"] > npz_file.HIGHEST_RATIO for name in ("keys", "mask", "ones"))
    assert [table.name for table in list_vector_tables(path)] == ["embeddings"]
    file = open_vector_file(path)
    assert np.array_equal(np.concatenate([chunk.values for chunk in file.chunks()]), vectors)
    assert [cells[0] for cells in file.cells(["keys"])] == keys.tolist()
    assert file.table.key_columns == ("keys",)


def test_a_column_beyond_all_measure_is_left_out_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(npz_file, "LARGEST_COLUMN", 1 << 10)
    path = archive(tmp_path / "v.npz", v=npy(GOOD), keys=npy(np.array(["k" * 400] * 20)))
    file = open_vector_file(path)
    assert file.columns == ()
    assert "“keys” is too large" in file.notes[0]


# -- .safetensors ---------------------------------------------------------------------------------


def test_safetensors_faults(write):
    def tensors(header: object, body: bytes = b"") -> bytes:
        text = json.dumps(header).encode()
        return len(text).to_bytes(8, "little") + text + body

    told = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    good = tensors({"v": told}, bytes(16))
    for content in (b"", good[:5], good[:-1], good + b"x", (2**63).to_bytes(8, "little") + good):
        assert "damaged or cut-off" in sentence(write("v.safetensors", content))
    flat = tensors({"v": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}, bytes(16))
    assert "“v” F32 [4]" in sentence(write("v.safetensors", flat))
    whole = tensors({"v": {"dtype": "I64", "shape": [1, 2], "data_offsets": [0, 16]}}, bytes(16))
    assert "“v” I64 [1, 2]" in sentence(write("v.safetensors", whole))


# -- tables ---------------------------------------------------------------------------------------


def test_ragged_rows_are_named(tmp_path, write):
    rows = [[1.0, 2.0]] * 10
    rows[3], rows[7] = [1.0], [1.0, 2.0, 3.0]
    pq.write_table(pa.table({"v": rows}), tmp_path / "v.parquet")
    assert "Rows 4, 8 have another number" in sentence(tmp_path / "v.parquet")
    lines = "\n".join(json.dumps({"v": row}) for row in rows)
    said = sentence(write("v.jsonl", lines.encode()))
    assert "Row 4 has another number of them (1)" in said


def test_columnar_faults(tmp_path, write):
    pq.write_table(pa.table({"id": ["a"], "n": [1]}), tmp_path / "none.parquet")
    assert "no column of vectors" in sentence(tmp_path / "none.parquet")
    assert "it has id, n" in sentence(tmp_path / "none.parquet")
    assert not is_vector_file(tmp_path / "none.parquet")
    empty = pa.table({"v": pa.array([], pa.list_(pa.float32()))})
    pq.write_table(empty, tmp_path / "empty.parquet")
    assert "no rows" in sentence(tmp_path / "empty.parquet")
    pq.write_table(pa.table({"v": GOOD.tolist()}), tmp_path / "v.parquet")
    whole = (tmp_path / "v.parquet").read_bytes()
    for name, content in (("a.parquet", whole[:-1]), ("b.parquet", b""), ("c.arrow", b"ARROW1")):
        assert "damaged or cut off" in sentence(write(name, content))


def test_json_lines_faults(write):
    good = b'{"v": [0.1, 0.2]}\n'
    for content, said in (
        (good + b'{"v": [0.1,\n', "Line 2"),
        (good + b"[1]\n", "Line 2"),
        (good * 1200 + b'{"v": ["a", "b"]}\n', "row 1,201 holds something else"),
        (good * 1200 + b'{"v": 3}\n', "Row 1,201 has another number"),
        (b'{"text": "no numbers"}\n', "no lists of numbers"),
        (b"[" * 30_000 + b"\n", "Line 1"),
        (b"\xff\xfe\x00", ""),
        (good + b'{"v": "\xe9"}\n', ""),
    ):
        assert said in sentence(write("v.jsonl", content))


def test_saved_data_sets_lead_nowhere_else(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for content, said in (
        ('{"_data_files": [{"filename": "../secret.arrow"}]}', "outside its folder"),
        ('{"_data_files": [{"filename": "/etc/passwd"}]}', "outside its folder"),
        ('{"_data_files": [{"filename": 3}]}', "outside its folder"),
        ('{"_data_files": []}', "names no files"),
        ('{"_data_files": [{"filename": "a.arrow"}], "_indices_files": [1]}', "flatten_indices"),
        ('{"_data_files": [{"filename": "gone.arrow"}]}', "not there"),
        ("[]", "damaged"),
        ("{", "damaged"),
    ):
        (folder / "state.json").write_text(content)
        assert_said(folder, said)
    (folder / "dataset_dict.json").write_text('{"splits": ["../.."]}')
    assert_said(folder, "outside its folder")


def assert_said(path: Path, said: str) -> None:
    with pytest.raises(BadInput) as problem:
        list_vector_tables(path)
    assert said in problem.value.sentence
    assert not is_vector_file(path)


def test_saerch_faults(tmp_path):
    folder, marker = tmp_path / "release", tmp_path / "was-run"
    folder.mkdir()
    np.save(folder / "embeddings_matrix.npy", GOOD)
    (folder / "documents.pkl").write_bytes(pickle.dumps(Harm(marker)))
    (folder / "index_mapping.pkl").write_bytes(pickle.dumps(Harm(marker)))
    assert "never opened" in sentence(folder)
    np.save(folder / "abstract_embeddings.npy", GOOD)
    assert "no abstract_texts.json" in sentence(folder)
    for content, said in (
        ({"doc_ids": ["a"] * 20, "abstracts": ["t"] * 19}, "as many keys as texts"),
        ({"doc_ids": ["a"] * 19, "abstracts": ["t"] * 19}, "19 documents"),
        ({"doc_ids": ["a"] * 20}, "no list called “abstracts”"),
    ):
        (folder / "abstract_texts.json").write_text(json.dumps(content))
        with pytest.raises(BadInput) as problem:
            list(open_vector_file(folder).cells(["doc_id", "abstract"]))
        assert said in problem.value.sentence
    (folder / "abstract_texts.json").write_text('{"doc_ids": ["a", "b')
    with pytest.raises(BadInput, match="cut-off JSON"):
        list(open_vector_file(folder).cells(["doc_id"]))
    assert not marker.exists()


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS"), reason="needs a limit of address space")
def test_claims_of_terabytes_allocate_nothing(write):
    """In a process that may have 3 GB in all."""
    huge = write("huge.npy", npy_claiming("(1000000000000, 384)") + bytes(1000))
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from saedesk.embedding.vector_files.any_vector_file import list_vector_tables\n"
        "from saedesk.errors import BadInput\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "try:\n    list_vector_tables(Path(sys.argv[1]))\n"
        "except BadInput as error:\n    print(error.sentence)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(huge)], capture_output=True, text=True, check=True
    )
    assert "claims 1,000,000,000,000 rows" in done.stdout
