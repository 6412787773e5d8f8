from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.errors import BadInput
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.project_folder import Project


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.saedesk") as made:
        yield made


def test_each_mark_leaves_the_others(project: Project) -> None:
    marks = project.marks
    marks.set_note("sae", 1, "Look here.\nTwice.")
    marks.set_hidden("sae", [1, 2], True)
    project.labels.set_star("sae", 1, True)
    marks.set_hidden("sae", [2], False)
    marks.add_tag("sae", [1, 3], "methods")
    assert marks.marks("sae") == {
        1: FeatureMark(True, True, "Look here.\nTwice.", frozenset({"methods"})),
        3: FeatureMark(tags=frozenset({"methods"})),
    }
    assert marks.hidden("sae") == {1}
    marks.set_stars("sae", [1, 3], False)
    assert project.labels.starred("sae") == set()
    assert marks.marks("another") == {}


def test_tags_are_counted_and_taken_away(project: Project) -> None:
    marks = project.marks
    marks.add_tag("sae", [1, 2, 3], "b")
    marks.add_tag("sae", [1], "b")
    marks.add_tag("sae", [3], "a")
    assert marks.tags("sae") == {"a": 1, "b": 3}
    marks.remove_tag("sae", [1, 3, 9], "b")
    assert marks.tags("sae") == {"a": 1, "b": 1}
    for bad in ("", "  ", " x", "x\ny", "x" * 61):
        with pytest.raises(BadInput, match="tag"):
            marks.add_tag("sae", [1], bad)


def test_a_change_is_undone_exactly(project: Project) -> None:
    marks = project.marks
    marks.set_note("sae", 1, "kept")
    marks.add_tag("sae", [2], "old")
    before = marks.of_latents("sae", [1, 2, 3])
    assert before[3] == FeatureMark()
    marks.set_hidden("sae", [1, 2, 3], True)
    marks.remove_tag("sae", [2], "old")
    marks.add_tag("sae", [1, 2, 3], "new")
    marks.put("sae", before)
    assert marks.of_latents("sae", [1, 2, 3]) == before
    assert marks.tags("sae") == {"old": 1}
    with pytest.raises(BadInput):
        marks.put("sae", {5: FeatureMark(starred=True, tags=frozenset({""}))})
    assert 5 not in marks.marks("sae")
