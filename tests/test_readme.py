"""What README promises: its Python runs, its commands and their options exist."""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

import saedesk
from saedesk.cli.command_line import make_parser
from tests.tiny_projects import abstracts as abstracts
from tests.tiny_projects import project_copy as project_copy
from tests.tiny_projects import small_project as small_project

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_of_readme_runs(
    project_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.move(project_copy, tmp_path / "abstracts.saedesk")
    with saedesk.open_project("abstracts.saedesk") as project:
        np.save("vectors.npy", project.vectors)
    (code,) = [block for block in blocks("python") if "open_project" in block]
    assert len([line for line in code.splitlines() if line and not line.startswith("import")]) <= 12
    exec(compile(code, "README.md", "exec"), {})
    printed = capfd.readouterr().out
    assert "results for “dark matter halos”, steered" in printed
    assert "features" in printed


def commands() -> dict[str, argparse.ArgumentParser]:
    parser = make_parser()
    (found,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(found.choices)


def told() -> list[str]:
    (block,) = [block for block in blocks("sh") if "saedesk new" in block]
    return block.splitlines()


def test_readme_names_every_command() -> None:
    named = {shlex.split(line, comments=True)[1] for line in told()}
    assert named == set(commands())


def test_the_command_lines_of_readme_parse() -> None:
    parser = make_parser()
    for line in told():
        parser.parse_args(shlex.split(line, comments=True)[1:])


def test_the_options_that_readme_names_exist() -> None:
    parsers = commands()
    for line in told():
        command = shlex.split(line, comments=True)[1]
        for option in re.findall(r"(?<!\S)--[a-z-]+", line.partition("#")[2]):
            assert option in parsers[command].format_help(), f"{command} has no {option}"
