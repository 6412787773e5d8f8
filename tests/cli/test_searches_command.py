"""What is saved and remembered by `saedesk search`, and `saedesk searches`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import saedesk
from saedesk.cli.command_line import main
from saedesk.errors import BadInput
from saedesk.jobs.search_request_json import plan_to_json
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan


def run(capfd: pytest.CaptureFixture[str], *words: object) -> Any:
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def said(capfd: pytest.CaptureFixture[str], *words: object) -> str:
    assert main([*map(str, words)]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_presets_are_saved_listed_used_and_changed(capfd, project_copy: Path) -> None:
    first = run(
        capfd, "search", project_copy, "halos", "--steer", "3=0.4", "--save-preset", " Mine "
    )
    assert first["preset"] == "Mine"
    again = run(capfd, "search", project_copy, "halos", "--preset", "Mine")
    assert again["results"] == first["results"]
    assert "already" in said(
        capfd, "search", project_copy, "halos", "--steer", "3=0.4", "--save-preset", "Mine"
    )
    run(
        capfd, "search", project_copy, "halos", "--steer", "3=-0.2", "--save-preset", "Mine",
        "--replace",
    )  # fmt: skip
    (preset,) = run(capfd, "searches", project_copy)["presets"]
    assert preset["asks"]["plan"] == {"strengths": [[3, -0.2]]}
    assert preset["sae"]
    assert "Nothing is turned" in said(
        capfd, "search", project_copy, "halos", "--save-preset", "Other"
    )
    assert "one of them at once" in said(
        capfd, "search", project_copy, "halos", "--save", "a", "--save-preset", "b"
    )
    assert "goes with --save" in said(capfd, "search", project_copy, "halos", "--replace")


def test_the_last_searches_are_asked_again(capfd, project_copy: Path) -> None:
    first = run(
        capfd, "search", project_copy, "dark halos", "--steer", "3=0.4", "--top", 3, "--remember"
    )
    assert first["remembered"]
    run(capfd, "search", project_copy, "galaxies", "--match", "words", "--remember")
    run(capfd, "search", project_copy, "galaxies")
    listed = run(capfd, "searches", project_copy)
    assert [one["in_words"] for one in listed["past"]] == [
        "“galaxies”, by words",
        "“dark halos”, 1 turned",
    ]
    again = run(capfd, "search", project_copy, "--past", 2)
    assert again["results"] == first["results"]
    assert "There is no search 3 among the last ones: there are 2" in said(
        capfd, "search", project_copy, "--past", 3
    )
    assert "There is no search 0" in said(capfd, "search", project_copy, "--past", 0)
    assert "leave QUERY out" in said(capfd, "search", project_copy, "x", "--past", 1)
    assert main(["searches", str(project_copy)]) == 0
    assert "“dark halos”, 1 turned" in capfd.readouterr().out
    assert len(run(capfd, "searches", project_copy, "--forget", 1)["past"]) == 1
    assert run(capfd, "searches", project_copy, "--forget-all")["past"] == []
    assert "among the last ones" in said(capfd, "searches", project_copy, "--forget", 1)


def test_saved_searches_are_renamed_and_deleted(capfd, project_copy: Path) -> None:
    run(capfd, "search", project_copy, "halos", "--where", "date=2007", "--save", "One")
    named = run(capfd, "searches", project_copy, "--rename", "search", "One", "Two")["searches"]
    assert [(one["name"], one["in_words"]) for one in named] == [("Two", "“halos”, filtered")]
    assert "There is no preset called “Two”" in said(
        capfd, "searches", project_copy, "--delete", "preset", "Two"
    )
    assert "say search or preset" in said(
        capfd, "searches", project_copy, "--delete", "query", "Two"
    )
    assert run(capfd, "searches", project_copy, "--delete", "search", "Two")["searches"] == []
    assert main(["searches", str(project_copy)]) == 0
    assert "Nothing was saved" in capfd.readouterr().out


@pytest.fixture
def of_another(project_copy: Path) -> Path:
    """Saved searches that were made with an SAE that is not there."""
    plan = plan_to_json(SteeringPlan(((3, 0.4),)))
    with Project.open(project_copy) as project:
        save = project.saved_searches.save
        save("search", "steered", {"text": "halos", "plan": plan}, "deadbeefdeadbeef")
        save("search", "a feature", {"target": 3}, "deadbeefdeadbeef")
        save("search", "plain", {"text": "halos"}, "deadbeefdeadbeef")
    return project_copy


def test_features_of_another_sae_are_not_those_of_this_one(capfd, of_another: Path) -> None:
    with Project.open(of_another, read_only=True) as project:
        record = project.current("saes")
        assert record is not None
        here = record.hash
    for name in ("steered", "a feature"):
        sentence = said(capfd, "search", of_another, "--saved", name, "--sae", here)
        assert f"The search “{name}” is one of features of another SAE" in sentence
        assert "--sae=deadbeefdeadbeef" in sentence
        assert "deadbeefdeadbeef" in said(capfd, "search", of_another, "--saved", name)


def test_a_search_without_features_misses_no_sae(capfd, of_another: Path) -> None:
    anew = run(capfd, "search", of_another, "halos")
    assert run(capfd, "search", of_another, "--saved", "plain")["results"] == anew["results"]


def test_a_project_that_cannot_be_written_is_listed_and_not_changed(
    capfd, project_copy: Path, tmp_path: Path
) -> None:
    run(capfd, "search", project_copy, "halos", "--save", "One")
    shutil.copytree(project_copy, tmp_path / "other.saedesk")
    with Project.open(project_copy):
        assert run(capfd, "searches", project_copy)["searches"][0]["name"] == "One"
        said(capfd, "search", project_copy, "halos", "--remember")
        said(capfd, "searches", project_copy, "--forget-all")


def test_python_refuses_and_allows_the_same(of_another: Path) -> None:
    with saedesk.open_project(of_another) as project:
        assert len(project.search(saved="plain")) == 10
        for name in ("steered", "a feature"):
            with pytest.raises(BadInput, match="features of another SAE"):
                project.search(saved=name)
