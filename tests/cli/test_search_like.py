"""`saedesk search PROJECT --like KEY`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saedesk.cli.command_line import main
from saedesk.project.project_folder import Project


def search(capfd: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main(["search", *map(str, words)])
    return code, *capfd.readouterr()


def test_documents_are_searched_with_by_their_keys(
    capfd: pytest.CaptureFixture[str], project_copy: Path
) -> None:
    with Project.open(project_copy, read_only=True) as project:
        first, second = project.documents.rows([1, 7])
    like = ("--like", first.key, "--like", second.key)
    code, out, err = search(capfd, project_copy, *like, "--steer", "0=0.3", "--top", 60, "--json")
    assert code == 0, err
    content = json.loads(out)
    assert content["like"] == [first.key, second.key]
    assert len(content["results"]) == 58
    assert not {first.key, second.key} & {row["key"] for row in content["results"]}
    assert content["cosine"] < 1
    code, out, _ = search(capfd, project_copy, "--like", first.key)
    assert code == 0
    assert f"The query is the document {first.key}, left out of the results." in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "either QUERY"),
        (("x", "--like", "1"), "either QUERY"),
        (("--like", "no such key"), "no document with the key “no such key”"),
    ],
)
def test_what_cannot_be_searched_with_is_one_sentence(
    capfd: pytest.CaptureFixture[str], project_copy: Path, words: tuple[str, ...], said: str
) -> None:
    code, out, err = search(capfd, project_copy, *words)
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.splitlines()) == 1
