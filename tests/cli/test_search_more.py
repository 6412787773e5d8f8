"""What `saedesk search` tells besides its results: sentences, facets, other settings, marks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from saedesk.cli.command_line import main
from saedesk.features.families.edited_families import FamilyEdit
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended

LOOSE = FamilySettings(threshold=0.05, later_threshold=0.05, above_chance=0.0)


@pytest.fixture(scope="module")
def folder(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(small_project, tmp_path_factory.mktemp("more") / "p.saedesk"))


@pytest.fixture(scope="module")
def root(folder: Path) -> int:
    with Project.open(folder) as project:
        find_families.run(project, find_families.FamiliesRequest(settings=LOOSE), Unattended())
        found = find_families.families_in_use(project)
        assert found is not None
        return found.families[0].root


def search(capfd: pytest.CaptureFixture[str], folder: Path, *words: str) -> dict[str, Any]:
    assert main(["search", str(folder), *words, "--json"]) == 0
    content: dict[str, Any] = json.loads(capfd.readouterr().out)
    return content


def text_of(capfd: pytest.CaptureFixture[str], folder: Path, *words: str) -> str:
    assert main(["search", str(folder), *words]) == 0
    return str(capfd.readouterr().out)


def test_a_family_turned_is_told_as_one(capfd, folder: Path, root: int) -> None:
    found = search(capfd, folder, "dark halos", "--family", f"{root}=0.6")
    (effect,) = found["effects"]
    assert (effect["family"], effect["of"]) == (root, "both")
    assert effect["after"] is not None
    assert effect["replaced"] == 10 - found["kept"] > 0
    out = text_of(capfd, folder, "dark halos", "--family", f"{root}=0.6")
    line = next(line for line in out.splitlines() if line.startswith(f"family {root}"))
    assert line.split()[-3:] == [
        f"{effect['asked']:.3f}",
        f"{effect['after']:.3f}",
        str(effect["replaced"]),
    ]
    moved = [one for one in found["features"] if not one["typed"]]
    assert len(moved) > 0
    assert f"{len(moved)} more are moved by a family." in out
    assert not any(line.split()[:1] == [str(moved[0]["feature"])] for line in out.splitlines()[12:])


def test_a_family_turned_is_one_part_of_each_score(capfd, folder: Path, root: int) -> None:
    found = search(capfd, folder, "dark halos", "--family", f"{root}=0.6")
    for one in found["results"]:
        for name, total in (
            ("contributions", one["score"]),
            ("change", one["score"] - one["score_before"]),
        ):
            assert sum(bar["value"] for bar in one[name]) == pytest.approx(total, abs=1e-5)
            (part,) = (bar for bar in one[name] if bar["kind"] in ("up", "down"))
            assert (part["family"], part["of"], part["feature"]) == (root, "both", None)
    out = text_of(capfd, folder, "dark halos", "--family", f"{root}=0.6", "--explain")
    turned = [line for line in out.splitlines() if line.endswith("(turned up)")]
    assert len(turned) == len(found["results"])
    assert all(f"family {root}" in line for line in turned)


@pytest.fixture
def named_family(folder: Path, root: int) -> Iterator[str]:
    """The name that a person gave the family."""
    name = "Some quite peculiar family"
    with Project.open(folder) as project:
        sae = project.current("saes").hash
        project.family_edits.put(sae, {root: FamilyEdit(name)})
        yield name
        project.family_edits.put(sae, {root: None})


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_family_turned_is_one_part_of_what_is_written(
    capfd, folder: Path, root: int, named_family: str, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"r.{ending}"
    asked = (
        "dark halos",
        "--family",
        f"{root}=0.6",
        "--steer",
        "3=0.1",
        "--less",
        f"family:{root}=0.5",
    )
    found = search(capfd, folder, *asked, "--out", str(path))
    for one in found["results"]:
        bars = [bar for bar in one["contributions"] if "family" in bar]
        assert {bar["label"] for bar in bars} == {named_family}
        assert sum(bar["value"] for bar in one["contributions"]) == pytest.approx(
            one["score"], abs=1e-5
        )
    text = path.read_text("utf-8") if ending == "csv" else ""
    if ending == "csv":
        told = f"Family: {named_family}"
        assert text.count(f"{told} +") + text.count(f"{told} -") == 20
        assert text.count(f"{told} ({root}) +0.6000; {told} ({root}) 50 % less") == 10
        return
    rows = (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if (ending == "jsonl")
        else pq.read_table(path).to_pylist()
    )
    for row, one in zip(rows, found["results"], strict=True):
        for name in ("contributions", "change"):
            total = row["score"] - (row["score_before"] if name == "change" else 0.0)
            assert sum(part["value"] for part in row[name]) == pytest.approx(total, abs=1e-5)
            (turned,) = (p for p in row[name] if p["kind"] == "up" and p["feature"] is None)
            assert (turned["family"], turned["label"]) == (root, named_family)
        assert row["contributions"][0]["value"] == one["contributions"][0]["value"]
        told = [(s["feature"], s["family"], s["strength"], s["less"]) for s in row["steering"]]
        assert told == [(3, None, 0.1, None), (None, root, 0.6, None), (None, root, None, 0.5)]
        assert row["steering"][1]["label"] == named_family


def test_a_family_stays_one_in_what_is_saved(capfd, project_copy: Path, root: int) -> None:
    with Project.open(project_copy) as project:
        find_families.run(project, find_families.FamiliesRequest(settings=LOOSE), Unattended())
    asked = ("dark halos", "--family", f"{root}=0.6", "--steer", "3=0.1")
    first = search(capfd, project_copy, *asked, "--save", "A")
    search(capfd, project_copy, *asked, "--save-preset", "A")
    assert len(first["effects"]) == 2
    again = search(capfd, project_copy, "--saved", "A")
    assert (again["effects"], again["results"]) == (first["effects"], first["results"])
    preset = search(capfd, project_copy, "dark halos", "--preset", "A")
    assert preset["effects"] == first["effects"]
    less = search(capfd, project_copy, "dark halos", "--preset", "A", "--family", f"{root}=0.2")
    family = next(one for one in less["effects"] if "family" in one)
    whole = next(one for one in first["effects"] if "family" in one)
    assert family["asked"] == pytest.approx(whole["asked"] - 0.4)


def test_values_read_again_are_printed(capfd, folder: Path) -> None:
    found = search(capfd, folder, "dark halos", "--steer", "3=0.5", "--optimise")
    (effect,) = found["effects"]
    out = text_of(capfd, folder, "dark halos", "--steer", "3=0.5", "--optimise")
    assert "Read again" in out
    assert f"{effect['asked']:.3f}" in out
    assert f"{effect['after']:.3f}" in out


def test_settings_without_effect_are_told(capfd, folder: Path) -> None:
    limits = ("--cap", "0.5", "--mode", "clamp", "--optimise")
    (note,) = search(capfd, folder, "halos", *limits)["notes"]
    assert note == ("Nothing is turned, so clamping, the cap and the optimisation have no effect.")
    assert search(capfd, folder, "halos", "--match", "words", "--cap", "0.5")["notes"] == [
        "Nothing is turned, so the cap has no effect."
    ]
    assert "no effect" not in " ".join(
        search(capfd, folder, "halos", "--steer", "3=0.2", *limits)["notes"]
    )


def test_the_query_may_stand_behind_options(capfd, folder: Path) -> None:
    before = search(capfd, folder, "dark halos", "--match", "words")
    assert search(capfd, folder, "--match", "words", "dark halos")["query"] == before["query"]
    for wrong in (("a", "--match", "words", "b"), ("--match", "words", "a", "b"), ("a", "--tip")):
        with pytest.raises(SystemExit) as end:
            main(["search", str(folder), *wrong])
        assert end.value.code == 2
        assert "unrecognized arguments" in capfd.readouterr().err


@pytest.mark.parametrize("top", ["0", "-3"])
def test_no_results_are_not_one_result(capfd, folder: Path, top: str) -> None:
    assert main(["search", str(folder), "halos", "--top", top]) == 1
    assert f"1 or more; {top} is none" in capfd.readouterr().err


def test_a_damaged_index_is_told_and_every_document_compared(capfd, project_copy: Path) -> None:
    assert main(["index", str(project_copy), "--always", "--quiet"]) == 0
    capfd.readouterr()
    whole = search(capfd, project_copy, "dark halos")
    assert whole["notes"] == []
    codes = max((project_copy / "indexes").rglob("*.*"), key=lambda file: file.stat().st_size)
    codes.write_bytes(codes.read_bytes()[:-7])
    found = search(capfd, project_copy, "dark halos")
    assert (found["exact"], found["recall"]) == (True, None)
    (note,) = found["notes"]
    assert "Build the index again" in note
    assert note.endswith("Until then every document is compared.")


def test_sentences_that_match_are_told(capfd, folder: Path) -> None:
    found = search(capfd, folder, "dark matter halos", "--sentences", "--top", "4")
    with Project.open(folder, read_only=True) as project:
        texts = {
            row.key: f"{row.title}\n{row.text}" for row in project.documents.rows(range(1, 61))
        }
    sentences = [(one["key"], part) for one in found["results"] for part in one["sentences"]]
    assert sentences
    assert all(part["text"] in texts[key] for key, part in sentences)
    assert all(part["effect"] > 0 for _, part in sentences)
    words = search(capfd, folder, "halos", "--match", "words", "--sentences")
    for one in words["results"]:
        assert any("halos" in part["text"].lower() for part in one["sentences"])
        assert all(part["effect"] is None for part in one["sentences"])
    out = text_of(capfd, folder, "halos", "--match", "words", "--sentences")
    assert f"“{words['results'][0]['sentences'][0]['text']}”" in out


def test_facets_count_documents_and_results(capfd, folder: Path) -> None:
    asked = ("dark halos", "--facets", "--where", "date=..2012")
    found = search(capfd, folder, *asked)
    assert list(found["facets"]) == ["category", "date", "citations", "url"]
    category = found["facets"]["category"]
    assert sum(one["documents"] for one in category["values"]) == found["passed"] < 60
    assert sum(one["results"] for one in category["values"]) == len(found["results"])
    with Project.open(folder, read_only=True) as project:
        from saedesk.project.document_keys import documents_with_keys

        keys = [one["key"] for one in found["results"]]
        rows = project.documents.rows(documents_with_keys(project.database, keys))
    for one in category["values"]:
        assert one["results"] == sum(row.fields["category"] == one["value"] for row in rows)
    dates = found["facets"]["date"]
    assert sum(one["documents"] for one in dates["values"]) == found["passed"]
    assert {one["from"] for one in dates["values"] if one["documents"]} <= {
        str(year) for year in range(2005, 2013)
    }
    assert found["facets"]["url"] == {
        "kind": "text",
        "known": found["passed"],
        "known_in_results": 10,
        "unknown": 0,
        "unknown_in_results": 0,
    }
    out = text_of(capfd, folder, *asked)
    assert "Documents  Results" in out
    assert "says something" in out


def test_two_settings_stand_side_by_side(capfd, folder: Path) -> None:
    steered = ("dark halos", "--steer", "3=0.5")
    found = search(capfd, folder, *steered, "--compare", "plain")
    compared = found["compared"]
    assert compared["results"] != found["results"]
    assert [one["key"] for one in compared["results"]] == [one["key"] for one in found["plain"]]
    assert [one["rank_compared"] for one in found["results"]] == [
        one["rank_before"] if (one["rank_before"] or 11) <= 10 else None for one in found["results"]
    ]
    shared = {one["key"] for one in found["results"]} & {one["key"] for one in found["plain"]}
    assert compared["shared"] == len(shared) == found["kept"]
    assert compared["cosine"] == pytest.approx(1.0)
    out = text_of(capfd, folder, *steered, "--compare", "plain")
    assert "As typed" in out
    assert "↑" in out
    assert "new" in out
    assert "gone" in out
    other = "--steer 5=0.4 --mode clamp"
    two = search(capfd, folder, *steered, "--compare", other)["compared"]
    alone = search(capfd, folder, "dark halos", "--steer", "5=0.4", "--mode", "clamp")
    assert (two["mode"], two["setting"]) == ("clamp", other)
    assert [one["key"] for one in two["results"]] == [one["key"] for one in alone["results"]]
    assert two["effects"] == alone["effects"]


def test_marks_are_strengths_that_replace_results(capfd, folder: Path, root: int) -> None:
    found = search(capfd, folder, "dark halos", "--calibrate", "3", "--calibrate", f"family:{root}")
    feature, family = found["calibration"]
    assert (feature["feature"], family["family"]) == (3, root)
    assert feature["up"]
    for mark in (*feature["up"], *feature["down"]):
        steered = search(capfd, folder, "dark halos", "--steer", f"3={mark['strength'] * 1.001}")
        assert 10 - steered["kept"] >= mark["replaced"]
        assert mark["value"] == pytest.approx(feature["typed"] + mark["strength"])
    query = search(capfd, folder, "dark halos", "--calibrate", "query")
    own = [one["feature"] for one in query["features"]]
    assert [one["feature"] for one in query["calibration"]] == own
    out = text_of(capfd, folder, "dark halos", "--calibrate", "3")
    assert "as --steer takes it" in out
    assert f"{feature['up'][0]['strength']:+.3f}" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--calibrate", "99"), "There is no feature 99"),
        (("--calibrate", "x"), "“x” is nothing to calibrate"),
        (("--calibrate", "family:99"), "is not the root of a family"),
        (("--calibrate", "3", "--match", "both"), "calibrated in a search by meaning alone"),
        (("--compare", "--steer x"), "is not ID=STRENGTH"),
        (("--compare", "nonsense"), "--compare takes “plain” or steering"),
        (("--compare", "--steer '3"), "a quotation mark that is not closed"),
        (("--compare=--cap=high",), "--compare takes “plain”"),
        (("--compare=--preset None",), "no preset called “None”"),
    ],
)
def test_each_wrong_wish_is_one_sentence(capfd, folder: Path, words, said: str) -> None:
    assert main(["search", str(folder), "halos", *words]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
