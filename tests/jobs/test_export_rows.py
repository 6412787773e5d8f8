"""Features and documents leave with all that is known of them, and texts come back unchanged."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from saedesk.features.feature_neighbours import nearest_by_direction
from saedesk.features.labels.label_score import LabelScore
from saedesk.features.latent_statistics import QUANTILES
from saedesk.jobs import export_table
from saedesk.jobs.export_table import ExportRequest, write_table
from saedesk.jobs.label_exchange import ExportLabelsRequest, export_labels
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.table_writers import safe_text
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.label_store import FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended
from tests.tiny_projects import FEATURES, import_file

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HOSTILE = (
    *(f"{sign}1+1" for sign in SIGNS),
    *(f"{quotes}{sign}x" for sign in SIGNS for quotes in ("'", "''")),
    "plain", "it's = 3", "'quoted'", "'", "", "a;=1", 'say "=1"', "\u202eabc", "-",
)  # fmt: skip


def exported(project: Project, table: str, path: Path, **wanted: object) -> list[dict]:
    request = ExportRequest(table, path, **wanted)  # type: ignore[arg-type]
    count = export_table.run(project, request, Unattended())
    rows = read_rows(path)
    assert len(rows) == count
    return rows


def read_rows(path: Path) -> list[dict]:
    if path.suffix == ".parquet":
        return pq.read_table(path, page_checksum_verification=True).to_pylist()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def unescaped(text: str) -> str:
    """What undoes the escape, as documented: one apostrophe less before a formula sign."""
    rest = text.lstrip("'")
    return text[1:] if text.startswith("'") and rest.startswith(SIGNS) else text


# -- the escape --------------------------------------------------------------------------------


def test_every_text_comes_back_and_none_begins_as_a_formula(tmp_path: Path) -> None:
    assert [unescaped(safe_text(text)) for text in HOSTILE] == list(HOSTILE)
    rows = [{"=name": text, "number": -2.5, "whole": -3, "none": None} for text in HOSTILE]
    path = tmp_path / "t.csv"
    write_table(path, rows)
    with path.open(newline="", encoding="utf-8") as file:
        head, *cells = list(csv.reader(file))
    assert head[0] == "'=name"
    assert not any(cell.startswith(SIGNS) for cell, *_ in cells)
    assert [unescaped(cell) for cell, *_ in cells] == list(HOSTILE)
    assert {tuple(rest) for _, *rest in cells} == {("-2.5", "-3", "")}
    assert '"plain",-2.5,-3,' in path.read_text("utf-8")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_exported_documents_are_the_same_documents_again(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    """With an SAE, so with its columns; hostile keys, titles, texts and fields."""
    hostile = [text.strip() or "x" for text in HOSTILE]
    with Project.open(project_copy) as project:
        with project.database.writing() as connection:
            for number, text in enumerate(hostile, 1):
                cells = (f"{text} {number}", f"{text} title", f"{text} text", number)
                connection.execute(
                    "UPDATE documents SET key = ?, title = ?, text = ? WHERE id = ?", cells
                )
        out = tmp_path / f"d.{ending}"
        exported(project, "documents", out)
        before = list(project.documents.iterate())
        fields = {f.name: f.type for f in project.documents.fields()}
    with Project.create(tmp_path / "again.saedesk") as again:
        import_file(again, out)
        after = list(again.documents.iterate())
        types = {f.name: f.type for f in again.documents.fields()}
    undo = unescaped if ending == "csv" else str
    for name in ("key", "title", "text"):
        assert [undo(getattr(d, name)) for d in after] == [getattr(d, name) for d in before]
    for name, type_ in fields.items():
        assert types[f"field:{name}"] == type_
        assert [d.fields[f"field:{name}"] for d in after] == [d.fields[name] for d in before]


# -- features ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_features_carry_their_statistics(project_copy: Path, tmp_path: Path, ending: str) -> None:
    with Project.open(project_copy) as project:
        sae = open_analysed_sae(project)
        project.labels.add(sae.hash, [FeatureLabel(4, "=mine", "person", "you")])
        project.labels.set_star(sae.hash, 4, True)
        label = project.labels.current_label(sae.hash, 4)
        project.labels.put_scores([(label.id, LabelScore("lexical", 0.9, 0.8, 0.95, 40))])
        rows = exported(project, "features", tmp_path / f"f.{ending}")
        history = project.labels.history(sae.hash, 4)
        keys = {d.id: d.key for d in project.documents.iterate()}
    statistics = sae.statistics
    assert [row["feature"] for row in rows] == list(range(FEATURES))
    assert {row["feature"] for row in rows if row["starred"]} == {4}
    mine = rows[4]
    assert (mine["label"], mine["label_source"], mine["label_author"]) == ("=mine", "person", "you")
    assert (mine["label_versions"], mine["label_changed"]) == (len(history), history[0].created)
    scored = [mine[f"label_score_lexical{part}"] for part in ("", "_low", "_high", "_documents")]
    assert scored == [0.9, 0.8, 0.95, 40]
    assert mine["label_score_embedding"] is None
    for i, row in enumerate(rows):
        values = np.sort(sae.activations.latent(i)[1].astype(np.float64))
        assert row["documents"] == len(values) == statistics.count[i]
        if not len(values):
            assert row["mean"] is row["minimum"] is row["q50"] is None
            continue
        assert row["minimum"] == pytest.approx(values[0])
        assert row["maximum"] == pytest.approx(values[-1])
        quantiles = [row[f"q{round(100 * q):02d}"] for q in QUANTILES[:-1]]
        assert np.allclose(quantiles, np.quantile(values, QUANTILES[:-1]), atol=1e-6)
        assert sum(row["histogram"]) == len(values)
        strongest = row["strongest_documents"]
        assert [d["activation"] for d in strongest] == pytest.approx(values[::-1][:10].tolist())
        assert all(keys[d["document"]] == d["key"] for d in strongest)


def test_the_nearest_features_are_those_of_the_window(project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy) as project:
        sae = open_analysed_sae(project)
        rows = exported(project, "features", tmp_path / "f.jsonl")
        plain = exported(project, "features", tmp_path / "f.csv")
        labels = project.labels.current(sae.hash)
    for i, row in enumerate(rows):
        latents, cosines = nearest_by_direction(sae.directions, i, 5)
        near = row["nearest_features"]
        assert [n["feature"] for n in near] == latents.tolist()
        assert [n["cosine"] for n in near] == pytest.approx(cosines.tolist(), abs=1e-6)
        assert {n["label"] for n in near} <= {label.text for label in labels.values()} | {""}
        told = plain[i]["nearest_features"].split("; ")[0]
        assert told.endswith(f" {cosines[0]:.4f}")
        keys = "; ".join(d["key"] for d in row["strongest_documents"])
        assert plain[i]["strongest_documents"] == keys
    assert "histogram" not in plain[0]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_features_carry_marks_and_scores_under_the_names_of_the_table_of_labels(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    with Project.open(project_copy) as project:
        sae = open_analysed_sae(project).hash
        marks = {
            2: FeatureMark(True, True, "=note, of two\nlines", frozenset({"b tag", "A tag"})),
            3: FeatureMark(),
        }
        project.marks.put(sae, marks)
        project.labels.add(sae, [FeatureLabel(i, "Mine", "person", "Ada") for i in (2, 3)])
        label = project.labels.current_label(sae, 2)
        scores = [
            LabelScore("embedding", 0.91, 0.85, 0.97, 80),
            LabelScore("detection F1", 0.7, 0.5, 0.9, 12),
            LabelScore("detection Pearson", -0.1, -0.4, 0.2, 12),
        ]
        project.labels.put_scores([(label.id, score) for score in scores])
        cleared = project.labels.add(sae, [FeatureLabel(4, "", "person", "Ada")])
        project.labels.put_scores([(cleared[0], scores[0])])
        rows = exported(project, "features", tmp_path / f"f.{ending}")
        labels = tmp_path / f"l.{ending}"
        export_labels(project, ExportLabelsRequest(labels), Unattended())
    of_labels = {int(row["feature"]): row for row in read_rows(labels)}
    undo = unescaped if ending == "csv" else str
    assert undo(rows[2]["note"]) == "=note, of two\nlines"
    assert rows[2]["tags"] == "A tag; b tag"
    assert rows[2]["label_author"] == "Ada"
    assert [str(rows[i]["hidden"]).lower() for i in (2, 3)] == ["true", "false"]
    shown = [rows[2][name] for name in ("score", "score_low", "score_high", "score_documents")]
    assert [float(value) for value in shown] == [0.91, 0.85, 0.97, 80]
    assert rows[2]["scorer"] == "embedding"
    assert float(rows[2]["label_score_detection_pearson_low"]) == -0.4
    assert int(rows[2]["label_score_detection_f1_documents"]) == 12
    for unscored in (rows[3], rows[4]):
        assert unscored["score"] in (None, ""), "a label that was taken away is not judged"
        assert unscored["scorer"] == ""
    same = ("score", "score_low", "score_high", "score_documents", "scorer", "hidden", "note")
    for latent in (2, 3):
        for name in (*same, "starred", "tags", "label"):
            assert of_labels[latent][name] == rows[latent][name]


# -- documents ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_documents_carry_all_their_active_features(
    project_copy: Path, tmp_path: Path, ending: str
) -> None:
    with Project.open(project_copy) as project:
        sae = open_analysed_sae(project)
        rows = exported(project, "documents", tmp_path / f"d.{ending}")
        assert "active_features" not in exported(project, "documents", tmp_path / "d.csv")[0]
    for at, row in enumerate(rows):
        latents, values = sae.activations.document(at)
        active = row["active_features"]
        assert [f["feature"] for f in active] == latents.tolist()
        assert [f["activation"] for f in active] == pytest.approx(values.tolist())
        assert row["features"].count(";") == len(latents) - 1


def test_documents_keep_the_order_asked_for(project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy) as project:
        ids = project.documents.find()[[7, 2, 30]]
        wanted = [row.key for row in project.documents.rows(ids)]
        rows = exported(project, "documents", tmp_path / "d.csv", documents=ids)
        assert [row["key"] for row in rows] == wanted
        kept = DocumentFilter(document_ids=np.sort(ids))
        rows = exported(project, "documents", tmp_path / "d.csv", where=kept)
        assert [row["key"] for row in rows] == sorted(wanted)


def test_documents_leave_before_their_sae_is_analysed(project_copy: Path, tmp_path: Path) -> None:
    from saedesk.jobs.analyse_features import remove_analysis

    with Project.open(project_copy) as project:
        for activations in project.artifacts("activations"):
            remove_analysis(project, activations)
        rows = exported(project, "documents", tmp_path / "d.csv")
    assert "features" not in rows[0]
    assert any(name.startswith("field:") for name in rows[0])
