from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from saedesk.jobs import open_demo
from saedesk.jobs.open_demo import DemoRequest
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended
from tests.tiny_projects import train_request


@pytest.fixture
def few_documents(monkeypatch: pytest.MonkeyPatch, small_project: Path) -> None:
    """Sixty documents stand for the six thousand of the installed libraries."""

    def collect(path: Path, control) -> None:
        import json

        with path.open("w", encoding="utf-8") as file:
            for number in range(60):
                row = {column.column: f"{column.column} {number}" for column in open_demo.COLUMNS}
                row |= {"text": f"Returns the {number}th value of the array, sorted."}
                file.write(json.dumps(row) + "\n")

    monkeypatch.setattr(open_demo, "collect_reference_documentation", collect)
    monkeypatch.setattr(open_demo, "demo_config", lambda: train_request(epochs=3).config)


def test_without_shipped_resources_everything_is_really_done(
    few_documents: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_demo, "resource", lambda name: tmp_path / "missing" / name)
    folder = tmp_path / "demo.saedesk"
    assert open_demo.run(DemoRequest(folder), Unattended()) == folder
    with Project.open(folder) as project:
        assert project.current("vectors").summary["embedded"] == 60
        assert "shipped" not in project.current("saes").inputs
        made = project.manifest
    # Opening it again makes nothing anew.
    open_demo.run(DemoRequest(folder), Unattended())
    with Project.open(folder) as project:
        assert project.manifest == made


def test_shipped_vectors_and_sae_are_used_where_they_fit(
    few_documents: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first.saedesk"
    shipped = tmp_path / "shipped"
    monkeypatch.setattr(open_demo, "resource", lambda name: shipped / name)
    open_demo.run(DemoRequest(first, from_scratch=True), Unattended())
    with Project.open(first) as project:
        open_demo.store_as_resources(project, project.current("saes"), shipped)
        weights = project.path_of(project.current("saes"), "sae.safetensors").read_bytes()
    second = tmp_path / "second.saedesk"
    open_demo.run(DemoRequest(second), Unattended())
    with Project.open(second) as project:
        assert project.current("vectors").summary["embedded"] == 0
        record = project.current("saes")
        assert record.inputs["shipped"] is True
        assert project.path_of(record, "sae.safetensors").read_bytes() == weights
    shutil.rmtree(shipped / open_demo.SAE_FOLDER)
    third = tmp_path / "third.saedesk"
    open_demo.run(DemoRequest(third), Unattended())
    with Project.open(third) as project:
        assert "shipped" not in project.current("saes").inputs
