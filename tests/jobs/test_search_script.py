"""A search copied as a line for a terminal and as Python gives the same answer again."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from saedesk.cli.command_line import main
from saedesk.errors import BadSetting
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families
from saedesk.jobs.family_sliders import slider_of_family
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae
from saedesk.jobs.search_documents import SearchAnswer, SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_request_json import request_to_json
from saedesk.jobs.search_script import AskedSearch, command_line, command_words, python_lines
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.family_steering import with_families
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Unattended

NASTY = 'it\'s "dark matter" $HOME `ls` \\ \n --top ’quoted’ -x !'


@pytest.fixture(scope="module")
def project(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    import shutil

    folder = tmp_path_factory.mktemp("it's a $folder") / "the project.saedesk"
    shutil.copytree(small_project, folder)
    with Project.open(folder) as opened:
        low = FamilySettings(threshold=0.05, later_threshold=0.05, above_chance=0.0)
        find_families.run(opened, find_families.FamiliesRequest(settings=low), Unattended())
    with Project.open(folder, read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def sae(project: Project) -> LoadedSae:
    return open_analysed_sae(project)


@pytest.fixture(scope="module")
def engine(project: Project, sae: LoadedSae) -> SearchEngine:
    return SearchEngine(project, sae.vectors, sae)


def in_terminal(asked: AskedSearch, capfd: pytest.CaptureFixture[str]) -> list[tuple[Any, ...]]:
    words = shlex.split(command_line(asked))
    assert words == command_words(asked)
    assert words[:2] == ["saedesk", "search"]
    capfd.readouterr()
    assert main([words[1], "--json", *words[2:]]) == 0
    found = json.loads(capfd.readouterr().out)
    return [(one["key"], one["score"], len(one["contributions"])) for one in found["results"]]


def in_python(asked: AskedSearch) -> list[tuple[Any, ...]]:
    names: dict[str, Any] = {}
    exec(compile(python_lines(asked), "copied", "exec"), names)
    return rows_of(names["found"].answer)


def rows_of(answer: SearchAnswer) -> list[tuple[Any, ...]]:
    return [(row.document.key, row.score, len(row.contributions)) for row in answer.steered]


REQUESTS = (
    SearchRequest("dark matter halos"),
    SearchRequest(NASTY, match="both", count=7),
    SearchRequest("-x --json of galaxies", match="words", count=3),
    SearchRequest("galaxies", plan=SteeringPlan(((3, 0.1 + 0.2), (7, -1 / 3)), cap=0.9)),
    SearchRequest("galaxies", plan=SteeringPlan(((3, 0.5),), mode="clamp", optimise=True)),
    SearchRequest("galaxies", plan=SteeringPlan(places=((5, 3),), less=((2, 0.75),))),
    SearchRequest(like=(4, 9), unlike=(30,)),
    SearchRequest(like=(4,), unlike=(30, 31), like_by="features", plan=SteeringPlan(((1, 0.4),))),
    SearchRequest(target=3),
    SearchRequest(
        "galaxies",
        wanted=DocumentFilter(
            words="the",
            categories={"category": ("Biology", "Cosmology")},
            ranges={"citations": (1.0, None), "date": ("2000", "2024\uffff")},
        ),
    ),
    SearchRequest("galaxies", wanted=DocumentFilter(document_ids=np.array([3, 8, 20, 41]))),
    SearchRequest(
        "galaxies",
        wanted=DocumentFilter(field_words={"url": 'example "org/00"', "category": "o"}),
    ),
)


@pytest.mark.parametrize("request_", REQUESTS)
def test_both_scripts_give_the_same_answer(
    project: Project, sae: LoadedSae, engine: SearchEngine, request_: SearchRequest, capfd
) -> None:
    asked = AskedSearch(project, request_, sae)
    expected = rows_of(engine.ask(request_))
    assert expected
    assert in_terminal(asked, capfd) == expected
    assert in_python(asked) == expected


def test_families_are_named_by_their_roots(
    project: Project, sae: LoadedSae, engine: SearchEngine, capfd
) -> None:
    found = find_families.families_in_use(project)
    assert found is not None
    root = found.families[0].root
    slider = slider_of_family(project, sae, root)
    below = slider_of_family(project, sae, root, "children", "activation")
    plan = SteeringPlan(((root, 0.2),), places=((slider, 2),), less=((below, 0.5),))
    families = (slider.with_strength(0.3), below.with_strength(-0.1))
    asked = AskedSearch(project, SearchRequest("galaxies", plan=plan), sae, families)
    # Each family that moves the query is one part of a score.
    steering = with_families(plan, families)
    answer = engine.ask(SearchRequest("galaxies", plan=steering, families=families))
    assert in_terminal(asked, capfd) == in_python(asked) == rows_of(answer)
    assert sum(word.startswith("--steer=") for word in command_words(asked)) == 1
    alone = AskedSearch(project, SearchRequest(target=below), sae)
    assert in_terminal(alone, capfd) == in_python(alone) == rows_of(engine.ask(alone.request))
    other = replace(slider, moves=slider.moves[:1])
    with pytest.raises(BadSetting, match="has changed since"):
        command_line(AskedSearch(project, SearchRequest(target=other), sae))


def test_a_shell_takes_the_line_as_it_is(project: Project, sae: LoadedSae, tmp_path: Path) -> None:
    asked = AskedSearch(project, SearchRequest(NASTY, match="both", count=7), sae)
    program = tmp_path / "saedesk"
    program.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\0" "$word"; done\n')
    program.chmod(0o755)
    run = subprocess.run(
        ["sh", "-c", command_line(asked)],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": "/other"},
        capture_output=True,
        check=True,
    )
    assert run.stdout.decode().split("\0")[:-1] == command_words(asked)[1:]
    assert NASTY in command_words(asked)


def test_powershell_quotes_by_doubling(project: Project, sae: LoadedSae) -> None:
    asked = AskedSearch(project, SearchRequest("it's ’so’ $x `n"), sae)
    assert " 'it''s ’’so’’ $x `n' --sae=" in command_line(asked, "powershell")


def test_what_fits_into_no_line_says_so(project: Project, sae: LoadedSae) -> None:
    many = DocumentFilter(document_ids=np.arange(1, 500))
    with pytest.raises(BadSetting, match="499 documents, too many for a line"):
        command_line(AskedSearch(project, SearchRequest("a", wanted=many), sae))
    with pytest.raises(BadSetting, match="no longer in the project"):
        command_line(AskedSearch(project, SearchRequest(like=(999,)), sae))
    with pytest.raises(BadSetting, match="no command line can carry"):
        command_line(AskedSearch(project, SearchRequest("a\0b"), sae))
    for script in (command_line, python_lines):
        with pytest.raises(BadSetting, match="one of them at once"):
            script(AskedSearch(project, SearchRequest("a", like=(1,)), sae))


def test_a_saved_search_is_repeated_by_its_name(
    project: Project, sae: LoadedSae, engine: SearchEngine, capfd
) -> None:
    wanted = DocumentFilter(document_ids=np.arange(1, 500))
    request = SearchRequest("galaxies", wanted=wanted, plan=SteeringPlan(((3, 0.4),)))
    name = "it's “mine”"
    with Project.open(project.folder) as writable:
        writable.saved_searches.save("search", name, request_to_json(request), sae.hash)
    asked = AskedSearch(project, request, sae, saved=name)
    expected = rows_of(engine.ask(request))
    assert in_terminal(asked, capfd) == expected
    assert in_python(asked) == expected
