"""`saedesk report`, and the report that the demo leaves."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from saedesk.cli import demo_command
from saedesk.cli.command_line import main
from saedesk.jobs import open_demo
from tests.report.parsed_page import Page


@pytest.fixture(autouse=True)
def interrupt_handler() -> Iterator[None]:
    """A command takes over Ctrl+C; the tests want it back."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_report_is_written_and_announced(
    project_copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.html"
    assert main(["report", str(project_copy), str(path), "--features", "3", "--quiet"]) == 0
    out, err = capfd.readouterr()
    assert (out, err) == (f"Wrote the report to {path}.\n", "")
    page = Page(path.read_text("utf-8"))
    page.check_it_is_safe()
    assert len(page.all("article")) == 3
    assert main(["report", str(project_copy), str(path), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told == {"path": str(path), "bytes": path.stat().st_size}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("r.txt",), "must end in .html"),
        (("no/r.html",), "There is no folder"),
        (("r.html", "--sae", "nothing"), "There is no single SAE"),
    ],
)
def test_a_mistake_is_one_sentence(
    project_copy: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    sentence: str,
) -> None:
    assert main(["report", str(project_copy), str(tmp_path / words[0]), *words[1:]]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("r.*"))


def test_the_demo_leaves_a_report(
    small_project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """With a small project in place of the demo's, and no pictures: those take a minute."""
    import shutil

    monkeypatch.setattr(
        open_demo, "run", lambda request, control: shutil.copytree(small_project, request.folder)
    )
    monkeypatch.setattr(demo_command, "draw_workspaces", lambda project, out: [])
    assert main(["demo", "--headless", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert Path(told["report"]) == tmp_path / "out" / "report.html"
    Page(Path(told["report"]).read_text("utf-8")).check_it_is_safe()
    assert Path(told["features"]).is_file()
