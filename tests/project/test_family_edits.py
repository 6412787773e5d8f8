"""What people did to families, in the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from saedesk.errors import BadInput, DamagedArtifact, ProjectProblem
from saedesk.features.families.edited_families import FamilyEdit
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from saedesk.project.family_edits import LONGEST_FAMILY_NAME
from saedesk.project.project_folder import Project

FAMILY = FeatureFamily(3, (1, 2), (FamilyEdge(3, 1, 0.5), FamilyEdge(1, 2, 0.25)), 2)
EDITS = {
    3: FamilyEdit("Mine “ünïcode”", True, False, FAMILY, True),
    7: FamilyEdit(merged_into=3),
    8: FamilyEdit(hidden=True),
}


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.saedesk") as project:
        yield project


def test_they_are_there_again(project: Project) -> None:
    project.family_edits.put("a", EDITS)
    folder = project.folder
    project.close()
    with Project.open(folder, read_only=True) as again:
        assert again.family_edits.edits("a") == EDITS
        assert again.family_edits.edits("b") == {}
        with pytest.raises(ProjectProblem, match="read-only"):
            again.family_edits.put("a", {3: None})


def test_one_transaction_changes_some_and_forgets_others(project: Project) -> None:
    project.family_edits.put("a", EDITS)
    project.family_edits.put("a", {3: None, 8: FamilyEdit(), 9: FamilyEdit("new")})
    assert project.family_edits.edits("a") == {7: EDITS[7], 9: FamilyEdit("new")}
    too_long = FamilyEdit("x" * (LONGEST_FAMILY_NAME + 1))
    with pytest.raises(BadInput, match="at most 120 characters"):
        project.family_edits.put("a", {7: None, 9: too_long})
    assert set(project.family_edits.edits("a")) == {7, 9}
    project.family_edits.put("b", EDITS)
    project.family_edits.forget("a")
    assert project.family_edits.edits("a") == {}
    assert project.family_edits.edits("b") == EDITS


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"root": 3}',
        "[" * 100_000,
        '{"root": 4, "children": [], "edges": [], "found_in_pass": 1}',
        '{"root": 3, "children": [1], "edges": [], "found_in_pass": 1}',
        '{"root": 3, "children": [1], "edges": [{"parent": 9, "child": 1, "weight": 0.5}], '
        '"found_in_pass": 1}',
        '{"root": 3, "children": [1], "edges": [{"parent": 3, "child": 1, "weight": NaN}], '
        '"found_in_pass": 1}',
        '{"root": Infinity, "children": [], "edges": [], "found_in_pass": 1}',
        '{"root": -1, "children": [], "edges": [], "found_in_pass": 1}',
    ],
)
def test_a_family_that_is_none_is_named(project: Project, text: str) -> None:
    project.family_edits.put("a", EDITS)
    with closing(sqlite3.connect(project.database.path)) as connection:
        connection.execute("UPDATE family_edits SET family = ? WHERE root = 3", (text,))
        connection.commit()
    with pytest.raises(DamagedArtifact, match="The family of feature 3"):
        project.family_edits.edits("a")
