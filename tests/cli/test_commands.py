from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from saedesk.cli.command_line import main, make_parser
from saedesk.cli.terminal import TerminalControl, duration, table
from saedesk.jobs.loaded_sae import open_sae
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress

TRAINING = ("--latents", "24", "--k", "4", "--epochs", "10", "--batch-size", "20")


@pytest.fixture(autouse=True)
def interrupt_handler() -> Iterator[None]:
    """A command takes over Ctrl+C; the tests want it back."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]):
    """A command in this process: exit code, what stdout has, what stderr has."""

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


def child(*words: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "saedesk", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )


def test_the_whole_path_as_json(run, tmp_path: Path, abstracts: Path) -> None:
    project = tmp_path / "p.saedesk"
    made = answer_of(run("new", project, "--name", "Mine", "--json"))
    assert made == {"project": str(project), "name": "Mine"}
    imported = answer_of(run("import", project, abstracts, "--json"))
    assert (imported["kept"], imported["already_there"]) == (60, False)
    assert imported["read"] == imported["kept"] + imported["rejected"] + imported["duplicates"]
    again = answer_of(run("import", project, abstracts, "--json"))
    assert again == {**imported, "already_there": True}
    embedded = answer_of(run("embed", project, "--device", "cpu", "--json"))
    assert embedded["documents"] == 60
    trained = answer_of(run("train", project, "--device", "cpu", *TRAINING, "--json"))
    assert trained["n_latents"] == 24
    assert trained["k"] == 4
    analysed = answer_of(run("analyse", project, "--json"))
    assert analysed["sae"] == trained["sae"]
    assert analysed["l0"] <= 4
    labelled = answer_of(run("label", project, "--json"))
    assert labelled["labelled"] + labelled["unlabelled"] == 24
    features = answer_of(run("features", project, "--top", 10, "--json"))
    assert len(features) == 10
    densities = [feature["density"] for feature in features]
    assert densities == sorted(densities, reverse=True)
    feature = answer_of(run("feature", project, features[0]["feature"], "--json"))
    assert feature["documents"] == features[0]["documents"]
    info = answer_of(run("info", project, "--json"))
    assert (info["name"], info["documents"], info["sae"]) == ("Mine", 60, trained["sae"])
    assert answer_of(run("verify", project, "--json")) == {"findings": []}
    out = tmp_path / "features.jsonl"
    assert answer_of(run("export", project, "features", out, "--json"))["rows"] == 24
    assert len(out.read_text("utf-8").splitlines()) == 24


def test_analysing_with_another_encoder(run, project_copy: Path) -> None:
    own = answer_of(run("analyse", project_copy, "--device", "cpu", "--json"))
    assert own["encoder"] == {"name": "own", "settings": {}}
    words = ("--encoder", "matching_pursuit", "--set", "steps=2", "--json")
    pursued = answer_of(run("analyse", project_copy, "--device", "cpu", *words))
    settings = {"steps": 2, "residual_bound": 0.0}
    assert pursued["encoder"] == {"name": "matching_pursuit", "settings": settings}
    assert pursued["l0"] <= 2 < own["l0"]
    code, out, _ = run("analyse", project_copy, "--device", "cpu")
    assert code == 0
    assert "(encoder: matching pursuit)" in out
    found = answer_of(run("search", project_copy, "dark matter", "--json"))
    assert len(found["features"]) <= 2


def test_comparing_the_encoders(run, project_copy: Path) -> None:
    words = ("analyse", project_copy, "--device", "cpu", "--compare-encoders")
    found = answer_of(run(*words, "--json"))
    assert found[0]["encoder"] == "own"
    by_name = {entry["encoder"]: entry for entry in found}
    assert by_name["optimised"]["fvu"] < by_name["own"]["fvu"]
    code, out, _ = run(*words, "--encoder", "matching_pursuit", "--set", "residual_bound=0.5")
    assert code == 0
    assert out.splitlines()[0].split()[:4] == ["encoder", "FVU", "cosine", "L0"]
    assert out.splitlines()[1].startswith("matching_pursuit")
    assert "Measured on 6 documents." in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--encoder", "guess"), "no encoder called “guess”"),
        (("--set", "steps=3"), "Name the encoder with --encoder"),
        (("--encoder", "threshold", "--set", "k=3"), "its settings: l0, threshold"),
        (("--encoder", "matching_pursuit", "--set", "steps=x"), "must be a whole number"),
        (("--encoder", "matching_pursuit", "--set", "steps=-1"), "between 0 and 10,000"),
    ],
)
def test_wrong_encoders_are_told(run, project_copy: Path, words, sentence: str) -> None:
    code, out, err = run("analyse", project_copy, *words)
    assert (code, out) == (1, "")
    assert sentence in err


def test_a_grid_is_trained_in_one_command_with_forecasts_before_and_errors_after(
    run, project_copy: Path
) -> None:
    words = ("train", project_copy, "--device", "cpu", "--epochs", 5, "--batch-size", 20)
    grid = ("--grid", "n_latents=16,32", "--grid", "k=2,4", "--grid", "architecture=topk")
    code, out, err = run(*words, *grid)
    assert code == 0
    forecasts = [line for line in err.splitlines() if line.startswith("Forecast for TopK")]
    assert [line.split(":")[0].removeprefix("Forecast for TopK, ") for line in forecasts] == [
        f"{n} features, k {k}" for n in (16, 32) for k in (2, 4)
    ]
    assert all("FVU 0." in line and "earlier runs" in line for line in forecasts)
    runs = [line for line in out.splitlines() if line.startswith("Run ")]
    assert [line.split(" (")[0] for line in runs] == [f"Run {n}" for n in (2, 3, 4, 5)]
    assert all("Against the forecast: time" in line and "FVU" in line for line in runs)
    again = answer_of(run(*words, *grid, "--json", "--quiet"))["runs"]
    assert [(one["n_latents"], one["k"]) for one in again] == [(16, 2), (16, 4), (32, 2), (32, 4)]
    assert all(one["forecast_error"]["fvu"] for one in again)
    assert {"remarks", "precision", "settled", "forecast"} <= set(again[0])


def test_a_former_name_of_a_preset_is_understood(run, project_copy: Path) -> None:
    words = ("train", project_copy, "--device", "cpu", "--preset", "paper sae64", "--json")
    trained = answer_of(run(*words, "--epochs", 1, "--latents", 64, "--k", 4))
    assert trained["n_latents"] == 64
    with Project.open(project_copy) as project:
        config = project.artifacts("saes")[-1].inputs["config"]
    assert (config["initialisation"], config["learning_rate"]) == ("published", 1e-4)


def test_every_command_speaks_to_people_too(run, project_copy: Path, tmp_path: Path) -> None:
    for words in (
        ("info", project_copy),
        ("features", project_copy, "--sort", "label"),
        ("feature", project_copy, 0),
        ("search", project_copy, "dark matter", "--steer", "0=0.5"),
        ("verify", project_copy),
        ("export", project_copy, "documents", tmp_path / "out.csv"),
        ("embed", project_copy),
        ("label", project_copy),
        ("analyse", project_copy),
    ):
        code, out, err = run(*words, "--quiet")
        assert (code, err) == (0, ""), words
        assert out.strip()
        assert not out.startswith(("{", "["))


# -- search ------------------------------------------------------------------------------------


def test_steering_moves_the_results_towards_the_feature(run, project_copy: Path) -> None:
    with Project.open(project_copy, read_only=True) as project:
        sae = open_sae(project, project.current("saes"))
        keys = {row.key: i for i, row in enumerate(project.documents.iterate())}
    values = np.asarray(sae.vectors.values) @ np.asarray(sae.decoder).T
    query = ("search", project_copy, "dark matter halos", "--top", 10, "--json")
    plain = answer_of(run(*query))
    assert plain["results"] == plain["plain"]
    assert plain["cosine"] == 1.0
    there = [keys[r["key"]] for r in plain["results"]]
    latent = int(np.argmax(sae.statistics.count * (values[there].mean(0) < values.mean(0))))

    def mean(strength: float) -> float:
        found = answer_of(run(*query, "--steer", f"{latent}={strength}"))
        assert found["plain"] == plain["plain"]
        for row in found["results"]:
            total = sum(part["value"] for part in row["contributions"])
            assert total == pytest.approx(row["score"], abs=1e-4)
        assert {f["feature"]: f["strength"] for f in found["features"]}[latent] == strength
        return float(values[[keys[r["key"]] for r in found["results"]], latent].mean())

    at_rest = float(values[there, latent].mean())
    assert mean(0.75) > at_rest
    assert mean(-0.75) <= at_rest


def test_where_filters_by_value_and_range(run, project_copy: Path) -> None:
    def found(*conditions: str) -> list[str]:
        words = [word for condition in conditions for word in ("--where", condition)]
        content = answer_of(run("search", project_copy, "x", "--top", 60, "--json", *words))
        return [row["key"] for row in content["results"]]

    assert len(found("category=Biology")) == 10
    assert len(found("category=Biology", "category=Language")) == 20
    years = found("date=2006..2007")
    assert len(years) == 8
    assert set(found("date=2006..2007", "category=Exoplanets")) < set(years)
    assert found("citations=0..100") != found("citations=101..")
    for bad in ("nothing=1", "category", "citations=many..few"):
        code, _, err = run("search", project_copy, "x", "--where", bad)
        assert code == 1
        assert bad in err


# -- what goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("info", "{tmp}/nothing.saedesk"),
        ("embed", "{tmp}"),
        ("new", "{project}"),
        ("import", "{project}", "{tmp}/missing.csv"),
        ("import", "{project}", "{tmp}/abstracts.csv", "--text", "nope"),
        ("import", "{project}", "{tmp}/abstracts.csv", "--field", "date:year"),
        ("train", "{project}", "--k", "999"),
        ("train", "{project}", "--preset", "Slow"),
        ("train", "{project}", "--architecture", "none"),
        ("train", "{project}", "--grid", "k=many"),
        ("train", "{project}", "--grid", "depth=3"),
        ("train", "{project}", "--grid", "n_latents=8,16", "--grid", "k=12"),
        ("embed", "{project}", "--model", "no/such-model"),
        ("analyse", "{project}", "--sae", "zzz"),
        ("label", "{project}", "--labeler", "guess"),
        ("feature", "{project}", "999"),
        ("feature", "{project}", "-1"),
        ("search", "{project}", "  "),
        ("search", "{project}", "x", "--steer", "999=1"),
        ("search", "{project}", "x", "--steer", "many"),
        ("search", "{project}", "x", "--steer", "1=nan"),
        ("export", "{project}", "features", "{tmp}/out.xls"),
        ("export", "{project}", "features", "{tmp}/no/out.csv"),
    ],
)
def test_a_known_problem_is_one_sentence_and_code_1(
    run, project_copy: Path, abstracts: Path, tmp_path: Path, words
) -> None:
    filled = [word.format(project=project_copy, tmp=tmp_path) for word in words]
    code, out, err = run(*filled)
    assert code == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.rstrip().endswith((".", "”"))
    assert "unexpectedly" not in err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nothing",),
        ("info",),
        ("features", "p", "--sort", "colour"),
        ("feature", "p", "one"),
        ("train", "p", "--epochs", "many"),
        ("export", "p", "nothing", "out.csv"),
    ],
)
def test_wrong_usage_is_code_2(run, words) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert "usage: saedesk" in err


def test_a_bug_is_one_line_and_its_details_are_kept(
    run, project_copy: Path, settings_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.project import project_check

    def broken(*_: object) -> None:
        raise RuntimeError("surprise\nin two lines")

    monkeypatch.setattr(project_check, "check_project", broken)
    log = settings_folder / "logs" / "saedesk.log"
    for _ in range(2):
        code, _, err = run("verify", project_copy)
        assert code == 1
        assert len(err.splitlines()) == 1
        assert "RuntimeError: surprise in two lines" in err
        assert f"The details are in {log}" in err
    written = log.read_text("utf-8")
    assert written.count("in broken\nRuntimeError") == 2
    # What an error says may quote a document.
    assert "surprise" not in written
    assert [path.name for path in settings_folder.iterdir() if "log" in path.name] == ["logs"]


def test_a_bug_is_told_where_no_log_can_be_written(
    run, project_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.project import project_check

    (tmp_path / "home").write_text("not a folder")
    monkeypatch.setenv("SAEDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(project_check, "check_project", None)
    code, _, err = run("verify", project_copy)
    assert code == 1
    assert "could not be written" in err


def test_damage_is_told_by_verify_with_code_1(run, project_copy: Path) -> None:
    path = next(project_copy.glob("vectors/*/vectors.npy"))
    path.write_bytes(path.read_bytes()[:-1])
    code, out, _ = run("verify", project_copy, "--json")
    assert code == 1
    assert [f["file"] for f in json.loads(out)["findings"]] == ["vectors.npy"]
    code, out, _ = run("verify", project_copy)
    assert code == 1
    assert "run “saedesk embed” again" in out
    assert run("embed", project_copy)[0] == 0
    assert run("verify", project_copy)[0] == 0


@pytest.mark.parametrize("command", ["import", pytest.param("train", marks=pytest.mark.slow)])
def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(
    tmp_path: Path, project_copy: Path, command: str
) -> None:
    if command == "import":
        from tests.ui.made_up_abstracts import write_abstracts

        file = write_abstracts(tmp_path / "many.csv", 40_000)
        words: tuple[object, ...] = ("import", project_copy, file, "--keep-first")
        sign = "documents.sqlite-wal"
    else:
        words = ("train", project_copy, *TRAINING[:4], "--epochs", "9999")
        sign = "saes/.partial-*"
    process = child(*words)
    until = time.monotonic() + 60
    while not [p for p in project_copy.glob(sign) if p.is_dir() or p.stat().st_size]:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)
    if command == "train":
        time.sleep(3)  # torch is loaded
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("Interrupted.")
    with Project.open(project_copy) as project:
        assert project.documents.count() == 60
        assert len(project.artifacts("saes")) == 1


# -- terminals ---------------------------------------------------------------------------------

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\x00\x7f"


def is_harmless(text: str) -> bool:
    return all(sign.isprintable() or sign == "\n" for sign in text)


def test_documents_and_labels_cannot_take_over_the_terminal(
    run, project_copy: Path, tmp_path: Path
) -> None:
    file = tmp_path / "a\x1b[31m.jsonl"
    rows = [{"id": f"{HOSTILE}{i}", "title": f"{HOSTILE} {i}", "text": HOSTILE} for i in range(3)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    other = tmp_path / "p.saedesk"
    run("new", other)
    results = [run("import", other, file)]
    again = tmp_path / "b.jsonl"
    again.write_text("".join(json.dumps({**row, "text": "x"}) + "\n" for row in rows), "utf-8")
    results.append(run("import", other, again))
    assert results[-1][0] == 1
    run("embed", other)
    results.append(run("search", other, HOSTILE))
    results.append(run("search", other, "x", "--json"))
    results.append(run("info", other, "--json"))
    with Project.open(project_copy) as project:
        sae = project.current("saes").hash
        project.labels.add(sae, [FeatureLabel(0, HOSTILE, PERSON)])
    for as_json in ((), ("--json",)):
        results.append(run("feature", project_copy, 0, *as_json))
        results.append(run("features", project_copy, *as_json))
    for _, out, err in results:
        assert is_harmless(out)
        assert is_harmless(err)
    # JSON carries the exact text all the same.
    assert json.loads(results[-2][1])["label"] == HOSTILE
    assert json.loads(results[3][1])["results"][0]["key"].startswith("\x1b[2J")


def test_a_reader_that_goes_away_is_no_failure(project_copy: Path) -> None:
    process = child("features", project_copy, "--top", "24", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        err = process.stderr.read()
    assert process.wait(60) == 0
    assert err == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode_gets_an_answer(project_copy: Path, encoding: str) -> None:
    with Project.open(project_copy) as project:
        sae = project.current("saes").hash
        project.labels.add(sae, [FeatureLabel(0, "Ω naïve 🦆", PERSON)])
    for words in (("feature", project_copy, 0), ("feature", project_copy, 0, "--json")):
        process = child(*words, PYTHONIOENCODING=encoding)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert "na" in out
    assert json.loads(out)["label"] == "Ω naïve 🦆"


def test_help_on_a_terminal_without_unicode_has_plain_signs() -> None:
    process = child("label", "--help", PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "the system's keyring" in " ".join(out.split())


def test_help_answers_without_heavy_libraries() -> None:
    code = (
        "import sys\nfrom saedesk.cli.command_line import main\n"
        "try:\n    main(['train', '--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'torch', 'PySide6', 'sentence_transformers', 'sklearn', 'hnswlib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_every_command_has_json_and_quiet() -> None:
    (commands,) = [a for a in make_parser()._actions if a.dest == "command"]
    names = set(commands.choices)
    wanted = (
        "new info import import-vectors embed index train load-sae export-sae analyse label "
        "score-labels families features feature search searches export labels report verify demo "
        "benchmark"
    )
    assert names == set(wanted.split())
    for parser in commands.choices.values():
        options = {option for action in parser._actions for option in action.option_strings}
        assert {"--json", "--quiet"} <= options


def test_tables_are_aligned_and_durations_read_well() -> None:
    shown = table(("A", "Number"), [("x", 1), ("long", 22)], right=(1,))
    assert shown == "A     Number\nx          1\nlong      22"
    assert "…" in table(("A",), [("x" * 99,)])
    assert [duration(s) for s in (0.4, 59, 200, 7500)] == ["0 s", "59 s", "3 min 20 s", "2 h 5 min"]


def test_parts_of_a_whole_are_told_as_a_share_and_a_time_only_where_it_is_known() -> None:
    control = TerminalControl()
    for done, now in ((100, 0.0), (200, 1.0)):
        line = control._line(Progress(done, 1000, "", "Writing", may_change=True), now)
    assert line == "Writing  20 %"
    for done, now in ((800, 2.0), (850, 3.0)):
        line = control._line(Progress(done, 1000, "", "Building"), now)
    assert line == "Building  85 %  3 s left"
