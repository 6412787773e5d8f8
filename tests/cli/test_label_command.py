from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from saedesk.cli.command_line import main
from saedesk.jobs import model_keys
from saedesk.project.project_folder import Project
from tests.chat_server import ChatServer, judges, refuses, says

NAMED = says("FINAL: a plain name")


@pytest.fixture(autouse=True)
def interrupt_handler() -> Iterator[None]:
    """A command takes over Ctrl+C; the tests want it back."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], project_copy: Path) -> Any:
    """`label` in this process: exit code, what stdout has, what stderr has."""

    def command(*words: object) -> tuple[int, str, str]:
        try:
            code = main(["label", str(project_copy), *(str(word) for word in words)])
        except SystemExit as error:
            code = int(str(error.code))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return command


def by_model(server: ChatServer) -> tuple[str, ...]:
    return ("--labeler", "llm", "--endpoint", server.url, "--model", "tiny")


def numbers_of(project_copy: Path, count: int) -> str:
    with Project.open(project_copy, read_only=True) as project:
        record = project.current("saes")
        assert record is not None
        return ",".join(str(i) for i in sorted(project.labels.current(record.hash))[:count])


def test_an_estimate_then_labels_then_nothing_left(run, project_copy: Path) -> None:
    prices = ("--price-in", "1", "--price-out", "2")
    chosen = ("--features", numbers_of(project_copy, 3))
    with ChatServer(NAMED) as server:
        code, out, _ = run(*by_model(server), *chosen, *prices, "--estimate", "--json")
        assert code == 0
        foreseen = json.loads(out)
        assert (foreseen["features"], foreseen["requests"]) == (3, 3)
        assert foreseen["money"] > 0
        assert foreseen["endpoint"] == server.url
        text = run(*by_model(server), *chosen, "--estimate")[1]
        assert "BEGIN " in text
        assert "3 features: 3 requests to http://127.0.0.1:" in text
        assert server.requests == []
        code, out, err = run(*by_model(server), *chosen, *prices)
        assert code == 0
        assert "3 features are named by tiny" in out
        assert "3 requests" in err
        code, out, _ = run(*by_model(server), *chosen, "--json")
        assert (code, json.loads(out)["finished"], len(server.requests)) == (0, 3, 3)


def test_problems_are_told_feature_by_feature(run, project_copy: Path) -> None:
    chosen = ("--features", numbers_of(project_copy, 2))
    with ChatServer(NAMED, [says("FINAL: <b>x</b>")]) as server:
        code, out, err = run(*by_model(server), *chosen, "--concurrency", "1")
    assert code == 0
    assert "1 features met problems" in out
    assert "markup and links are refused" in err
    with ChatServer(refuses(404)) as server:
        code, _, err = run(*by_model(server), *chosen)
    assert code == 1
    assert "no model “tiny”" in err


def test_where_all_have_labels_the_way_on_is_said(run) -> None:
    with ChatServer(NAMED) as server:
        code, _, err = run(*by_model(server))
        assert (code, server.requests) == (0, [])
    assert "--features all" in err


def test_labels_can_be_judged_alone(run, project_copy: Path) -> None:
    with ChatServer(judges(lambda label, text: True)) as server:
        code, out, err = run(*by_model(server), "--features", "all", "--score-only", "--json")
    assert code in (0, 1), err
    found = json.loads(out)
    assert found["labelled"] == 0
    assert found["scored"] + len(found["failures"]) >= 10


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--labeler", "llm"), "--endpoint URL and --model NAME"),
        (("--labeler", "magic"), "no labeler “magic”"),
        (("--labeler", "llm", "--endpoint", "http://192.0.2.1/v1", "--model", "m"), "--allow-host"),
        (
            *(("--labeler", "llm", "--endpoint", "https://192.0.2.1/v1", "--model", "m"),),
            "Private mode",
        ),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(run, words, why: str) -> None:
    code, _, err = run(*words, *(["--private"] if why == "Private mode" else []))
    assert code == 1
    assert why in err


def test_a_key_is_asked_for_once(run, project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr("getpass.getpass", lambda prompt: "key-asked-for")
    monkeypatch.setattr("keyring.set_password", lambda s, n, p: kept.update({(s, n): p}))
    monkeypatch.setattr("keyring.get_password", lambda s, n: kept.get((s, n)))
    with ChatServer(NAMED) as server:
        first, second = numbers_of(project_copy, 2).split(",")
        code, _, err = run(*by_model(server), "--features", first, "--ask-key")
        assert (code, model_keys.NO_KEYRING in err) == (0, False)
        assert run(*by_model(server), "--features", second)[0] == 0
        sent = [headers["authorization"] for _, headers, _ in server.requests]
    assert sent == ["Bearer key-asked-for"] * 2
    assert list(kept) == [(model_keys.SERVICE, server.url.removesuffix("/v1"))]
