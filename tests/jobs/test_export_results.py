"""Results leave with what they answer and with bars that sum to their scores."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from saedesk.errors import BadSetting, KnownError, NothingToSearch
from saedesk.jobs import export_table
from saedesk.jobs.export_table import ExportRequest
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.search_documents import SearchEngine, check_strengths
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.label_store import FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Unattended

QUERY = "dark matter halos"
STEER = ((3, 0.4), (5, -0.3))


def written(project: Project, path: Path, **wanted: object) -> int:
    request = ExportRequest("results", path, **wanted)  # type: ignore[arg-type]
    return export_table.run(project, request, Unattended())


def rows_of(path: Path) -> list[dict]:
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".parquet":
        return pq.read_table(path, page_checksum_verification=True).to_pylist()
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_whole_search_leaves_with_its_places(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    plan = SteeringPlan(places=((3, 4),), cap=0.9)
    search = SearchRequest(like=(2, 9), plan=plan)
    with Project.open(project_copy) as project:
        assert written(project, tmp_path / f"r.{ending}", search=search, count=10) == 10
        sae = open_analysed_sae(project)
        answer = SearchEngine(project, sae.vectors, sae).ask(search)
    rows = rows_of(tmp_path / f"r.{ending}")
    assert [row["key"] for row in rows] == [row.document.key for row in answer.steered]
    assert [row.place_of for row in answer.steered].count(3) == 4
    told = [float(row["place_activation"]) if row["place_of"] else None for row in rows]
    known = [row.place_activation for row in answer.steered]
    assert told == [None if one is None else pytest.approx(one, abs=1e-6) for one in known]
    others = [row["place_activation"] for row in rows if not row["place_of"]]
    assert others == ["" if ending == "csv" else None] * 6


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_results_come_with_all_that_makes_their_scores(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"r.{ending}"
    with Project.open(project_copy) as project:
        assert written(project, path, query=QUERY, steer=STEER, count=15) == 15
        sae = open_analysed_sae(project)
        labels = project.labels.current(sae.hash)
        engine = SearchEngine(project, sae.vectors, sae)
        plan = check_strengths(STEER, sae.n_latents)
        answer = engine.answer(QUERY, engine.take_apart(QUERY), plan, 15)
    rows = rows_of(path)
    assert [(r["rank"], r["rank_before"], r["key"], r["title"]) for r in rows] == [
        (r.rank, r.rank_before, r.document.key, r.document.title) for r in answer.steered
    ]
    for row, result in zip(rows, answer.steered, strict=True):
        assert row["score"] == pytest.approx(result.score, abs=1e-6)
        assert row["score_before"] == pytest.approx(result.score_before, abs=1e-6)
        parts = row["contributions"]
        assert sum(part["value"] for part in parts) == pytest.approx(row["score"], abs=1e-5)
        assert parts[-1]["feature"] is None
        assert parts[-1]["kind"] == "rest"
        assert {part["kind"] for part in parts if part["feature"] == 3} == {"up"}
        assert {part["kind"] for part in parts if part["feature"] == 5} == {"down"}
        assert all(p["label"] == labels[p["feature"]].text for p in parts[:-1])
        assert (row["query"], row["like"], row["sae"]) == (QUERY, [], sae.hash)
        assert [(s["feature"], s["strength"]) for s in row["steering"]] == list(STEER)


def test_results_in_csv_are_read_by_people(project_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    with Project.open(project_copy) as project:
        sae = open_analysed_sae(project)
        project.labels.add(sae.hash, [FeatureLabel(3, "=cmd|' /C calc'!A0", "person", "you")])
        written(project, path, query="=2+3", steer=STEER)
    rows = rows_of(path)
    assert [row["rank"] for row in rows] == [str(n) for n in range(1, 11)]
    assert {row["query"] for row in rows} == {"'=2+3"}
    assert {row["sae"] for row in rows} == {sae.hash}
    for row in rows:
        assert row["steering"].startswith("'=cmd|' /C calc'!A0 (3) +0.4000; ")
        values = [float(part.rsplit(" ", 1)[1]) for part in row["contributions"].split("; ")]
        assert sum(values) == pytest.approx(float(row["score"]), abs=1e-3)
        assert "not explained by features" in row["contributions"]


def test_what_is_like_documents_leaves_them_out(project_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with Project.open(project_copy) as project:
        assert written(project, path, like=("0000", "0006"), count=5) == 5
        one = tmp_path / "one.jsonl"
        written(project, one, like=("0000",), count=59)
    rows = rows_of(path)
    assert not {row["key"] for row in rows} & {"0000", "0006"}
    assert {tuple(row["like"]) for row in rows} == {("0000", "0006")}
    assert rows[0]["score"] > 0.5
    assert len({row["key"] for row in rows_of(one)} - {"0000"}) == 59


def test_results_keep_to_the_documents_wanted(project_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with Project.open(project_copy) as project:
        ids = project.documents.find()[20:24]
        keys = {row.key for row in project.documents.rows(ids)}
        wanted = DocumentFilter(document_ids=ids)
        assert written(project, path, query=QUERY, where=wanted) == 4
    assert {row["key"] for row in rows_of(path)} == keys


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({}, NothingToSearch),
        ({"query": "   "}, NothingToSearch),
        ({"query": QUERY, "count": 0}, BadSetting),
        ({"query": QUERY, "count": 10_001}, BadSetting),
        ({"query": QUERY, "where": DocumentFilter(words="nothingofthekind")}, KnownError),
    ],
)
def test_what_cannot_be_searched_for_is_a_sentence(
    project_copy: Path, tmp_path: Path, wanted: dict, error: type[Exception]
) -> None:
    with Project.open(project_copy) as project, pytest.raises(error):
        written(project, tmp_path / "r.csv", **wanted)
    assert not list(tmp_path.glob("*r.csv*"))
