from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from saedesk.errors import BadInput
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import analyse_features, export_table, find_families
from saedesk.jobs.export_table import ExportRequest
from saedesk.jobs.find_families import FamiliesOfSae, FamiliesRequest
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


def written(project_copy: Path, name: str) -> tuple[FamiliesOfSae, Path]:
    path = project_copy.parent / name
    with Project.open(project_copy) as project:
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        root = found.families[0].root
        label = FeatureLabel(root, "=cmd|' /C calc'!A0", PERSON, "somebody")
        project.labels.add(found.sae.hash, [label])
        rows = export_table.run(project, ExportRequest("families", path), Unattended())
    assert rows > 0
    return found, path


def test_before_any_are_stored_they_are_found_and_nothing_is_written(project_copy: Path) -> None:
    with Project.open(project_copy, read_only=True) as project:
        request = ExportRequest("families", project_copy.parent / "families.jsonl")
        rows = export_table.run(project, request, Unattended())
        assert not project.artifacts("families")
    with Project.open(project_copy) as project:
        stored = find_families.run(project, FamiliesRequest(), Unattended())
    assert rows == len(stored.families)


def test_an_sae_without_analysis_has_none(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        record = analyse_features.analysis_in_use(project, project.current("saes"))[1]
        analyse_features.remove_analysis(project, record)
        request = ExportRequest("families", project_copy.parent / "families.csv")
        with pytest.raises(BadInput, match="not analysed yet"):
            export_table.run(project, request, Unattended())
    assert not request.path.exists()


def test_a_table_has_a_row_for_each_feature_of_each_family(project_copy: Path) -> None:
    found, path = written(project_copy, "families.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["feature"]) for row in rows] == [i for f in found.families for i in f.members]
    assert rows[0]["parent"] == ""
    assert rows[0]["name"].startswith("'="), "a spreadsheet must not run it"
    weights = {(e.parent, e.child): e.weight for e in found.families[0].edges}
    for row in rows[1 : len(found.families[0].members)]:
        edge = int(row["parent"]), int(row["feature"])
        assert float(row["weight"]) == pytest.approx(weights[edge])


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_lists_keep_the_tree_of_each_family(project_copy: Path, ending: str) -> None:
    found, path = written(project_copy, f"families.{ending}")
    if ending == "jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    else:
        rows = pq.read_table(path, page_checksum_verification=True).to_pylist()
    assert [row["root"] for row in rows] == [one.root for one in found.families]
    assert rows[0]["name"] == "=cmd|' /C calc'!A0", "the exact text where nothing runs it"
    for row, one in zip(rows, found.families, strict=True):
        assert row["strength"] == pytest.approx(one.strength)
        assert tuple(member["feature"] for member in row["members"]) == one.members
        assert row["members"][0]["parent"] is None
        parents = {member["feature"]: member["parent"] for member in row["members"][1:]}
        assert parents == {edge.child: edge.parent for edge in one.edges}
