"""Families of a project: measured, stored, read again, told on the command line; filters."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saedesk.cli.command_line import main
from saedesk.errors import BadInput, BadSetting, DamagedArtifact, ProjectProblem
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.features.labels.label_score import LabelScore
from saedesk.jobs import analyse_features, find_families, measure_families
from saedesk.jobs.find_families import FamiliesRequest, allowed_features, families_in_use
from saedesk.jobs.measure_families import MeasureRequest, measured_families
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests.jobs.test_families import LOOSE
from tests.tiny_projects import Listener

FEW_DRAWS = MeasureRequest(replicates=3)


def test_measures_are_stored_and_read_again(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        assert measured_families(project, found.record) is None
        measured = measure_families.run(project, FEW_DRAWS, Unattended())
        assert len(measured.measures) == len(measured.stability.families) == len(found.families)
        assert measured.grouping.families == len(found.families)
        again = measure_families.run(project, FEW_DRAWS, Unattended())
        assert again == measured
        assert len(project.artifacts("family_measures")) == 1
        other = find_families.run(
            project, FamiliesRequest(settings=replace(LOOSE, threshold=0.5)), Unattended()
        )
        assert measured_families(project, other.record) is None
    with Project.open(project_copy, read_only=True) as project:
        assert measured_families(project, found.record) == measured
        with pytest.raises(ProjectProblem, match="read-only"):
            measure_families.run(project, FEW_DRAWS, Unattended())


def test_measures_go_with_the_analysis(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        measure_families.run(project, FEW_DRAWS, Unattended())
        record = analyse_features.analysis_in_use(project, project.current("saes"))[1]
        analyse_features.remove_analysis(project, record)
        assert not project.artifacts("family_measures")
    with Project.open(project_copy) as project:
        assert not project.sweep()


def test_what_cannot_be_measured_is_said(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        with pytest.raises(BadInput, match="has no families yet"):
            measure_families.run(project, FEW_DRAWS, Unattended())
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        with pytest.raises(BadSetting, match="drawn 1 to 1,000 times"):
            measure_families.run(project, MeasureRequest(replicates=0), Unattended())
        with pytest.raises(Cancelled):
            measure_families.run(project, FEW_DRAWS, Listener(cancel_at=3))
        assert measured_families(project, found.record) is None
        measure_families.run(project, FEW_DRAWS, Unattended())
        (record,) = project.artifacts("family_measures")
        path = project.path_of(record, "measures.json")
        path.write_bytes(b"[" + b"?" * (path.stat().st_size - 1))
        with pytest.raises(DamagedArtifact, match="Measure the families again"):
            measured_families(project, found.record)
        assert measure_families.run(project, FEW_DRAWS, Unattended()).measures


def test_a_filter_by_labels_leaves_features_out(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        assert allowed_features(project, found.record) is None
        assert "filter" not in found.record.inputs
        scored = FamiliesRequest(settings=LOOSE, filter=FeatureFilter(least_score=0.6))
        with pytest.raises(BadInput, match="not scored yet"):
            find_families.run(project, scored, Unattended())
        assert families_in_use(project).record == found.record
        labels = project.labels.current(found.sae.hash)
        good = sorted(labels)[::2]
        project.labels.put_scores(
            (labels[i].id, LabelScore("embedding", 0.8 if i in good else 0.5, 0.4, 0.9, 20))
            for i in labels
        )
        some = find_families.run(project, scored, Unattended())
        assert some.record != found.record
        assert np.flatnonzero(allowed_features(project, some.record)).tolist() == good
        assert {i for one in some.families for i in one.members} <= set(good)
        assert some.families
        # Other scores let in other features, with the same settings.
        project.labels.put_scores([(labels[good[0]].id, LabelScore("embedding", 0.1, 0, 1, 20))])
        fewer = find_families.run(project, scored, Unattended())
        assert fewer.record != some.record
        assert not any(good[0] in one.members for one in fewer.families)
        measured = measure_families.run(project, FEW_DRAWS, Unattended())
        assert measured.grouping.usable <= len(good) - 1


def test_the_command_prints_measures(project_copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = [
        *("--threshold", "0.05", "--most-density", "1", "--fewest-documents", "1"),
        *("--fewest-branches", "1", "--fewest-children", "1", "--above-chance", "0"),
        *("--measure", "--draws", "4", "--labels", "clean"),
    ]
    assert main(["families", str(project_copy), "--json", *options]) == 0
    content = json.loads(capfd.readouterr().out)
    assert content["draws"] == 4
    assert content["filter"]["labels"] == "clean"
    assert content["grouping"]["families"] == content["families"]
    first = content["shown"][0]
    assert first["measures"]["documents"] > 0
    assert len(first["measures"]["spectrum"]) <= 10
    assert first["stability"] in (0, 0.25, 0.5, 0.75, 1)
    assert all(0 <= edge["stability"] <= 1 for edge in first["edges"])
    assert main(["families", str(project_copy), "--top", "1", *options]) == 0
    lines = capfd.readouterr().out.splitlines()
    names = [line.split("  ")[0] for line in lines[3:9]]
    assert names == [
        "mean size",
        "block ratio",
        "block ratio, D",
        "R_cooc",
        "membership",
        "stability",
    ]
    assert f"{content['grouping']['block_ratio']:.2f}" in lines[4]
    assert lines[10].endswith(f"returns in {100 * first['stability']:.0f} %)")
    assert lines[-1].endswith("%)")
    assert "(returns in " in lines[-1]
    assert main(["families", str(project_copy), *options, "--draws", "0"]) != 0
    assert "The documents can be drawn 1 to 1,000 times" in capfd.readouterr().err
