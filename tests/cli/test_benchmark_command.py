"""`saedesk benchmark --known-answer`, in this process and interrupted."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from saedesk.cli.command_line import main
from saedesk.sae.architectures import architectures
from saedesk.sae.known_answer import known_answer_data, known_answer_results
from saedesk.sae.known_answer.known_answer_data import feature_forest, sparse_sources
from saedesk.sae.known_answer.recovery_scores import METRICS

BENCHMARK = ("benchmark", "--known-answer")
QUICK = (*BENCHMARK, "--data-set", "sparse-sources", "--architecture", "topk")


@pytest.fixture(autouse=True)
def interrupt_handler() -> Iterator[None]:
    """A command takes over Ctrl+C; the tests want it back."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def short_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real sets with few steps, so that the numbers differ from the stored ones."""
    short = (replace(sparse_sources(), steps=30), replace(feature_forest(), steps=30))
    monkeypatch.setattr(known_answer_data, "known_answer_sets", lambda: short)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]):
    def command(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as error:
            code = int(str(error.code))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return command


def answer_of(result: tuple[int, str, str]) -> Any:
    code, out, err = result
    assert code == 0, err
    return json.loads(out)


def results_of(content: Any) -> dict[str, Any]:
    (data_set,) = content["data_sets"]
    return {one["architecture"]: one["metrics"] for one in data_set["results"]}


def test_the_program_meets_its_stored_values(run) -> None:
    content = answer_of(run(*QUICK, "--json", "--seeds", 1))
    results = results_of(content)
    assert set(results) == {"true dictionary", "random dictionary", "topk"}
    for metrics in results.values():
        assert list(metrics) == [metric.name for metric in METRICS]
        for value in metrics.values():
            low, high = value["expected"]
            assert value["as_expected"] is (low <= value["mean"] <= high)
            assert value["as_expected"]
            assert value["interval"] is None
    assert results["topk"]["mcc_of_codes"]["mean"] > 0.5


@pytest.mark.usefixtures("short_sets")
def test_an_untrained_one_is_outside_and_the_table_says_so(run) -> None:
    before = torch.get_num_threads()
    code, out, err = run(*QUICK, "--seeds", 2)
    assert (code, err) == (0, "")
    assert torch.get_num_threads() == before
    (row,) = [line for line in out.splitlines() if line.startswith("TopK")]
    assert row.count("±") == len(METRICS)
    assert "OUT" in row
    assert "true dictionary" in out.lower()
    assert "95 % t interval" in out


@pytest.mark.usefixtures("short_sets")
def test_an_architecture_of_others_is_shown_without_comparison(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = architectures()

    class Twin(registry.get("topk")):  # type: ignore[misc]
        name = "twin"
        title = "Twin"

    monkeypatch.setitem(registry._things, "twin", Twin)
    words = (*BENCHMARK, "--data-set", "sparse-sources", "--seeds", 1, "--architecture", "twin")
    results = results_of(answer_of(run(*words, "--json")))
    assert {value["as_expected"] for value in results["twin"].values()} == {None}
    assert results["true dictionary"]["fvu"]["as_expected"] is True
    code, out, _ = run(*words)
    assert code == 0
    (row,) = [line for line in out.splitlines() if line.startswith("Twin")]
    assert "ok" not in row
    assert "OUT" not in row


@pytest.mark.usefixtures("short_sets")
def test_a_reference_is_written_and_read_again(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stored.json"
    words = (*QUICK, "--seeds", 3, "--json")
    written = answer_of(run(*words, "--write-reference", file))
    assert written["reference"] == str(file)
    stored = known_answer_results.stored_results(file)
    assert [one.architecture for one in stored] == ["true dictionary", "random dictionary", "topk"]
    folder = tmp_path / "resources" / "known_answer"
    folder.mkdir(parents=True)
    file.rename(folder / "stored_results.json")
    monkeypatch.setattr(
        known_answer_results, "resource", lambda *parts: tmp_path.joinpath("resources", *parts)
    )
    again = results_of(answer_of(run(*words)))
    for architecture, metrics in results_of(written).items():
        for name, value in metrics.items():
            assert again[architecture][name]["mean"] == value["mean"]
            assert again[architecture][name]["as_expected"] is True


@pytest.mark.usefixtures("short_sets")
def test_more_active_sources_are_another_set(run) -> None:
    words = (*BENCHMARK, "--active", 5, "--architecture", "topk", "--seeds", 1, "--json")
    content = answer_of(run(*words, "--data-set", "sparse-sources-5"))
    results = results_of(content)
    assert 4 < results["topk"]["l0"]["mean"] <= 5
    assert results["topk"]["l0"]["as_expected"] is None


@pytest.mark.parametrize(
    "words",
    [
        (*BENCHMARK, "--architecture", "none"),
        (*BENCHMARK, "--data-set", "none"),
        (*BENCHMARK, "--active", "2"),
        (*BENCHMARK, "--seeds", "0"),
        (*BENCHMARK, "--seeds", "2", "--write-reference", "{tmp}/stored.json"),
        (*BENCHMARK, "--write-reference", "{tmp}/no/stored.json"),
        (*BENCHMARK, "--write-reference", "{tmp}"),
    ],
)
def test_a_known_problem_is_one_sentence_before_any_work(run, tmp_path: Path, words) -> None:
    code, out, err = run(*(word.format(tmp=tmp_path) for word in words))
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert err.rstrip().endswith(".")
    assert list(tmp_path.iterdir()) == []


def test_which_benchmark_must_be_said(run) -> None:
    code, _, err = run("benchmark")
    assert code == 2
    assert "--known-answer" in err


def test_ctrl_c_ends_it_at_once_without_a_result(run, tmp_path: Path) -> None:
    file = tmp_path / "stored.json"
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    code, out, err = run(*BENCHMARK, "--seeds", 1000, "--write-reference", file)
    timer.join()
    assert (code, out) == (130, "")
    assert err.splitlines()[-1].startswith("Interrupted.")
    assert not file.exists()
