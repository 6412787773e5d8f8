"""`saedesk search` with all ways of asking and steering, and a sentence for each wrong value."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from saedesk.cli.command_line import main
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families
from saedesk.jobs.search_request_json import plan_to_json
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Unattended

LOOSE = FamilySettings(threshold=0.05, later_threshold=0.05, above_chance=0.0)


@pytest.fixture(scope="module")
def folder(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search") / "p.saedesk"
    shutil.copytree(small_project, folder)
    with Project.open(folder) as project:
        find_families.run(project, find_families.FamiliesRequest(settings=LOOSE), Unattended())
        sae = project.current("saes").hash
        project.saved_searches.save(
            "preset", "More of 3", {"plan": plan_to_json(SteeringPlan(((3, 0.4),), cap=0.5))}, sae
        )
        project.saved_searches.save(
            "preset", "Of another", {"plan": plan_to_json(SteeringPlan(((3, 0.4),)))}, "another"
        )
    return folder


@pytest.fixture(scope="module")
def root(folder: Path) -> Iterator[int]:
    with Project.open(folder, read_only=True) as project:
        found = find_families.families_in_use(project)
        assert found is not None
        yield found.families[0].root


def search(capfd: pytest.CaptureFixture[str], folder: Path, *words: str) -> dict[str, Any]:
    assert main(["search", str(folder), *words, "--json"]) == 0
    content = json.loads(capfd.readouterr().out)
    for one in (*content["results"], *content["plain"]):
        total = sum(part["value"] for part in one["contributions"])
        assert total == pytest.approx(one["score"], abs=1e-5)
        if one["change"]:
            moved = sum(part["value"] for part in one["change"])
            assert moved == pytest.approx(one["score"] - one["score_before"], abs=1e-5)
    return content


def keys(content: dict[str, Any]) -> list[str]:
    return [one["key"] for one in content["results"]]


def test_every_way_of_steering_is_told(capfd, folder: Path, root: int) -> None:
    found = search(
        capfd, folder, "dark halos", "--steer", "3=0.2", "--places", "5=2", "--less", "2=0.5",
        "--places", f"family:{root}=1", "--family", f"{root}=0.3:children", "--cap", "0.5",
        "--mode", "clamp",
    )  # fmt: skip
    assert (found["mode"], found["cap"]) == ("clamp", 0.5)
    family = {"family": root, "of": "both", "weighting": "density"}
    assert found["places"] == [{"feature": 5, "places": 2}, {**family, "places": 1}]
    assert found["less"] == [{"feature": 2, "amount": 0.5}]
    given = [one["place_of"] for one in found["results"] if one["place_of"]]
    assert given.count({"feature": 5}) == 2
    assert given.count(family) == 1
    for one in found["results"]:
        active = one["place_activation"]
        assert active > 0 if one["place_of"] else active is None
    assert found["cosine"] >= 0.5 - 1e-6
    assert {json.dumps({"feature": 5})} <= {
        json.dumps({"feature": one["feature"]}) for one in found["effects"] if "feature" in one
    }
    assert all({"asked", "after", "replaced"} <= set(one) for one in found["effects"])
    # A place asks for no value, so there is none to compare with.
    of = {one.get("feature"): one for one in found["effects"]}
    assert (of[5]["asked"], of[5]["after"], of[5]["places"]) == (None, None, 2)
    assert (of[3]["places"], of[2]["places"]) == (0, 0)
    assert None not in (of[3]["asked"], of[3]["after"], of[2]["asked"], of[2]["after"])


def test_readme_names_everything_that_is_told(capfd, folder: Path, root: int) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (line,) = (line for line in readme.splitlines() if line.startswith("| `search` | `query`"))
    found = search(
        capfd, folder, "halos", "--family", f"{root}=0.3", "--places", "5=2", "--less", "2=0.5"
    )
    parts = [part for one in found["results"] for part in (*one["contributions"], *one["change"])]
    assert any("family" in part for part in parts)
    lists = (found["results"], found["effects"], found["features"], found["places"], found["less"])
    told = {key for one in (found, *(entry for some in lists for entry in some)) for key in one}
    told |= {key for part in parts for key in part}
    assert told <= set(re.findall(r"`(\w+)`", line))
    # What lists hold stands in brackets behind their names.
    for name in ("effects", "places", "less"):
        (held,) = re.findall(rf"`{name}` \[(.*?)\]", line)
        assert set(found[name][0]) - {"of", "weighting"} <= set(re.findall(r"`(\w+)`", held))


def test_whether_the_optimisation_is_on_is_told(capfd, folder: Path) -> None:
    assert search(capfd, folder, "halos", "--steer", "3=0.2", "--optimise")["optimise"] is True
    found = search(capfd, folder, "halos", "--compare", "--steer 3=0.2 --optimise")
    assert (found["optimise"], found["compared"]["optimise"]) == (False, True)


def test_places_are_printed_as_places(capfd, folder: Path) -> None:
    assert main(["search", str(folder), "halos", "--places", "5=2", "--steer", "3=0.2"]) == 0
    lines = capfd.readouterr().out.splitlines()
    (line,) = (one for one in lines if "2 places" in one)
    # No value is printed beside them but how many results they replaced.
    assert line.split("2 places")[1].split()[0] == "–"


def test_every_way_of_asking_is_told(capfd, folder: Path, root: int) -> None:
    both = search(capfd, folder, '"dark matter" halos', "--match", "both")
    assert both["match"] == "both"
    assert any(one["rank_by_words"] for one in both["results"])
    with Project.open(folder, read_only=True) as project:
        all_keys = [row.key for row in project.documents.rows([1, 2, 3])]
    liked = search(
        capfd, folder, "--like", all_keys[0], "--unlike", all_keys[1], "--by", "features"
    )
    assert (liked["like"], liked["unlike"], liked["by"]) == (
        all_keys[:1],
        all_keys[1:2],
        "features",
    )
    assert not set(all_keys[:2]) & set(keys(liked))
    assert search(capfd, folder, "--feature", "3")["target"] == {"feature": 3}
    family = search(capfd, folder, "--family-query", f"{root}:children:activation")
    assert family["target"] == {"family": root, "of": "children", "weighting": "activation"}
    only = search(capfd, folder, "halos", "--only", all_keys[2], "--only", all_keys[0])
    assert sorted(keys(only)) == sorted([all_keys[0], all_keys[2]])
    words = search(capfd, folder, "halos", "--containing", "galaxies", "--top", "60")
    assert 0 < words["passed"] < 60
    assert len(words["results"]) == words["passed"]


def test_presets_are_steering_that_options_go_before(capfd, folder: Path) -> None:
    preset = search(capfd, folder, "halos", "--preset", "More of 3")
    by_hand = search(capfd, folder, "halos", "--steer", "3=0.4", "--cap", "0.5")
    assert preset["results"] == by_hand["results"]
    changed = search(capfd, folder, "halos", "--preset", "More of 3", "--steer", "3=-0.2")
    assert changed["cap"] == 0.5
    assert {one["strength"] for one in changed["features"] if one["feature"] == 3} == {-0.2}


def test_a_search_is_saved_and_asked_again(capfd, folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "p.saedesk"))
    first = search(capfd, copy, "dark halos", "--steer", "3=0.3", "--save", "Mine", "--top", "4")
    assert first["saved"] == "Mine"
    again = search(capfd, copy, "--saved", "Mine")
    assert again["results"] == first["results"]
    assert main(["search", str(copy), "halos", "--save", "Mine"]) == 1
    assert "There is a search called “Mine” already" in capfd.readouterr().err
    for name, value in (("--top", "3"), ("--feature", "0")):
        assert main(["search", str(copy), "--saved", "Mine", name, value]) == 1
        assert f"leave {name} out" in capfd.readouterr().err


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_results_leave_with_their_reasons(capfd, folder: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"results.{ending}"
    found = search(
        capfd, folder, "dark halos", "--match", "both", "--steer", "3=0.4", "--out", str(path)
    )
    assert found["path"] == str(path)
    if ending == "parquet":
        rows = pq.read_table(path).to_pylist()
    elif ending == "jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    else:
        text = path.read_text("utf-8")
        assert "by meaning +0.0" in text
        assert '""match"": ""both""' in text
        return
    for row, one in zip(rows, found["results"], strict=True):
        assert (row["key"], row["rank_by_words"]) == (one["key"], one["rank_by_words"])
        total = sum(part["value"] for part in row["contributions"])
        assert total == pytest.approx(row["score"], abs=1e-5)
        assert json.loads(row["search"])["plan"] == {"strengths": [[3, 0.4]]}


def test_reasons_are_printed(capfd, folder: Path) -> None:
    command = ["search", str(folder), "dark halos", "--explain", "--places", "5=1", "--top", "10"]
    assert main(command) == 0
    out = capfd.readouterr().out
    assert "Of the score" in out
    assert "a place given to feature 5" in out
    assert "(its place)" in out
    assert main(["search", str(folder), "dark halos", "--explain", "--match", "both"]) == 0
    out = capfd.readouterr().out
    assert "by meaning" in out
    assert "Words" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a", "--feature", "3"), "Give either QUERY"),
        (("a", "--feature", "3"), ": QUERY and --feature do not go together."),
        (("a", "--like", "x"), ": QUERY and --like do not go together."),
        (("--like", "x", "--feature", "0"), ": --like and --feature do not go together."),
        (("--unlike", "x"), "Give either QUERY"),
        (("a", "--feature", "3", "--like", "x"), "Give either QUERY"),
        (("--feature", "99"), "There is no feature 99"),
        (("a", "--steer", "x=1"), "is not ID=STRENGTH"),
        (("a", "--steer", "99=1"), "There is no feature 99"),
        (("a", "--places", "3"), "“3” is not TARGET=M"),
        (("a", "--places", "3=11"), "with M from 0 to 10"),
        (("a", "--places", "3=6", "--places", "4=6"), "12 of ten results"),
        (("a", "--places", "3=1", "--places", "3=2"), "Feature 3 is given twice"),
        (("a", "--places", "fam:3=1"), "nor with family:ROOT"),
        (("a", "--places", "99=1"), "There is no feature 99"),
        (("a", "--less", "3=2"), "an amount from 0 to 1"),
        (("a", "--less", "3=nan"), "an amount from 0 to 1"),
        (("a", "--family", "3"), "is not ROOT=STRENGTH"),
        (("a", "--family", "x=1"), "names no family"),
        (("a", "--family", "99=1"), "is not the root of a family"),
        (("--family-query", "3:sideways"), "A family has no “sideways”"),
        (("--family-query", "3:both:weight"), "density or activation"),
        (("a", "--cap", "2"), "between 0 and 1"),
        (("a", "--preset", "None"), "no preset called “None”. There are: “More of 3”"),
        (("a", "--preset", "Of another"), "features of another SAE. Say --sae=another"),
        (("--saved", "None"), "no search called “None”. There are: none yet"),
        (("a", "--saved", "None"), "no search called “None”. There are: none yet"),
        (("a", "--past", "7"), "There is no search 7 among the last ones"),
        (("a", "--where", "nothing=1"), "is not FIELD=VALUE"),
        (("a", "--only", "no such key"), "no document with the key"),
        (("a", "--out", "x.txt"), "must end in"),
        (("--feature", "3", "--match", "words"), "Words are looked for in a text"),
        (("a", "--match", "both", "--by", "features"), "one of them at once"),
        (("a", "--save", " "), "Give the search a name"),
    ],
)
def test_each_wrong_value_is_one_sentence(capfd, folder: Path, words, said: str) -> None:
    assert main(["search", str(folder), *words]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a", "--mode", "multiply"), "invalid choice: 'multiply'"),
        (("a", "--match", "taste"), "invalid choice: 'taste'"),
        (("a", "--by", "colour"), "invalid choice: 'colour'"),
        (("a", "--cap", "high"), "invalid float value: 'high'"),
        (("--feature", "x"), "invalid int value: 'x'"),
    ],
)
def test_wrong_words_are_wrong_usage(capfd, folder: Path, words, said: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["search", str(folder), *words])
    assert end.value.code == 2
    assert said in capfd.readouterr().err


def test_values_with_dots_and_equal_signs_are_values(project_copy: Path) -> None:
    from saedesk.cli.filter_options import parse_where

    with Project.open(project_copy, read_only=True) as project:
        wanted = parse_where(project, ["category=a..b", "category=x=y", "date=2001..2005"])
        assert wanted.categories == {"category": ("a..b", "x=y")}
        assert wanted.ranges == {"date": ("2001", "2005\uffff")}
