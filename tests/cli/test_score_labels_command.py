from __future__ import annotations

import json
from pathlib import Path

import pytest

from saedesk.cli.command_line import main
from saedesk.cli.score_labels_command import shown_score
from saedesk.features.labels.label_score import LabelScore
from saedesk.project.project_folder import Project


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def scored(project_copy: Path) -> Path:
    """The small project with scores, as a corpus of more documents has them."""
    with Project.open(project_copy) as project:
        sae = project.current("saes")
        assert sae is not None
        labels = project.labels.current(sae.hash)
        first = labels[min(labels)]
        project.labels.put_scores(
            [
                (first.id, LabelScore("embedding", 0.834, 0.741, 0.893, 70)),
                (first.id, LabelScore("lexical", 0.61, 0.5, 0.7, 70)),
            ]
        )
    return project_copy


def test_a_summary_in_words_and_as_json(
    project_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "score-labels", project_copy, "--quiet")
    assert code == 0
    assert "labels are scored on documents that nobody labelled from" in out
    code, out, _ = run(capsys, "score-labels", project_copy, "--json", "--scorer", "lexical")
    content = json.loads(out)
    assert set(content) == {"scored", "unscored", "summary", "notes"}
    assert content["scored"] + content["unscored"] > 0
    for summary in content["summary"]:
        assert set(summary["well_labelled"]) == {"0.7", "0.8", "0.9"}


def test_features_show_their_scores(scored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "features", scored, "--top", "100")
    assert "Score" in out.splitlines()[0]
    assert out.count("0.83 (0.74–0.89)") == 1
    _, out, _ = run(capsys, "features", scored, "--json", "--top", "100")
    rows = [row for row in json.loads(out) if row["label_scores"].get("lexical")]
    told = next(row for row in rows if row["label_scores"]["lexical"]["score"] == 0.61)
    assert told["label_scores"]["embedding"] == {
        "score": 0.834,
        "low": 0.741,
        "high": 0.893,
        "documents": 70,
    }
    _, out, _ = run(capsys, "feature", scored, told["feature"])
    assert "Label score (embedding): 0.83, 95 % interval 0.74 to 0.89, on 70 documents" in out
    _, out, _ = run(capsys, "feature", scored, told["feature"], "--json")
    assert json.loads(out)["label_scores"] == told["label_scores"]


def test_without_labels_the_way_out_is_told(
    project_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(project_copy) as project:
        sae = project.current("saes")
        assert sae is not None
        for latent in project.labels.current(sae.hash):
            project.labels.put_in_force(sae.hash, latent, None)
    code, _, err = run(capsys, "score-labels", project_copy)
    assert code == 1
    assert "Label the features first" in err


def test_a_label_without_a_score_shows_nothing() -> None:
    assert shown_score({}) == ""
    lexical = LabelScore("lexical", 0.5, 0.4, 0.6, 50)
    assert shown_score({"lexical": lexical}) == "0.50 (0.40–0.60)"
