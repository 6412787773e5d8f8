from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput, DamagedArtifact
from saedesk.project.project_folder import Project


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.saedesk") as made:
        yield made


def test_a_selection_comes_back_as_it_was(project: Project) -> None:
    ids = np.array([5, 2**40, 1], np.int64)
    number = project.selections.save("Found", ids, {"feature": 12})
    empty = project.selections.save("None of them", [])
    first, second = project.selections.all()
    assert (first.id, first.name, first.n_documents) == (number, "Found", 3)
    assert first.origin == {"feature": 12}
    assert second.n_documents == 0
    np.testing.assert_array_equal(project.selections.document_ids(number), ids)
    assert project.selections.document_ids(empty).dtype == np.int64
    project.selections.delete(number)
    assert [one.id for one in project.selections.all()] == [empty]
    with pytest.raises(BadInput, match="deleted"):
        project.selections.document_ids(number)


def test_names_are_told_apart(project: Project) -> None:
    one = project.selections.save("One", [1])
    two = project.selections.save("Two", [2])
    with pytest.raises(BadInput, match="“One” already"):
        project.selections.save("One", [3])
    with pytest.raises(BadInput, match="“One” already"):
        project.selections.rename(two, "One")
    project.selections.rename(one, "One")
    project.selections.rename(two, "Three")
    assert [s.name for s in project.selections.all()] == ["One", "Three"]
    for bad in ("", " ", "x" * 121):
        with pytest.raises(BadInput, match="name"):
            project.selections.save(bad, [1])


def test_a_deleted_one_is_restored_but_takes_no_others_place(project: Project) -> None:
    number = project.selections.save("One", [3, 1], {"feature": 1})
    (before,) = project.selections.all()
    project.selections.delete(number)
    project.selections.restore(before, np.array([3, 1]))
    assert project.selections.all() == [before]
    assert project.selections.document_ids(number).tolist() == [3, 1]
    project.selections.delete(number)
    assert project.selections.save("Other", [7]) == number, "the number is free again"
    with pytest.raises(BadInput, match="“Other” was saved in the place of “One”"):
        project.selections.restore(before, np.array([3, 1]))
    project.selections.rename(number, "One")
    with pytest.raises(BadInput, match="“One” already"):
        project.selections.restore(before, np.array([3, 1]))
    assert project.selections.document_ids(number).tolist() == [7]


def test_one_that_is_cut_off_is_told(project: Project) -> None:
    number = project.selections.save("One", [1, 2])
    with project.database.writing() as connection:
        connection.execute("UPDATE saved_selections SET document_ids = x'0102030405'")
    with pytest.raises(DamagedArtifact, match="cut off"):
        project.selections.document_ids(number)
