"""Vectors leave steered as a search steers, at their own length, in formats that agree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from saedesk.errors import BadInput, BadSetting, OutOfRoom
from saedesk.jobs import export_table, import_vectors
from saedesk.jobs.analyse_features import remove_analysis
from saedesk.jobs.export_table import ExportRequest
from saedesk.jobs.exports.steered_vectors import SteeredVectors
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.search_documents import SearchEngine, check_strengths
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.query_features import steer
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import DOCUMENTS, Listener

ENDINGS = ("npy", "npz", "parquet", "jsonl")
STEER = ((3, 0.4), (7, -0.25))
QUERIES = ["query", "steered query"]


def written(project: Project, path: Path, **wanted: object) -> int:
    request = ExportRequest("steered-vectors", path, **wanted)  # type: ignore[arg-type]
    return export_table.run(project, request, Unattended())


def slowly(vectors: np.ndarray, decoder: np.ndarray) -> np.ndarray:
    """The formula, one vector after the other, in double precision."""
    found = []
    for vector in vectors.astype(np.float64):
        length = np.sqrt(sum(vector * vector))
        moved = vector / length
        for latent, strength in STEER:
            moved = moved + strength * decoder[latent].astype(np.float64)
        found.append(moved / np.sqrt(sum(moved * moved)) * length)
    return np.array(found)


def read_back(path: Path) -> tuple[np.ndarray, list[str | None] | None]:
    """All rows, those of a query last, and the keys where the format has them."""
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False), None
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as file:
            more = [file[name][None] for name in ("query", "steered_query") if name in file]
            return np.concatenate([file["vectors"], *more]), [*file["keys"].tolist(), *QUERIES]
    if path.suffix == ".parquet":
        rows = pq.read_table(path, page_checksum_verification=True).to_pylist()
    else:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [row["kind"] for row in rows[-2:]] == QUERIES
    assert {row["kind"] for row in rows[:-2]} == {"document"}
    return np.array([row["vector"] for row in rows], np.float32), [row["key"] for row in rows]


@pytest.mark.parametrize("ending", ENDINGS)
def test_documents_and_query_are_steered_as_in_a_search(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"v.{ending}"
    with Project.open(project_copy) as project:
        rows = written(project, path, steer=STEER, query="dark matter halos")
        assert rows == DOCUMENTS + 2
        sae = open_analysed_sae(project)
        engine = SearchEngine(project, sae.vectors, sae)
        query = engine.take_apart("dark matter halos")
        steered = steer(query, check_strengths(STEER, sae.n_latents), sae.decoder)
        expected = slowly(np.asarray(sae.vectors.values), sae.decoder)
        keys = [document.key for document in project.documents.iterate()]
    vectors, found_keys = read_back(path)
    assert vectors.dtype == np.float32
    assert np.abs(vectors[:-2] - expected).max() < 1e-6
    assert np.allclose(vectors[-2], query.vector, atol=1e-7)
    assert np.allclose(vectors[-1], steered.vector, atol=1e-7)
    assert found_keys in (None, [*keys, *QUERIES])


@pytest.mark.parametrize("ending", ENDINGS)
def test_exported_vectors_can_be_brought_back(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"v.{ending}"
    with Project.open(project_copy) as project:
        # A bare array says by its order alone whose rows they are.
        query = "" if ending == "npy" else "dark matter"
        written(project, path, steer=STEER, query=query)
        expected = slowly(np.asarray(open_analysed_sae(project).vectors.values), _decoder(project))
        request = import_vectors.ImportVectorsRequest(path)
        result = import_vectors.run(project, request, Unattended())
        again = np.asarray(open_vectors(project, result.record).values)
    assert result.stored == DOCUMENTS
    assert np.abs(again - expected).max() < 1e-6


def _decoder(project: Project) -> np.ndarray:
    return open_analysed_sae(project).decoder


def test_the_file_says_how_it_was_made(project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy) as project:
        for ending in ("npz", "parquet"):
            written(project, tmp_path / f"v.{ending}", steer=STEER, like=("0003",))
        sae = open_analysed_sae(project)
        vector = np.asarray(sae.vectors.values[3])
    with np.load(tmp_path / "v.npz", allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        query = file["query"]
    metadata = pq.read_schema(tmp_path / "v.parquet").metadata
    assert about == json.loads(metadata[b"saedesk"]) == {
        "project": "abstracts", "sae": sae.hash, "steering": {"3": 0.4, "7": -0.25}, "query": "",
        "like": ["0003"],
    }  # fmt: skip
    assert np.allclose(query, vector / np.linalg.norm(vector), atol=1e-6)


def test_vectors_keep_their_lengths_and_unusable_ones_stay(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        request = ExportRequest("steered-vectors", project_copy / "v.npy", steer=STEER)
        steered = SteeredVectors(project, request)
        decoder = open_analysed_sae(project).decoder
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(6, decoder.shape[1])).astype(np.float32)
    vectors *= np.array([[1e-3], [1], [30], [0], [np.nan], [7]], np.float32)
    offset = sum(u * decoder[i].astype(np.float64) for i, u in STEER)
    vectors[5] = (-offset / np.linalg.norm(offset) * 7).astype(np.float32)
    found = steered._steered(vectors)
    assert np.allclose(found[:3], slowly(vectors[:3], decoder), rtol=1e-5)
    lengths = np.linalg.norm(vectors[:3], axis=1)
    assert np.allclose(np.linalg.norm(found[:3], axis=1), lengths, rtol=1e-5)
    assert not found[3].any()
    assert np.isnan(found[4]).all()
    assert np.linalg.norm(found[5]) == pytest.approx(7, rel=1e-5)
    # Strengths that take a vector's whole length leave no direction.
    steered._offset = offset / np.linalg.norm(offset)
    assert not steered._steered(vectors)[5].any()


@pytest.mark.parametrize("ending", ENDINGS)
def test_without_strengths_the_vectors_leave_as_they_are(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"v.{ending}"
    with Project.open(project_copy) as project:
        ids = project.documents.find()[10:15]
        assert written(project, path, where=DocumentFilter(document_ids=ids)) == 5
        expected = np.asarray(open_analysed_sae(project).vectors.values[10:15])
    if ending == "npy":
        assert np.array_equal(np.load(path), expected)
    elif ending == "npz":
        assert np.array_equal(np.load(path)["vectors"], expected)
    elif ending == "parquet":
        assert np.array_equal(np.array(pq.read_table(path)["vector"].to_pylist()), expected)
    else:
        rows = [json.loads(line)["vector"] for line in path.read_text("utf-8").splitlines()]
        assert np.array_equal(np.array(rows, np.float32), expected)


def test_vectors_and_results_leave_without_features_too(project_copy: Path, tmp_path: Path) -> None:
    """An SAE that is not analysed yet, then no SAE at all."""
    path = tmp_path / "r.jsonl"
    with Project.open(project_copy) as project:
        for activations in project.artifacts("activations"):
            remove_analysis(project, activations)
        for _ in range(2):
            assert written(project, tmp_path / "v.npy", query="dark matter") == DOCUMENTS + 2
            vectors = np.load(tmp_path / "v.npy")
            assert np.array_equal(vectors[-2], vectors[-1])
            request = ExportRequest("results", path, query="dark matter")
            assert export_table.run(project, request, Unattended()) == 10
            with pytest.raises(BadInput, match="no features to steer with"):
                written(project, tmp_path / "no.npy", steer=STEER)
            for sae in project.artifacts("saes"):
                project.remove(sae)
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        assert [part["kind"] for part in row["contributions"]] == ["rest"]
        assert row["contributions"][0]["value"] == pytest.approx(row["score"], abs=1e-5)
        assert row["sae"] == ""


def test_a_vector_that_is_no_number_is_null_in_json(project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy) as project:
        vectors = SteeredVectors(project, ExportRequest("steered-vectors", tmp_path / "v.jsonl"))
        vectors._vectors = np.array(vectors._vectors)
        vectors._vectors[2, 5] = np.inf
        with (tmp_path / "v.jsonl").open("wb") as file:
            vectors.write_json_lines(file, Unattended())
    lines = (tmp_path / "v.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line)["vector"] for line in lines]
    assert [row is None for row in rows] == [at == 2 for at in range(DOCUMENTS)]


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        ({"steer": ((999, 1.0),)}, BadInput, "There is no feature 999"),
        ({"query": "x", "like": ("0001",)}, BadSetting, "not for both"),
        ({"like": ("no such key",)}, BadInput, "no document with the key “no such key”"),
        ({"sae": "zzz"}, BadInput, "There is no single SAE"),
        ({"where": DocumentFilter(categories={"colour": ("red",)})}, BadSetting, "no field"),
    ],
)
def test_what_cannot_be_steered_is_a_sentence(
    project_copy: Path, tmp_path: Path, wanted: dict, error: type[Exception], words: str
) -> None:
    with Project.open(project_copy) as project, pytest.raises(error, match=words):
        written(project, tmp_path / "v.npy", **wanted)
    assert not list(tmp_path.glob("*v.npy*"))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_cancel_leaves_the_older_file(project_copy: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / "out" / f"v.{ending}"
    path.parent.mkdir()
    path.write_text("from yesterday")
    request = ExportRequest("steered-vectors", path, steer=STEER)
    with Project.open(project_copy) as project, pytest.raises(Cancelled):
        export_table.run(project, request, Listener(cancel_at=1))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "from yesterday"


def test_a_disk_without_room_is_told_before_anything_is_written(
    project_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    with (
        Project.open(project_copy) as project,
        pytest.raises(OutOfRoom, match="not enough room on the disk"),
    ):
        written(project, tmp_path / "v.npy")
