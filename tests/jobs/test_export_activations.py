"""Activations leave as they are stored, for readers of tables and for scipy."""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import scipy.sparse

from saedesk.errors import BadInput, OutOfRoom
from saedesk.jobs import export_table
from saedesk.jobs.export_table import ExportRequest
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.label_store import FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import DOCUMENTS, FEATURES, Listener

ENDINGS = ("parquet", "npz", "csv", "jsonl")
Line = tuple[str, int, int, str, float]


def written(project: Project, path: Path, **wanted: object) -> int:
    request = ExportRequest("activations", path, **wanted)  # type: ignore[arg-type]
    return export_table.run(project, request, Unattended())


def stored(project: Project) -> list[Line]:
    """Every activation by the ways of single documents, strongest first."""
    sae = open_analysed_sae(project)
    labels = project.labels.current(sae.hash)
    lines = []
    for row, document in enumerate(project.documents.rows(sae.vectors.document_ids)):
        for latent, value in zip(*sae.activations.document(row), strict=True):
            label = labels[int(latent)].text if int(latent) in labels else ""
            lines.append((document.key, document.id, int(latent), label, float(value)))
    return lines


def read_long_form(path: Path) -> list[Line]:
    if path.suffix == ".parquet":
        rows = pq.read_table(path, page_checksum_verification=True).to_pylist()
    elif path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    else:
        rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return [
        (r["key"], int(r["document"]), int(r["feature"]), r["label"],
         float(np.float32(r["activation"])))
        for r in rows
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_the_long_form_holds_every_activation(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"a.{ending}"
    with Project.open(project_copy) as project:
        expected = stored(project)
        assert written(project, path) == len(expected) > DOCUMENTS
    assert read_long_form(path) == expected


def test_the_types_of_the_long_form(project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy) as project:
        written(project, tmp_path / "a.parquet")
    types = [(f.name, str(f.type)) for f in pq.read_schema(tmp_path / "a.parquet")]
    assert types == [
        ("key", "string"), ("document", "int64"), ("feature", "int32"), ("label", "string"),
        ("activation", "float"),
    ]  # fmt: skip


def test_scipy_opens_the_matrix_and_numpy_says_whose_rows_they_are(
    project_copy: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.npz"
    with Project.open(project_copy) as project:
        expected = stored(project)
        assert written(project, path) == DOCUMENTS
        sae = open_analysed_sae(project)
        labels = project.labels.current(sae.hash)
    matrix = scipy.sparse.load_npz(path)
    assert matrix.format == "csr"
    assert matrix.shape == (DOCUMENTS, FEATURES)
    assert matrix.dtype == np.float32
    assert matrix.has_canonical_format
    with np.load(path, allow_pickle=False) as beside:
        keys, documents = beside["keys"].tolist(), beside["documents"].tolist()
        names = beside["labels"].tolist()
        about = json.loads(str(beside["about"]))
    rows = {(key, id_): row for row, (key, id_) in enumerate(zip(keys, documents, strict=True))}
    dense = np.zeros(matrix.shape, np.float32)
    for key, id_, latent, _, value in expected:
        dense[rows[key, id_], latent] = value
    assert np.array_equal(matrix.toarray(), dense)
    assert names == [labels[i].text if i in labels else "" for i in range(FEATURES)]
    assert about == {"project": "abstracts", "sae": sae.hash}


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_the_documents_that_pass_are_written(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"a.{ending}"
    with Project.open(project_copy) as project:
        ids = project.documents.find()[5:9]
        written(project, path, where=DocumentFilter(document_ids=ids))
        expected = [line for line in stored(project) if line[1] in ids]
        other = tmp_path / f"b.{ending}"
        written(project, other, documents=ids[::-1])
    if ending == "npz":
        matrix = scipy.sparse.load_npz(path)
        assert matrix.shape == (4, FEATURES)
        assert matrix.nnz == len(expected)
        with np.load(path) as beside:
            assert beside["documents"].tolist() == ids.tolist()
    else:
        assert read_long_form(path) == expected == read_long_form(other)


def test_documents_that_do_not_exist_are_a_sentence(project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy) as project:
        for wanted in (
            {"where": DocumentFilter(words="nothingofthekind")},
            {"documents": np.array([10**6])},
        ):
            with pytest.raises(BadInput, match=r"nothing to write|has a vector"):
                written(project, tmp_path / "a.npz", **wanted)
    assert not list(tmp_path.glob("*a.npz*"))


def test_keys_and_labels_that_a_spreadsheet_would_run(project_copy: Path, tmp_path: Path) -> None:
    key, label = '=HYPERLINK("http://x")', '@SUM(1), "2"\n+3'
    with Project.open(project_copy) as project:
        latent = stored(project)[0][2]
        with project.database.writing() as connection:
            connection.execute("UPDATE documents SET key = ? WHERE id = 1", (key,))
        sae = open_analysed_sae(project)
        project.labels.add(sae.hash, [FeatureLabel(latent, label, "person", "you")])
        for ending in ENDINGS:
            written(project, tmp_path / f"a.{ending}")
    first = read_long_form(tmp_path / "a.csv")[0]
    assert (first[0], first[3]) == (f"'{key}", f"'{label}")
    for ending in ("parquet", "jsonl"):
        first = read_long_form(tmp_path / f"a.{ending}")[0]
        assert (first[0], first[3]) == (key, label)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as beside:
        assert (beside["keys"][0], beside["labels"][latent]) == (key, label)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_cancel_or_a_full_disk_leaves_the_older_file(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / "out" / f"a.{ending}"
    path.parent.mkdir()
    path.write_text("from yesterday")
    with Project.open(project_copy) as project:
        with pytest.raises(Cancelled):
            export_table.run(project, ExportRequest("activations", path), Listener(cancel_at=1))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            with pytest.raises(OutOfRoom, match="is unchanged"):
                written(project, path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "from yesterday"


MANY = """
import sys
from pathlib import Path
import numpy as np
import pyarrow.parquet
from saedesk.jobs.exports.activation_matrix import write_activation_matrix
from saedesk.jobs.exports.activation_table import ActivationTable
from saedesk.project.atomic_files import replacement
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended
from tests.jobs.test_export_activations import LoadedForTest

folder, documents = Path(sys.argv[1]), int(sys.argv[2])

def peak():
    # Megabytes; unlike ru_maxrss without those of the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

with Project.create(folder / "many.saedesk") as project:
    with project.database.writing() as connection:
        connection.executemany(
            "INSERT INTO documents (id, key, title, text, words) VALUES (?, ?, '', 'x', 1)",
            ((i + 1, f"document number {i}") for i in range(documents)),
        )
    sae = LoadedForTest.make(folder, documents)
    def write(n):
        rows = np.arange(n)
        table = ActivationTable(project, sae, rows)
        for ending, job in (
            ("parquet", table.write_parquet),
            ("csv", table.write_csv),
            ("jsonl", table.write_json_lines),
            ("npz", lambda f, c: write_activation_matrix(f, project, sae, rows, c)),
        ):
            with replacement(folder / f"a.{ending}") as file:
                job(file, Unattended())
    write(1000)
    before = peak()
    write(documents)
    print(peak() - before)
"""


class LoadedForTest:
    """What the exports ask of a loaded SAE, over activations drawn at random."""

    hash = "made up"
    PER_DOCUMENT = 20
    n_latents = 1000

    @classmethod
    def make(cls, folder: Path, documents: int) -> LoadedForTest:
        from saedesk.features.sparse_activations import ActivationWriter

        made, rng = cls(), np.random.default_rng(0)
        writer = ActivationWriter(folder / "activations", cls.n_latents)
        for _ in range(0, documents, 10_000):
            starts = rng.integers(0, cls.n_latents, (10_000, 1))
            latents = (starts + np.arange(cls.PER_DOCUMENT)) % cls.n_latents
            values = rng.random(latents.size, np.float32) + 0.01
            writer.append(np.full(10_000, cls.PER_DOCUMENT), latents.reshape(-1), values)
        made.activations = writer.finish()
        made.vectors = made
        made.document_ids = np.arange(1, documents + 1)
        return made


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_many_activations_need_little_memory(tmp_path: Path) -> None:
    """800,000 of them would take 80 MB as Python objects; the arrays themselves are mapped."""
    child = subprocess.run(
        [sys.executable, "-c", MANY, str(tmp_path), "40000"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    assert float(child.stdout) < 60
    metadata = pq.ParquetFile(tmp_path / "a.parquet").metadata
    assert metadata.num_rows == 40_000 * LoadedForTest.PER_DOCUMENT
    assert metadata.num_row_groups > 5
    assert scipy.sparse.load_npz(tmp_path / "a.npz").nnz == metadata.num_rows


def test_a_cancel_is_heard_soon(tmp_path: Path) -> None:
    """Between two checkpoints of any format lies far less than a second."""
    from saedesk.jobs.exports.activation_matrix import write_activation_matrix
    from saedesk.jobs.exports.activation_table import ActivationTable

    class Clock(Unattended):
        def __init__(self) -> None:
            self.longest, self.last = 0.0, time.monotonic()

        def checkpoint(self) -> None:
            now = time.monotonic()
            self.longest, self.last = max(self.longest, now - self.last), now

    documents = 10_000
    with Project.create(tmp_path / "many.saedesk") as project:
        sae = LoadedForTest.make(tmp_path, documents)
        rows = np.arange(documents)
        table = ActivationTable(project, sae, rows)  # type: ignore[arg-type]
        for write in (table.write_parquet, table.write_csv, table.write_json_lines):
            clock = Clock()
            with (tmp_path / "out").open("wb") as file:
                assert write(file, clock) == documents * LoadedForTest.PER_DOCUMENT
            assert clock.longest < 0.8
        clock = Clock()
        with (tmp_path / "out").open("wb") as file:
            write_activation_matrix(file, project, sae, rows, clock)  # type: ignore[arg-type]
        assert clock.longest < 0.8
