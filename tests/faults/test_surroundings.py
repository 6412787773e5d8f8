"""What the computer around the program does: sleep, a locale without letters, large files."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from tests.faults.kill_at_random import finish, start, state, steps
from tests.tiny_projects import project_copy as project_copy
from tests.tiny_projects import small_project as small_project

LETTERS = "Größe der Wörter, 銀河の回転, дом"
LOCALES = {
    "as Python sets it up": {"LANG": "C", "LC_ALL": "C"},
    "strictly ASCII": {
        "LANG": "C",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    },
}


def command(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, "-m", "saedesk", *map(str, words)],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        env={**kept, "OMP_NUM_THREADS": "1", **environment},
        check=False,
    )


@pytest.mark.parametrize("name", LOCALES)
def test_other_letters_pass_through_a_locale_that_has_none(
    project_copy: Path, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "größe.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        # The columns of the project's first file.
        writer.writerows([["id", "title", "abstract"], ["x1", LETTERS, f"{LETTERS} again"]])
    with Project.open(project_copy) as project:
        sae = project.current("saes")
        assert sae is not None
        project.labels.add(sae.hash, [FeatureLabel(3, LETTERS, PERSON)])
    imported = command("import", project_copy, file, **LOCALES[name])
    assert imported.returncode == 0, imported.stderr
    with Project.open(project_copy, read_only=True) as project:
        *_, document = project.documents.iterate()
        assert document.key == "x1"
        assert (document.title, document.text) == (LETTERS, f"{LETTERS} again")
    for words in ((), ("--json",)):
        listed = command("features", project_copy, "--top", "24", *words, **LOCALES[name])
        assert listed.returncode == 0, listed.stderr
        shown = listed.stdout.decode("utf-8")
        if name == "strictly ASCII":
            # What the terminal cannot show stands there escaped.
            assert shown.isascii()
            assert words or LETTERS.encode("ascii", "backslashreplace").decode() in shown
        else:
            assert words or LETTERS in shown
        if words:
            assert LETTERS in [feature["label"] for feature in json.loads(shown)]
    missing = command("import", project_copy, tmp_path / "no.csv", **LOCALES[name])
    assert missing.returncode == 1
    assert b"no.csv" in missing.stderr
    assert b"unexpectedly" not in missing.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGSTOP")
def test_a_training_goes_on_after_the_computer_slept(project_copy: Path, tmp_path: Path) -> None:
    train = steps(tmp_path / "unused.csv", epochs=1200)[2]
    other = Path(shutil.copytree(project_copy, tmp_path / "undisturbed.saedesk"))
    finish(train, other)
    child = start(train, project_copy)
    until = time.monotonic() + 60
    while not list(project_copy.glob("saes/.partial-*/*")):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)
    os.killpg(child.pid, signal.SIGSTOP)
    _, status = os.waitpid(child.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    time.sleep(2)
    os.killpg(child.pid, signal.SIGCONT)
    _, complaint = child.communicate(timeout=60)
    assert child.returncode == 0, complaint
    assert complaint == b""
    assert state(train, project_copy) == state(train, other)


IMPORT = """
import sys
from pathlib import Path
from tests.tiny_projects import import_file
from saedesk.project.project_folder import Project

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

with Project.create(Path(sys.argv[1])) as project:
    before = peak()
    result = import_file(project, Path(sys.argv[2]))
    print(project.documents.count(), peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_large_file_is_imported_in_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    rows = 30_000
    text = "a sentence of some words that stands here many times " * 38
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "title", "text", "year"])
        writer.writerows([f"k{i}", f"Title {i}", f"{i} {text}", 1990 + i % 30] for i in range(rows))
    assert file.stat().st_size > 60_000_000
    child = subprocess.run(
        [sys.executable, "-c", IMPORT, str(tmp_path / "p.saedesk"), str(file)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert child.returncode == 0, child.stderr
    count, growth = child.stdout.split()
    assert int(count) == rows
    assert float(growth) < 150
