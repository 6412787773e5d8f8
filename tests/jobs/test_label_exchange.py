"""Labels and marks out to a file, and from one into a project."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from saedesk.errors import BadInput
from saedesk.features.labels.label_score import LabelScore
from saedesk.jobs.label_exchange import (
    ExportLabelsRequest,
    ImportLabelsRequest,
    export_labels,
    import_labels,
    preview_labels,
)
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended
from tests.tiny_projects import FEATURES

CONTROL = Unattended()
DANGEROUS = '=HYPERLINK("http://x")'


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as opened:
        yield opened


def sae_of(project: Project) -> str:
    record = project.current("saes")
    assert record is not None
    return record.hash


def written(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def taken(project: Project, path: Path, **choices: bool):  # type: ignore[no-untyped-def]
    return import_labels(project, ImportLabelsRequest(path, **choices), CONTROL)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_what_is_written_comes_back_exactly(project: Project, tmp_path: Path, ending: str) -> None:
    sae = sae_of(project)
    project.labels.add(
        sae,
        [
            FeatureLabel(3, DANGEROUS, PERSON, "you"),
            FeatureLabel(4, "'+1 apostrophes", LANGUAGE_MODEL, "small-7b"),
        ],
    )
    marks = {
        3: FeatureMark(True, False, 'Two lines,\n=and "quotes"', frozenset({"b", "A tag"})),
        20: FeatureMark(hidden=True),
    }
    project.marks.put(sae, marks)
    label = project.labels.current_label(sae, 4)
    assert label is not None
    project.labels.put_scores([(label.id, LabelScore("lexical", 0.75, 0.7, 0.8, 40))])
    path = tmp_path / f"labels.{ending}"
    before = {i: one.text for i, one in project.labels.current(sae).items() if one.text}
    assert export_labels(project, ExportLabelsRequest(path), CONTROL) == len(
        set(before) | set(marks)
    )
    project.marks.put(sae, dict.fromkeys(marks, FeatureMark()))
    project.labels.add(sae, [FeatureLabel(i, f"keyword {i}", KEYWORDS) for i in before])
    result = taken(project, path)
    now = project.labels.current(sae)
    assert {i: one.text for i, one in now.items()} == before
    assert (now[4].source, now[4].author) == (LANGUAGE_MODEL, "small-7b")
    assert (now[3].source, now[3].author) == (PERSON, path.name)
    assert now[3].details == {"imported_from": path.name}
    assert project.marks.marks(sae) == marks
    assert result.preview.replaced_labels == len(before)
    assert project.labels.scores(sae) == {}, "scores are measured here, not believed"


def test_a_spreadsheet_is_given_nothing_to_run(project: Project, tmp_path: Path) -> None:
    project.labels.add(sae_of(project), [FeatureLabel(3, DANGEROUS, PERSON, "you")])
    path = tmp_path / "labels.csv"
    export_labels(project, ExportLabelsRequest(path), CONTROL)
    with path.open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["feature"] == "3")
    assert row["label"] == "'" + DANGEROUS
    assert set(row) >= {"feature", "label", "source", "score", "starred", "hidden", "note", "tags"}


def test_a_persons_words_stay_unless_somebody_says_otherwise(
    project: Project, tmp_path: Path
) -> None:
    sae = sae_of(project)
    project.labels.add(sae, [FeatureLabel(1, "Mine", PERSON, "you")])
    project.marks.put(sae, {1: FeatureMark(True, note="My note")})
    path = written(
        tmp_path / "theirs.jsonl",
        {"feature": 1, "label": "Theirs", "starred": False, "note": "Their note", "tags": "x; y"},
        {"feature": 2, "label": "Second", "source": "language model", "author": "m"},
        {"feature": FEATURES, "label": "Elsewhere"},
    )
    seen = preview_labels(project, ImportLabelsRequest(path), CONTROL)
    assert (seen.rows, seen.unknown, seen.person_labels, seen.person_marks) == (3, 1, 1, 1)
    assert seen.new_labels + seen.replaced_labels == 1
    assert project.labels.current(sae)[1].text == "Mine", "a preview writes nothing"
    assert taken(project, path).preview == seen
    assert project.labels.current(sae)[1].text == "Mine"
    assert project.labels.current(sae)[2].text == "Second"
    kept = FeatureMark(True, note="My note", tags=frozenset({"x", "y"}))
    assert project.marks.marks(sae)[1] == kept
    taken(project, path, replace_person=True)
    assert project.labels.current(sae)[1].text == "Theirs"
    assert project.marks.marks(sae)[1] == replace(kept, starred=False, note="Their note")
    assert [label.text for label in project.labels.history(sae, 1)][:2] == ["Theirs", "Mine"]


def test_empty_cells_leave_what_is_here(project: Project, tmp_path: Path) -> None:
    sae = sae_of(project)
    project.marks.put(sae, {1: FeatureMark(True, True, "Note", frozenset({"t"}))})
    labels = project.labels.current(sae)
    path = tmp_path / "labels.csv"
    path.write_text("feature,label,starred,hidden,note,tags\n1,,,,,\n0,,,,,\n", encoding="utf-8")
    assert taken(project, path, replace_person=True).preview.same == 2
    assert project.labels.current(sae) == labels
    assert project.marks.marks(sae)[1] == FeatureMark(True, True, "Note", frozenset({"t"}))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"label": "x"}], ["no column “feature”"]),
        ([{"feature": "one"}], ["Line 1", "“one”", "feature"]),
        ([{"feature": 1}, {"feature": 1}], ["Lines 1 and 2", "feature 1"]),
        ([{"feature": 1, "source": "oracle"}], ["Line 1", "oracle", "keywords"]),
        ([{"feature": 1, "starred": "perhaps"}], ["Line 1", "perhaps", "true or false"]),
        ([{"feature": 1, "label": "x" * 201}], ["Line 1", "label", "200"]),
        ([{"feature": 1, "tags": "x" * 61}], ["Line 1", "tags", "60"]),
        ([{"feature": 999}], ["another SAE"]),
    ],
)
def test_a_cell_that_cannot_be_meant_is_named_and_nothing_is_written(
    project: Project, tmp_path: Path, rows: list[dict[str, object]], words: list[str]
) -> None:
    sae = sae_of(project)
    before = project.labels.current(sae)
    path = written(tmp_path / "bad.jsonl", *rows)
    with pytest.raises(BadInput) as raised:
        taken(project, path)
    assert all(word in raised.value.sentence for word in words), raised.value.sentence
    assert project.labels.current(sae) == before


def test_the_table_of_all_features_can_be_read_back(project: Project, tmp_path: Path) -> None:
    from saedesk.jobs import export_table

    sae = sae_of(project)
    before = project.labels.current(sae)
    path = tmp_path / "features.csv"
    export_table.run(project, export_table.ExportRequest("features", path), CONTROL)
    project.labels.add(sae, [FeatureLabel(i, f"other {i}", LANGUAGE_MODEL) for i in before])
    taken(project, path)
    now = project.labels.current(sae)
    assert {i: one.text for i, one in now.items()} == {i: one.text for i, one in before.items()}
    assert all(one.source == KEYWORDS for one in now.values())


def test_signs_that_cannot_be_seen_stay_outside(project: Project, tmp_path: Path) -> None:
    row = {"feature": 3, "label": "Red\u202e shift\x07", "tags": "sky\u2066"}
    taken(project, written(tmp_path / "labels.jsonl", row))
    sae = sae_of(project)
    label = project.labels.current_label(sae, 3)
    assert label is not None
    assert label.text == "Red shift"
    assert project.marks.marks(sae)[3].tags == {"sky"}
