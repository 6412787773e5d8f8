from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from saedesk.project.label_requests import DETECTION, LABEL, StoredRequest
from saedesk.project.project_folder import Project


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.saedesk") as made:
        yield made


def test_every_prompt_and_answer_is_kept(project: Project) -> None:
    asked = StoredRequest(
        *("sae", 3, LABEL, "tiny", "http://127.0.0.1:1/v1", "What is “it”?", "FINAL: stars"),
        tokens_in=100,
        tokens_out=7,
        label_id=5,
    )
    judged = replace(asked, kind=DETECTION, answer="", problem="The answer was cut off.")
    first, second = project.label_requests.add([asked, judged])
    project.label_requests.add([replace(asked, latent=4)])
    newest, oldest = project.label_requests.of_latent("sae", 3)
    assert (newest.id, oldest.id) == (second, first)
    assert replace(oldest, id=0, created="") == asked
    assert newest.problem == "The answer was cut off."
    assert oldest.created
    assert project.label_requests.tokens("sae") == (300, 21)
    assert project.label_requests.tokens("another") == (0, 0)
