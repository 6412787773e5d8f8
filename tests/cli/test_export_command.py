"""`saedesk export`: tables, activations, vectors and results from a terminal."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from saedesk.cli.command_line import main
from saedesk.cli.export_command import TABLES
from saedesk.jobs import export_table
from saedesk.project.project_folder import Project


@pytest.fixture(autouse=True)
def interrupt_handler() -> Iterator[None]:
    """A command takes over Ctrl+C; the tests want it back."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def export(project_copy: Path, capfd: pytest.CaptureFixture[str]):
    """`saedesk export` of the small project: exit code, what stdout has, what stderr has."""

    def command(*words: object) -> tuple[int, str, str]:
        try:
            code = main(["export", str(project_copy), *map(str, words)])
        except SystemExit as error:
            code = int(str(error.code))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return command


def test_the_command_names_the_tables_of_the_job() -> None:
    assert TABLES == export_table.TABLES


def test_every_table_in_every_format(
    export, project_copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    loose = ("--fewest-documents", "1", "--fewest-branches", "1", "--fewest-children", "1")
    loose += ("--above-chance", "0")
    assert main(["families", str(project_copy), "--most-density", "1", *loose, "--quiet"]) == 0
    capfd.readouterr()
    for table, endings in export_table.FORMATS_OF.items():
        for ending in endings:
            path = tmp_path / f"{table}.{ending}"
            code, out, err = export(table, path, "--query", "dark matter", "--json", "--quiet")
            assert (code, err) == (0, ""), (table, ending)
            content = json.loads(out)
            assert (content["table"], content["path"]) == (table, str(path))
            assert content["rows"] > 0
            assert path.stat().st_size > 0


def test_what_is_asked_for_reaches_the_files(export, project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy) as project:
        field = next(f.name for f in project.documents.fields() if f.type.value == "category")
        counts = project.documents.category_counts(field)
    value, many = counts[0].value, counts[0].count
    where = ("--where", f"{field}={value}")
    code, out, _ = export("activations", tmp_path / "a.npz", *where)
    assert code == 0
    assert out == f"Wrote the activations of {many} documents to {tmp_path / 'a.npz'}.\n"
    assert scipy.sparse.load_npz(tmp_path / "a.npz").shape[0] == many
    steer = ("--steer", "3=0.4", "--steer", "5=-0.2")
    code, out, _ = export("steered-vectors", tmp_path / "v.npy", *where, *steer)
    assert out == f"Wrote {many} steered vectors to {tmp_path / 'v.npy'}.\n"
    assert np.load(tmp_path / "v.npy").shape[0] == many
    like = ("--like", "0000", "--like", "0006", "--top", "4")
    code, _, _ = export("results", tmp_path / "r.jsonl", *like, *steer)
    rows = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == 4
    assert rows[0]["like"] == ["0000", "0006"]
    assert [(s["feature"], s["strength"]) for s in rows[0]["steering"]] == [(3, 0.4), (5, -0.2)]


@pytest.mark.parametrize(
    "words",
    [
        ("features", "{tmp}/f.npz"),
        ("activations", "{tmp}/a.npy"),
        ("steered-vectors", "{tmp}/v.csv"),
        ("steered-vectors", "{tmp}/v.npy", "--steer", "999=1"),
        ("steered-vectors", "{tmp}/v.npy", "--steer", "3=0.1", "--steer", "3=0.2"),
        ("results", "{tmp}/r.csv"),
        ("results", "{tmp}/r.csv", "--query", "x", "--top", "0"),
        ("results", "{tmp}/r.csv", "--query", "x", "--like", "0001"),
        ("results", "{tmp}/r.csv", "--like", "no such key"),
        ("documents", "{tmp}/d.csv", "--where", "colour=red"),
        ("activations", "{tmp}/a.csv", "--sae", "zzz"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(export, tmp_path: Path, words) -> None:
    code, out, err = export(*(word.format(tmp=tmp_path) for word in words))
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert err.rstrip().endswith((".", "”"))
    assert "unexpectedly" not in err
    assert not [path for path in tmp_path.iterdir() if path.is_file()]
