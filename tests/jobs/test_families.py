"""Families of a project: found, stored, read, told on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from saedesk.cli.command_line import main
from saedesk.errors import BadSetting, DamagedArtifact
from saedesk.features.families.edited_families import FamilyEdit
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import analyse_features, find_families
from saedesk.jobs.find_families import FamiliesRequest, families_in_use
from saedesk.project.artifact_readers import open_activations
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended

LOOSE = FamilySettings(
    threshold=0.05,
    above_chance=0.0,
    most_density=1.0,
    fewest_documents=1,
    fewest_branches=1,
    fewest_children=1,
)


def test_families_are_found_once_and_read_again(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        assert families_in_use(project) is None
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        assert found.families
        again = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        assert again.record == found.record
        other = find_families.run(project, FamiliesRequest(), Unattended())
        assert other.record != found.record
        assert len(project.artifacts("co_occurrence")) == 1, "counted once for all settings"
    with Project.open(project_copy, read_only=True) as project:
        stored = families_in_use(project)
        assert stored is not None
        assert stored.families == other.families


def test_edges_say_what_share_of_documents_both_have(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        sae = project.current("saes")
        record = analyse_features.analysis_in_use(project, sae)[1]
        active = open_activations(project, record).to_csr().toarray() > 0
    counts = active.sum(0)
    for one in found.families:
        for edge in one.edges:
            both = (active[:, edge.parent] & active[:, edge.child]).sum()
            assert counts[edge.parent] >= counts[edge.child]
            assert edge.weight == pytest.approx(both / (counts[edge.child] + 1))


def test_families_go_with_the_analysis_they_were_made_from(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        sae = project.current("saes")
        record = analyse_features.analysis_in_use(project, sae)[1]
        analyse_features.remove_analysis(project, record)
        assert not project.artifacts("families")
        assert not project.artifacts("co_occurrence")
    with Project.open(project_copy) as project:
        assert not project.sweep()


def test_damaged_families_are_named(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        path = project.path_of(found.record, "families.json")
        content = path.read_bytes()
        path.write_bytes(b"[" + b"?" * (len(content) - 1))
        with pytest.raises(DamagedArtifact, match="Find the families again"):
            families_in_use(project)
        again = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        assert again.families == found.families


def test_a_setting_out_of_range_changes_nothing(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        before = (project_copy / "project.json").read_bytes()
        wrong = FamiliesRequest(settings=FamilySettings(passes=0))
        with pytest.raises(BadSetting, match="Passes must lie between 1 and 10"):
            find_families.run(project, wrong, Unattended())
        assert (project_copy / "project.json").read_bytes() == before


def test_the_command_prints_trees(project_copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = [
        *("--threshold", "0.05", "--most-density", "1", "--fewest-documents", "1"),
        *("--fewest-branches", "1", "--fewest-children", "1", "--above-chance", "0"),
    ]
    assert main(["families", str(project_copy), "--json", *options]) == 0
    content = json.loads(capfd.readouterr().out)
    assert content["settings"]["threshold"] == 0.05
    largest = content["shown"][0]
    assert largest["features"] == 1 + len(largest["children"]) == 1 + len(largest["edges"])
    with Project.open(project_copy) as project:
        label = FeatureLabel(largest["root"], "the general one", PERSON, "somebody")
        project.labels.add(content["sae"], [label])
    assert main(["families", str(project_copy), "--top", "1", *options]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == f"{content['families']} families with {content['features']} features"
    assert lines[2] == f"the general one  ({largest['features']} features)"
    assert len(lines) == 2 + largest["features"]
    assert lines[-1].lstrip(" │").startswith("└─ ")
    shares = {round(100 * edge["weight"]) for edge in largest["edges"]}
    assert {int(line.split()[-2]) for line in lines[3:]} == shares
    assert np.isfinite(largest["strength"])


def test_a_published_file_is_compared_with_what_is_there(
    project_copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Project.open(project_copy) as project:
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        project.family_edits.put(found.sae.hash, {found.families[0].root: FamilyEdit("Mine")})
    before = (project_copy / "project.json").read_bytes()
    file = tmp_path / "clean_families.json"
    assert main(["export", str(project_copy), "families", str(file), "--published"]) == 0
    capfd.readouterr()
    compare = ["families", str(project_copy), "--compare", str(file)]
    assert main([*compare, "--json"]) == 0
    content = json.loads(capfd.readouterr().out)
    assert content["same_by"] == "numbers"
    assert content["found_again"] == content["published"] == len(found.families)
    assert content["mean_overlap"] == 1.0
    assert content["shown"][0]["ours"] == content["shown"][0]["name"] == "Mine"
    assert main([*compare, "--top", "3"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith(f"{len(found.families)} of {len(found.families)} families")
    assert len(lines) == 6
    assert (project_copy / "project.json").read_bytes() == before, "comparing stores nothing"
    file.write_text('{"a": 3}', "utf-8")
    assert main(compare) == 1
    assert "The family “a” of clean_families.json" in capfd.readouterr().err
