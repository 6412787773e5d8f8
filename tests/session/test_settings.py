from __future__ import annotations

import json
from pathlib import Path

import pytest

from saedesk.session.settings import MOST_RECENT_PROJECTS, Settings


def test_settings_last(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    assert settings.get("theme") == "system"
    settings.set("theme", "dark")
    settings.remember_project(tmp_path / "a.saedesk", "a", 3, 4)
    again = Settings(tmp_path)
    assert again.get("theme") == "dark"
    (project,) = again.recent_projects()
    assert (project.name, project.documents, project.features) == ("a", 3, 4)
    assert not project.exists


@pytest.mark.parametrize(
    "content", [b"", b"{half", b"[1]", b"\xff\xfe", b"null", b"[" * 100_000, b'"text"']
)
def test_a_file_that_cannot_be_read_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(content)
    settings = Settings(tmp_path)
    assert settings.get("theme") == "system"
    assert (tmp_path / "settings.bad").read_bytes() == content
    settings.set("theme", "light")
    assert Settings(tmp_path).get("theme") == "light"


@pytest.mark.parametrize(
    "recent",
    [
        None,
        "text",
        7,
        {"a": 1},
        [None, 3, "x", {}, {"folder": 1}, {"folder": "f", "name": "n", "documents": "many"}],
    ],
)
def test_recent_projects_of_the_wrong_form_are_passed_over(tmp_path: Path, recent) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"recent": recent}))
    settings = Settings(tmp_path)
    assert settings.recent_projects() == []
    settings.forget_projects(tmp_path)
    settings.remember_project(tmp_path / "a", "a", 1, 2)
    assert [project.name for project in settings.recent_projects()] == ["a"]


def test_recent_projects_are_few_the_latest_first_and_each_once(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    for number in range(12):
        settings.remember_project(tmp_path / str(number), str(number), 0, 0)
    settings.remember_project(tmp_path / "9", "nine", 0, 0)
    names = [project.name for project in settings.recent_projects()]
    assert names == ["nine", "11", "10", "8", "7", "6", "5", "4"]
    assert len(names) == MOST_RECENT_PROJECTS
    settings.forget_projects(tmp_path / "9")
    assert "nine" not in [project.name for project in settings.recent_projects()]
    settings.forget_projects()
    assert settings.recent_projects() == []


def test_a_folder_that_cannot_be_written_keeps_settings_for_this_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings = Settings(tmp_path / "file" / "below")
    settings.set("theme", "dark")
    assert settings.get("theme") == "dark"
