"""A stopped training is listed with its name and settings, and goes on from its checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from saedesk.jobs import train_sae
from saedesk.jobs.unfinished_trainings import (
    forget,
    next_run_name,
    unfinished_trainings,
)
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener, train_request


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as opened:
        yield opened


def stop_a_training(project: Project):
    request = train_request(seed=9)
    with pytest.raises(Cancelled):
        train_sae.run(project, request, Listener(cancel_at=20))
    return request


def test_a_stopped_training_is_listed_and_goes_on(project: Project) -> None:
    in_use = project.current("saes")
    request = stop_a_training(project)
    (waiting,) = unfinished_trainings(project)
    assert waiting.name == "Run 2"
    assert waiting.request.config == request.config
    assert 0 < waiting.step <= 20
    assert waiting.total_steps == 90
    assert next_run_name(project) == "Run 3"
    record = train_sae.run(project, waiting.request, Unattended())
    assert record.summary["name"] == "Run 2"
    assert record.summary["steps"] == 90
    assert unfinished_trainings(project) == []
    assert project.current("saes") == in_use


def test_it_can_be_forgotten_and_damage_hides_it(project: Project) -> None:
    stop_a_training(project)
    (waiting,) = unfinished_trainings(project)
    note = waiting.folder / "training.json"
    content = note.read_text()
    note.write_text("{")
    assert unfinished_trainings(project) == []
    note.write_text(content)
    forget(project, waiting)
    assert unfinished_trainings(project) == []
    assert not waiting.folder.exists()


def test_the_first_run_is_put_in_use_and_later_ones_when_asked(project: Project) -> None:
    before = project.current("saes")
    quiet = replace(train_request(seed=3, epochs=2), put_in_use=False)
    assert train_sae.run(project, quiet, Unattended()).hash != before.hash
    assert project.current("saes") == before
    project.remove(before)
    first = train_sae.run(
        project, replace(train_request(seed=4, epochs=2), put_in_use=False), Unattended()
    )
    assert project.current("saes") == first
