"""Labels are scored on documents nobody labelled from; the scores are kept with the labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput, BadSetting
from saedesk.features.labels.documents_read import documents_read
from saedesk.features.labels.label_scoring import EMBEDDING, LEXICAL
from saedesk.features.labels.scoring_documents import ScoringSettings
from saedesk.jobs import label_features, score_labels
from saedesk.jobs.label_features import LabelRequest
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae
from saedesk.jobs.score_labels import ScoreLabelsRequest, rows_read_of
from saedesk.project.label_store import KEYWORDS, PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener

FEW = ScoringSettings(fewest=3)
"""The small project has only some dozen documents for each feature."""


@pytest.fixture
def project(project_copy: Path) -> Iterator[Project]:
    with Project.open(project_copy) as opened:
        yield opened


def score(project: Project, **settings: object) -> score_labels.ScoreLabelsResult:
    request = ScoreLabelsRequest(**{"settings": FEW, **settings})
    return score_labels.run(project, request, Unattended())


def dense_feature(sae: LoadedSae) -> int:
    return int(np.argmax(sae.statistics.count))


def test_scores_are_kept_with_the_labels_in_force(project: Project) -> None:
    result = score(project)
    sae = open_analysed_sae(project)
    kept = project.labels.scores(sae.hash)
    assert result.scored == len(kept) > 0
    assert result.scored + result.unscored == len(project.labels.current(sae.hash))
    assert result.notes == ()
    assert {one.scorer for one in result.summary} == {EMBEDDING, LEXICAL}
    for summary in result.summary:
        scores = [by_scorer[summary.scorer] for by_scorer in kept.values()]
        assert summary.labels == len(scores)
        assert summary.mean == pytest.approx(np.mean([one.score for one in scores]))
        assert summary.well_labelled["0.7"] == sum(one.low > 0.7 for one in scores)
    assert score(project).summary == result.summary


def test_labels_of_another_feature_score_at_chance(project: Project) -> None:
    sae = open_analysed_sae(project)
    right = score(project).summary[0]
    labels = project.labels.current(sae.hash)
    latents = sorted(project.labels.scores(sae.hash))
    # By rank of likeness far away: the label of the feature with the most opposed direction.
    opposed = {
        i: min(latents, key=lambda j: sae.directions[i] @ sae.directions[j]) for i in latents
    }
    wrong = [
        FeatureLabel(i, labels[j].text, KEYWORDS, details=labels[i].details)
        for i, j in opposed.items()
    ]
    project.labels.add(sae.hash, wrong)
    shuffled = score(project).summary[0]
    assert right.scorer == shuffled.scorer == EMBEDDING
    assert right.mean > 0.65
    assert shuffled.mean < right.mean - 0.1
    assert all(count == 0 for count in shuffled.well_labelled.values())


def test_a_feature_with_too_few_documents_loses_an_older_score(project: Project) -> None:
    score(project)
    sae = open_analysed_sae(project)
    assert project.labels.scores(sae.hash)
    result = score(project, settings=ScoringSettings(fewest=55))
    assert result.scored == 0
    assert result.summary == ()
    assert project.labels.scores(sae.hash) == {}


def test_which_documents_were_read(project: Project) -> None:
    sae = open_analysed_sae(project)
    latent = dense_feature(sae)
    rows = sae.activations.latent(latent)[0]
    assert len(rows) >= 14
    record = next(a for a in project.artifacts("activations"))

    def read_by(label: FeatureLabel) -> set[int]:
        read = rows_read_of({latent: label}, sae.activations, record.hash, sae.vectors)
        return set(read(latent).tolist())

    made = project.labels.current(sae.hash)[latent]
    wanted = set(documents_read(sae.activations, latent, 100)[0].tolist())
    assert read_by(made) == wanted
    assert len(wanted) < len(rows)
    stronger = set(rows[: max((len(rows) + 1) // 2, 100)].tolist())
    older = FeatureLabel(latent, "x", KEYWORDS, details={"terms": ["x"]})
    assert read_by(older) == stronger
    other = {**made.details["read"], "activations": "another analysis"}
    assert read_by(FeatureLabel(latent, "x", KEYWORDS, details={"read": other})) == stronger
    assert read_by(FeatureLabel(latent, "x", PERSON)) == set(rows[:20].tolist())
    shown = [int(sae.vectors.document_ids[row]) for row in (3, 5)]
    told = FeatureLabel(latent, "x", "language model", details={"read_documents": [*shown, 10**9]})
    assert read_by(told) == {3, 5}


def test_vectors_of_an_unknown_encoder_are_scored_by_words(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = project.current("vectors")
    assert vectors is not None
    for name, sentence in (("", "nobody has said"), ("some-model", "“some-model”")):
        monkeypatch.setitem(vectors.inputs, "model_fingerprint", "")
        monkeypatch.setitem(vectors.inputs, "model", name)
        result = score(project)
        assert [one.scorer for one in result.summary if one.labels] == [LEXICAL]
        assert len(result.notes) == 1
        assert sentence in result.notes[0]
    monkeypatch.setitem(vectors.inputs, "model_fingerprint", "not here")
    assert "is not on this computer" in score(project).notes[0]


def test_labelling_scores_and_says_what_came_of_it(project: Project) -> None:
    result = label_features.run(project, LabelRequest(), Unattended())
    assert result.scores is not None
    assert result.scores.scored + result.scores.unscored == result.labelled
    assert label_features.run(project, LabelRequest(score=False), Unattended()).scores is None


def test_only_the_features_and_scorers_asked_for(project: Project) -> None:
    sae = open_analysed_sae(project)
    latent = dense_feature(sae)
    score(project, latents=(latent,), scorers=(LEXICAL,))
    assert {i: set(s) for i, s in project.labels.scores(sae.hash).items()} == {latent: {LEXICAL}}
    with pytest.raises(BadInput, match="no labels to score"):
        score(project, latents=())
    with pytest.raises(BadSetting, match="no scorer “guess”"):
        score(project, scorers=("guess",))


def test_a_cancel_keeps_what_was_there(project: Project) -> None:
    score(project)
    sae = open_analysed_sae(project)
    before = project.labels.scores(sae.hash)
    with pytest.raises(Cancelled):
        score_labels.run(project, ScoreLabelsRequest(settings=FEW), Listener(cancel_at=2))
    assert project.labels.scores(sae.hash) == before


def test_a_project_open_for_reading_is_left_alone(project_copy: Path) -> None:
    from saedesk.errors import ProjectProblem

    with (
        Project.open(project_copy, read_only=True) as project,
        pytest.raises(ProjectProblem, match="read-only"),
    ):
        score(project)
