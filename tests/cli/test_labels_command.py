from __future__ import annotations

import json
from pathlib import Path

import pytest

from saedesk.cli.command_line import main
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project


def answer_of(capfd: pytest.CaptureFixture[str], *words: object) -> dict[str, object]:
    assert main([*map(str, words), "--json"]) == 0, capfd.readouterr().err
    return dict(json.loads(capfd.readouterr().out))


def test_labels_go_out_and_come_back(
    project_copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labels.csv"
    out = answer_of(capfd, "labels", "export", project_copy, file)
    assert out["path"] == str(file)
    assert len(file.read_text("utf-8").splitlines()) == int(str(out["features"])) + 1
    with Project.open(project_copy) as project:
        sae = project.current("saes")
        assert sae is not None
        labels = project.labels.current(sae.hash)
        latent = min(labels)
        project.labels.add(sae.hash, [FeatureLabel(latent, "Mine", PERSON, "you")])
    seen = answer_of(capfd, "labels", "import", project_copy, file, "--preview")
    assert (seen["rows"], seen["person_labels"], seen["unknown"]) == (out["features"], 1, 0)
    assert main(["labels", "import", str(project_copy), str(file)]) == 0
    assert "1 labels and marks of a person stay; --replace-person" in capfd.readouterr().out
    with Project.open(project_copy) as project:
        assert project.labels.current(sae.hash)[latent].text == "Mine"
    answer_of(capfd, "labels", "import", project_copy, file, "--replace-person")
    with Project.open(project_copy) as project:
        assert project.labels.current(sae.hash)[latent].text == labels[latent].text


def test_what_cannot_be_read_is_named(
    project_copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("number,label\n1,x\n", encoding="utf-8")
    assert main(["labels", "import", str(project_copy), str(file)]) == 1
    assert "no column “feature”" in capfd.readouterr().err
    assert main(["labels", "export", str(project_copy), str(file), "--preview"]) == 1
    assert "--preview" in capfd.readouterr().err
    assert main(["labels", "export", str(project_copy), str(tmp_path / "x.xls")]) == 1
    assert ".csv" in capfd.readouterr().err
