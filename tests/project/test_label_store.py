from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.shown_score import shown_score
from saedesk.project import label_store
from saedesk.project.label_store import KEYWORDS, PERSON, FeatureLabel
from saedesk.project.project_folder import Project


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.saedesk") as made:
        yield made


def test_every_label_stays_in_the_history(project: Project) -> None:
    labels = project.labels
    (first,) = labels.add("sae", [FeatureLabel(3, "dark matter", KEYWORDS, details={"terms": [1]})])
    (second,) = labels.add("sae", [FeatureLabel(3, "halos", PERSON, "you")])
    assert labels.current("sae")[3].text == "halos"
    assert [(label.id, label.text) for label in labels.history("sae", 3)] == [
        (second, "halos"),
        (first, "dark matter"),
    ]
    labels.put_in_force("sae", 3, first)
    assert labels.current("sae")[3].details == {"terms": [1]}
    labels.put_in_force("sae", 3, None)
    assert labels.current("sae") == {}
    assert len(labels.history("sae", 3)) == 2
    assert labels.current("another") == {}


def test_programs_pass_over_what_a_person_wrote(project: Project) -> None:
    labels = project.labels
    labels.add("sae", [FeatureLabel(1, "mine", PERSON), FeatureLabel(2, "old", KEYWORDS)])
    new = [FeatureLabel(latent, f"new {latent}", KEYWORDS) for latent in (1, 2, 3)]
    assert len(labels.add("sae", new, over_person=False)) == 2
    texts = {latent: label.text for latent, label in labels.current("sae").items()}
    assert texts == {1: "mine", 2: "new 2", 3: "new 3"}


def test_labels_of_one_call_are_kept_together_or_not_at_all(project: Project) -> None:
    def broken():
        yield FeatureLabel(1, "one", PERSON)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        project.labels.add("sae", broken())
    assert project.labels.current("sae") == {}


def test_stars(project: Project) -> None:
    project.labels.set_star("sae", 5, True)
    project.labels.set_star("sae", 6, True)
    project.labels.set_star("sae", 6, False)
    project.labels.set_star("sae", 5, True)
    assert project.labels.starred("sae") == {5}
    assert project.labels.starred("another") == set()


def test_scores_belong_to_the_label_they_were_given_to(project: Project) -> None:
    labels = project.labels
    first, other = labels.add("sae", [FeatureLabel(1, "a", KEYWORDS), FeatureLabel(2, "b", PERSON)])
    lexical = LabelScore("lexical", 0.8, 0.7, 0.9, 50)
    embedding = LabelScore("embedding", 0.6, 0.4, 0.8, 60)
    labels.put_scores([(first, lexical), (first, embedding), (other, lexical)], {"seed": 0})
    assert labels.scores("sae") == {
        1: {"embedding": embedding, "lexical": lexical},
        2: {"lexical": lexical},
    }
    better = LabelScore("lexical", 0.9, 0.85, 0.95, 50)
    labels.put_scores([(first, better)])
    assert labels.scores_of(first)["lexical"] == better
    (second,) = labels.add("sae", [FeatureLabel(1, "c", PERSON)])
    assert 1 not in labels.scores("sae")
    assert labels.scores_of(second) == {}
    labels.put_in_force("sae", 1, first)
    assert labels.scores("sae")[1]["lexical"] == better
    labels.remove_scores([first], "lexical")
    assert set(labels.scores("sae")[1]) == {"embedding"}
    assert labels.scores("another") == {}


def test_the_scores_that_are_shown_are_chosen_in_one_go(project: Project) -> None:
    labels = project.labels
    scorers = ("lexical", "embedding", "detection", "by hand")
    ids = labels.add("sae", [FeatureLabel(i, f"label {i}", KEYWORDS) for i in range(16)])
    scores = [
        (label_id, LabelScore(scorer, 0.5 + at / 100 + which / 10, 0.4, 0.9, 50 + which))
        for at, label_id in enumerate(ids)
        for which, scorer in enumerate(scorers)
        # Every set of scorers, the empty one too.
        if at >> which & 1
    ]
    labels.put_scores(scores)
    labels.add("sae", [FeatureLabel(3, "written again", PERSON)])
    expected = {i: shown_score(found) for i, found in labels.scores("sae").items()}
    assert labels.shown_scores("sae") == expected
    assert len(expected) == 14
    assert labels.shown_scores("another") == {}


def test_details_are_read_only_when_somebody_asks(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = project.labels
    labels.add("sae", [FeatureLabel(i, "a", KEYWORDS, details={"at": i}) for i in range(50)])
    read: list[str] = []
    real = label_store.json.loads
    monkeypatch.setattr(label_store.json, "loads", lambda text: [read.append(text), real(text)][1])
    current = labels.current("sae")
    assert not read
    details = current[7].details
    assert (details["at"], details.get("from"), len(details)) == (7, None, 1)
    assert details == {"at": 7}
    assert len(read) == 1
    labels.add("sae", [current[7]])
    assert labels.current("sae")[7].details == {"at": 7}, "what was read can be written again"
