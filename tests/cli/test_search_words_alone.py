"""Where documents have no vectors yet they are searched by their words, as in the window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import saedesk
from saedesk.cli.command_line import main
from saedesk.errors import BadInput
from tests.ui.made_up_abstracts import write_abstracts

KEY = "0000"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("bare")
    made = parent / "bare.saedesk"
    assert main(["new", str(made)]) == 0
    assert main(["import", str(made), str(write_abstracts(parent / "a.csv", 40))]) == 0
    return made


def search(capfd: pytest.CaptureFixture[str], folder: Path, *words: str) -> dict[str, Any]:
    capfd.readouterr()
    assert main(["search", str(folder), *words, "--json"]) == 0
    content: dict[str, Any] = json.loads(capfd.readouterr().out)
    return content


def test_words_are_found(capfd, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    found = search(
        capfd, folder, "learning", "--match", "words", "--sentences", "--facets",
        "--where", "category=Machine learning", "--unlike", KEY, "--save", "Learning",
        "--remember", "--out", str(out),
    )  # fmt: skip
    assert len(found["results"]) > 1
    for one in found["results"]:
        assert any("learning" in sentence["text"].lower() for sentence in one["sentences"])
        assert [bar["kind"] for bar in one["contributions"]] == ["words"]
    assert found["passed"] == 7
    assert found["exact"]
    kept = [json.loads(line)["key"] for line in out.read_text("utf-8").splitlines()]
    keys = [one["key"] for one in found["results"]]
    assert kept == keys
    for again in (("--saved", "Learning"), ("--past", "1")):
        assert [one["key"] for one in search(capfd, folder, *again)["results"]] == keys
    both = search(capfd, folder, "learning", "--match", "both")
    assert set(keys) <= {one["key"] for one in both["results"]}
    assert any("by words alone" in note for note in both["notes"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("learning",), "bare has no vectors yet, so only the words"),
        (("--like", KEY), "bare has no vectors yet, so only the words"),
        (("--like", KEY, "--by", "features"), "bare has no vectors yet, so only the words"),
        (("--feature", "3"), "bare has no vectors yet, so only the words"),
        (("--family-query", "3"), "bare has no families yet"),
        (("--like", KEY, "--match", "words"), "Words are looked for in a text"),
        (("learning", "--match", "words", "--by", "features"), "one of them at once"),
        (("learning", "--match", "words", "--steer", "3=1"), "There are no features to steer with"),
        (
            ("learning", "--match", "words", "--places", "3=1"),
            "There are no features to steer with",
        ),
        (("learning", "--match", "words", "--compare", "--less 3=1"), "There are no features to"),
        (("learning", "--match", "words", "--calibrate", "query"), "no sliders to calibrate yet"),
        (("learning", "--match", "words", "--sae", "abc"), "no single SAE called “abc”"),
        (("xyzzy", "--match", "words"), "No document that passes has these words"),
    ],
)
def test_what_needs_more_than_words_is_said(
    capfd, folder: Path, words: tuple[str, ...], said: str
) -> None:
    capfd.readouterr()
    assert main(["search", str(folder), *words]) == 1
    told = capfd.readouterr()
    assert told.out == ""
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_a_project_without_documents_says_so(capfd, tmp_path: Path) -> None:
    empty = tmp_path / "empty.saedesk"
    assert main(["new", str(empty)]) == 0
    assert main(["search", str(empty), "learning", "--match", "words"]) == 1
    assert "empty has no documents yet" in capfd.readouterr().err


def test_words_are_found_in_python_too(folder: Path) -> None:
    with saedesk.open_project(folder) as project:
        found = project.search("learning", match="words")
        assert [one.document.key for one in found]
        for wrong in (
            lambda: project.search("learning"),
            lambda: project.search(like=[1]),
            lambda: project.take_apart("learning"),
            lambda: project.steer(like=[1]),
        ):
            with pytest.raises(BadInput, match="bare has no vectors yet, so only the words"):
                wrong()
        with pytest.raises(BadInput, match="bare has no vectors yet"):
            _ = project.vectors
