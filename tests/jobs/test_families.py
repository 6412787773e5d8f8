"""Families of a project: found, stored, read, told on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from saedesk.cli.command_line import main
from saedesk.errors import BadSetting, DamagedArtifact
from saedesk.features.families.edited_families import FamilyEdit, merged
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
    assert lines[1].startswith("Found with --threshold 0.05 --above-chance 0.0 --most-density 1.0")
    assert lines[3] == f"the general one  ({largest['features']} features)"
    assert len(lines) == 3 + largest["features"]
    assert lines[-1].lstrip(" │").startswith("└─ ")
    shares = {round(100 * edge["weight"]) for edge in largest["edges"]}
    assert {int(line.split()[-2]) for line in lines[4:]} == shares
    assert np.isfinite(largest["strength"])


def test_the_command_shows_what_is_kept_and_replaces_it_only_when_asked(
    project_copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Project.open(project_copy) as project:
        kept = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        first, second, *_ = kept.families
        edits = {first.root: FamilyEdit("Mine"), second.root: FamilyEdit(hidden=True)}
        project.family_edits.put(kept.sae.hash, edits)
    manifest = (project_copy / "project.json").read_bytes()
    with Project.open(project_copy):
        # Another program writes it: looking needs no lock.
        assert main(["families", str(project_copy)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert (project_copy / "project.json").read_bytes() == manifest
    assert lines[0].startswith(f"{len(kept.families) - 1} families")
    assert lines[0].endswith("; 1 more are hidden")
    assert "--threshold 0.05" in lines[1]
    assert lines[3].startswith("Mine  (")
    assert main(["families", str(project_copy), "--passes", "2", "--json"]) == 0
    content = json.loads(capfd.readouterr().out)
    assert content["settings"] == LOOSE.as_json() | {"passes": 2}, "the others stay as kept"
    assert content["replaced"] == LOOSE.as_json()
    assert second.root not in [row["root"] for row in content["shown"]]
    assert main(["families", str(project_copy), "--passes", "3"]) == 0
    told = capfd.readouterr().out.splitlines()[2]
    assert told.startswith("They take the place of those that were found with --threshold 0.05")
    assert told.endswith(
        "--passes 2 --most-density 1.0 --fewest-documents 1 --fewest-branches 1 "
        "--fewest-children 1."
    )


def test_the_command_prints_merged_families_with_their_measures(
    project_copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Project.open(project_copy) as project:
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        a, b = (
            found.families[0],
            next(
                one
                for one in found.families
                if one.root not in found.families[0].members
                and found.families[0].root not in one.members
            ),
        )
        whole = FamilyEdit(family=merged(a, b), reshaped=True)
        project.family_edits.put(
            found.sae.hash, {a.root: whole, b.root: FamilyEdit(merged_into=a.root)}
        )
    assert main(["families", str(project_copy), "--measure", "--draws", "2", "--json"]) == 0
    content = json.loads(capfd.readouterr().out)
    rows = {row["root"]: row for row in content["shown"]}
    assert b.root not in rows
    assert rows[a.root]["features"] == len({*a.members, *b.members})
    assert rows[a.root]["merged_from"] == [b.root]
    assert rows[a.root]["measures"]["dimensions"] > 0
    assert {"r_cooc", "spectrum"} <= set(rows[a.root]["measures"])
    assert content["grouping"]["families"] == len(found.families) - 1
    file = project_copy.parent / "measured.csv"
    assert main(["export", str(project_copy), "families", str(file)]) == 0
    told = capfd.readouterr().out
    with file.open(newline="", encoding="utf-8-sig") as opened:
        cells = list(csv.DictReader(opened))
    assert f"Wrote {len(cells)} rows" in told
    (dimensions,) = {row["dimensions"] for row in cells if row["family"] == "0"}
    largest = content["shown"][0]["measures"]
    assert float(dimensions) == pytest.approx(largest["dimensions"])
    file = project_copy.parent / "measured.json"
    assert main(["export", str(project_copy), "families", str(file)]) == 0
    told = json.loads(file.read_text("utf-8"))["families"][0]
    assert told["spectrum"] == largest["spectrum"]


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
