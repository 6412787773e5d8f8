"""Labels of families: made, scored on other documents, stored, gone with their analysis."""

from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.errors import BadInput, DamagedArtifact, ProjectProblem
from saedesk.features.families.edited_families import FamilyEdit, with_edits
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import analyse_features, find_families, label_families
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.jobs.label_families import BY_A_PERSON, LabelFamiliesRequest, labels_for, stored_labels
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener

LOOSE = FamilySettings(
    threshold=0.05,
    above_chance=0.0,
    most_density=1.0,
    fewest_documents=1,
    fewest_branches=2,
    fewest_children=2,
)
REQUEST = LabelFamiliesRequest()


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as project:
        find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        yield project


def test_families_get_labels_with_scores_and_are_labelled_once(project: Project) -> None:
    found = find_families.families_in_use(project)
    made = label_families.run(project, REQUEST, Unattended())
    assert set(made) == {one.root for one in found.families}
    assert len({label.text.casefold() for label in made.values()}) == len(made)
    scored = [label for label in made.values() if label.score is not None]
    assert scored, "60 documents are enough to score the largest families"
    for label in scored:
        assert 0 <= label.low <= label.score <= label.high <= 1
        assert label.documents >= 16
    (record,) = project.artifacts("family_labels")
    assert label_families.run(project, REQUEST, Unattended()) == made
    assert project.artifacts("family_labels") == [record]


def test_a_label_tells_the_documents_of_its_family_from_others(project: Project) -> None:
    made = label_families.run(project, REQUEST, Unattended())
    scores = [label.score for label in made.values() if label.score is not None]
    assert sum(scores) / len(scores) > 0.6, "chance is .5"


def test_names_are_scored_and_edited_families_labelled_anew(project: Project) -> None:
    found = find_families.families_in_use(project)
    sae, root = found.sae.hash, found.families[0].root
    own = label_families.run(project, REQUEST, Unattended())[root]
    project.family_edits.put(sae, {root: FamilyEdit(name="qwxz")})
    families = with_edits(found.families, project.family_edits.edits(sae))
    known = labels_for(families, stored_labels(project, found.record))[root]
    assert (known.text, known.author, known.score) == ("qwxz", BY_A_PERSON, None)
    named = label_families.run(project, REQUEST, Unattended())[root]
    assert (named.text, named.author) == ("qwxz", BY_A_PERSON)
    assert named.score not in (None, own.score), "the name itself was scored"
    assert len(project.artifacts("family_labels")) == 1, "older ones are of no use"
    unnamed = with_edits(found.families, {})
    assert labels_for(unnamed, stored_labels(project, found.record))[root] == own


def test_a_score_is_not_told_for_other_members(project: Project) -> None:
    found = find_families.families_in_use(project)
    labels = label_families.run(project, REQUEST, Unattended())
    root = next(root for root, label in labels.items() if label.score is not None)
    whole = next(one for one in found.families if one.root == root)
    smaller = FamilyEdit(family=with_edits([whole], {})[0].family, reshaped=True)
    same = labels_for(with_edits([whole], {root: smaller}), stored_labels(project, found.record))
    assert same[root] == labels[root]
    other = next(one for one in found.families if one.root != root)
    strange = type(whole)(root, other.children, other.edges, 1)
    shown = with_edits([strange], {})
    now = labels_for(shown, stored_labels(project, found.record))[root]
    assert (now.text, now.score, now.documents) == (labels[root].text, None, 0)


def test_before_families_are_found_there_is_nothing_to_label(project_copy: Path) -> None:
    with Project.open(project_copy) as project, pytest.raises(BadInput, match="no families yet"):
        label_families.run(project, REQUEST, Unattended())


def test_it_can_be_cancelled_and_leaves_nothing(project: Project) -> None:
    with pytest.raises(Cancelled):
        label_families.run(project, REQUEST, Listener(cancel_at=5))
    assert project.artifacts("family_labels") == []
    assert label_families.run(project, REQUEST, Unattended())


def test_a_project_that_is_only_read_is_not_labelled(project: Project) -> None:
    folder = project.folder
    label_families.run(project, REQUEST, Unattended())
    project.close()
    with Project.open(folder, read_only=True) as again:
        record = find_families.families_in_use(again).record
        assert stored_labels(again, record)
        with pytest.raises(ProjectProblem, match="read-only"):
            label_families.run(again, REQUEST, Unattended())


def test_labels_go_with_the_analysis_and_damage_is_named(project: Project) -> None:
    label_families.run(project, REQUEST, Unattended())
    families = find_families.families_in_use(project).record
    (record,) = project.artifacts("family_labels")
    path = project.path_of(record, "labels.json")
    path.write_bytes(b"{" + path.read_bytes()[1:])
    with pytest.raises(DamagedArtifact, match="Find the families again"):
        stored_labels(project, families)
    label_families.run(project, REQUEST, Unattended())
    assert stored_labels(project, families), "what is damaged is made again"
    analysis = analyse_features.analysis_in_use(project, project.current("saes"))[1]
    analyse_features.remove_analysis(project, analysis)
    assert project.artifacts("family_labels") == []
