"""Tables are written row by row, in one step or not at all, with types that hold to the end."""

from __future__ import annotations

import csv
import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from saedesk.errors import BadInput, OutOfRoom
from saedesk.jobs import export_table
from saedesk.jobs.export_table import ExportRequest, write_table
from saedesk.jobs.table_writers import Row
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import DOCUMENTS, FEATURES, Listener

ENDINGS = ("csv", "jsonl", "parquet")
GROWTH = """
import sys
from pathlib import Path
import pyarrow.parquet
from saedesk.jobs.export_table import write_table

def rows(count):
    for number in range(count):
        text = f"{number} " + "a text of about two kilobytes " * 70
        yield {"key": str(number), "text": text, "year": None if number < 3000 else 2.5}

def peak():
    # Megabytes; unlike ru_maxrss without those of the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

path = Path(sys.argv[1])
write_table(path, rows(10), {"year": float})
before = peak()
assert write_table(path, rows(50_000), {"year": float}) == 50_000
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_large_table_needs_little_memory(tmp_path: Path, ending: str) -> None:
    """The texts are 100 MB."""
    path = tmp_path / f"table.{ending}"
    child = subprocess.run(
        [sys.executable, "-c", GROWTH, str(path)], capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr
    assert float(child.stdout) < 60
    if ending == "parquet":
        assert pq.ParquetFile(path).metadata.num_row_groups > 5
    else:
        assert path.stat().st_size > 100_000_000


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_cancelled_export_leaves_the_old_file_and_nothing_else(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / "out" / f"table.{ending}"
    path.parent.mkdir()
    path.write_text("from yesterday")
    with Project.open(project_copy) as project, pytest.raises(Cancelled):
        export_table.run(project, ExportRequest("documents", path), Listener(cancel_at=1))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "from yesterday"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("problem", [Cancelled(), ValueError("a bug")])
def test_a_failure_between_rows_leaves_nothing(
    tmp_path: Path, ending: str, problem: Exception
) -> None:
    def rows() -> Iterator[Row]:
        yield from ({"key": str(number), "text": "x" * 1000} for number in range(6000))
        raise problem

    with pytest.raises(type(problem)):
        write_table(tmp_path / f"table.{ending}", rows())
    assert not list(tmp_path.glob("*table*"))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "out" / f"table.{ending}"
    path.parent.mkdir()
    path.write_text("from yesterday")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutOfRoom, match="No space left"):
        write_table(path, [{"key": "a"}])
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "from yesterday"


def test_cells_that_a_spreadsheet_would_run_are_escaped_in_csv_alone(tmp_path: Path) -> None:
    texts = ["=1+1", "+cmd", "-2", "@x", "\tTAB", "\rCR", "plain", "it's = 3"]
    rows = [{"text": text, "number": -1.5} for text in texts]
    for ending in ENDINGS:
        write_table(tmp_path / f"t.{ending}", rows)
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        kept = list(csv.DictReader(file))
    assert [row["text"] for row in kept] == [f"'{text}" for text in texts[:6]] + texts[6:]
    assert {row["number"] for row in kept} == {"-1.5"}
    lines = (tmp_path / "t.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == rows


def test_parquet_columns_keep_one_type_from_the_first_row_to_the_last(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    late = {"year": 1999.5, "note": "first note", "count": 3, "new": 12, "found": True}
    rows: list[Row] = [dict.fromkeys(late)] * 7000 + [late]
    kinds = {"year": float, "note": str, "count": int, "found": bool}
    assert write_table(path, rows, kinds) == 7001
    table = pq.read_table(path, page_checksum_verification=True)
    assert [str(field.type) for field in table.schema] == [
        "double", "string", "int64", "string", "bool",
    ]  # fmt: skip
    # Nobody said what "new" holds and the first rows were empty: text, whatever comes.
    assert table.slice(7000).to_pylist() == [{**late, "new": "12"}]
    assert table.slice(6999, 1).to_pylist() == [dict.fromkeys(late)]


def test_parquet_types_are_seen_in_the_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    rows = [{"a": None, "b": 1, "c": True}, {"a": 1, "b": 2.5, "c": None}]
    write_table(path, rows)
    assert pq.read_table(path).to_pylist() == rows
    late = [{"a": 1}] * 1500
    with pytest.raises(BadInput, match="Row 1501 has “two” in the column a"):
        write_table(path, [*late, {"a": "two"}])
    assert pq.read_table(path).to_pylist() == rows


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_without_rows_is_a_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"table.{ending}"
    assert write_table(path, []) == 0
    assert path.is_file()
    if ending == "parquet":
        assert pq.read_table(path).num_rows == 0


def test_features_and_documents_have_the_same_types_in_every_project(
    project_copy: Path, tmp_path: Path
) -> None:
    with Project.open(project_copy) as project:
        for table, count in (("features", FEATURES), ("documents", DOCUMENTS)):
            path = tmp_path / f"{table}.parquet"
            assert export_table.run(project, ExportRequest(table, path), Unattended()) == count
    features = pq.read_schema(tmp_path / "features.parquet")
    assert [str(field.type) for field in features] == [
        "int64", "string", "string", "bool", "int64", *["double"] * 3, "bool", "string", "string",
        "double", "double", "double", "int64", "string", *["double"] * 9,
        "string", "string", "int64",
        *["double", "double", "double", "int64"] * 4,
        "list<element: struct<key: string, document: int64, activation: double>>",
        "list<element: struct<feature: int64, label: string, cosine: double>>",
        "list<element: int64>",
    ]  # fmt: skip
    documents = pq.read_table(tmp_path / "documents.parquet")
    assert documents.column("features")[0].as_py()
    *plain, last = (str(field.type) for field in documents.schema)
    assert set(plain) <= {"string", "double"}
    assert last == "list<element: struct<feature: int64, label: string, activation: double>>"
