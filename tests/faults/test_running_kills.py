"""Each step killed at random, with a few kills of each."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from saedesk.project.project_check import check_project
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended
from tests.faults.kill_at_random import (
    Step,
    damage,
    leftovers,
    state,
    steps,
    try_steps,
    write_corpus,
)
from tests.tiny_projects import import_file
from tests.tiny_projects import project_copy as project_copy
from tests.tiny_projects import small_project as small_project

BUSY = """
import sys
from pathlib import Path
from saedesk.project.atomic_files import write_array
from saedesk.project.project_folder import Project
import numpy as np
project = Project.open(Path(sys.argv[1]))
print("open", flush=True)
number = 0
while True:
    number += 1
    with project.new_artifact("indexes", {"number": number % 5}, use=True) as draft:
        write_array(draft.folder / "a.npy", np.full(20_000, number))
    project.labels.set_star("sae", number, True)
    print(number, flush=True)
"""

FORKS = """
import json, os, sys
import saedesk.embedding.fast_bert, tokenizers, torch, safetensors.torch
from saedesk.__main__ import main
from saedesk.jobs import embed_documents, train_sae
from saedesk.sae import training
from saedesk.sae.product_choice import search_precision
embed_documents.CHUNK = 4
training.SECONDS_BETWEEN_CHECKPOINTS = 0.05
# The first optimiser imports half of torch.
torch.optim.Adam([torch.zeros(1, requires_grad=True)])
# A training that is killed before its first checkpoint begins anew, and on a busy computer another
# precision may then be measured as the fastest; here all children know the same measurement.
search_precision("cpu", 384, 64)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(main(json.loads(line)))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Commands:
    """Runs commands in children of a process that has loaded the libraries once."""

    def __init__(self) -> None:
        self.parent = subprocess.Popen(
            [sys.executable, "-c", FORKS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def start(self, step: Step, project: Path) -> int:
        """The process of a step."""
        assert self.parent.stdin is not None
        words = [word.format(project=project) for word in step.arguments]
        self.parent.stdin.write(json.dumps([*words, "--quiet"]) + "\n")
        self.parent.stdin.flush()
        return self._number()

    def code(self) -> int:
        """How the process ended."""
        return self._number()

    def _number(self) -> int:
        assert self.parent.stdout is not None
        return int(self.parent.stdout.readline())


@pytest.fixture
def commands() -> Iterator[Commands]:
    made = Commands()
    with made.parent:
        yield made


def killed_in_the_middle(
    commands: Commands, step: Step, project: Path, writes: int, pause: float
) -> int:
    """Kill a step a little after it has written for so many times, and say how it ended."""
    process = commands.start(step, project)
    seen: set[tuple[str, int]] = set()
    until = time.monotonic() + 60
    while len(seen) < writes:
        assert time.monotonic() < until
        for path in project.glob(f"{step.kinds[0]}/.partial-*/*"):
            with contextlib.suppress(FileNotFoundError):
                seen.add((path.name, path.stat().st_mtime_ns))
        time.sleep(0.0005)
    time.sleep(pause)
    os.kill(process, signal.SIGKILL)
    return commands.code()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_embedding_and_training_go_on_after_two_kills_each(
    tmp_path: Path, commands: Commands
) -> None:
    corpus = write_corpus(tmp_path / "corpus.csv", 40)
    ready = tmp_path / "ready.saedesk"
    with Project.create(ready) as project:
        import_file(project, corpus, keep_first=True)
    choose = random.Random(5)
    for step in steps(corpus, epochs=300)[1:3]:
        undisturbed = Path(shutil.copytree(ready, tmp_path / f"{step.name}.saedesk"))
        commands.start(step, undisturbed)
        assert commands.code() == 0
        for number in range(2):
            killed = Path(shutil.copytree(ready, tmp_path / f"{step.name}-{number}.saedesk"))
            when = choose.randint(1, 5), choose.uniform(0, 0.03)
            assert killed_in_the_middle(commands, step, killed, *when) == -signal.SIGKILL
            assert damage(killed) == []
            commands.start(step, killed)
            assert commands.code() == 0
            assert state(step, killed) == state(step, undisturbed)
            assert leftovers(killed) == damage(killed) == []
        ready = undisturbed


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_step_loses_anything_when_it_is_killed(tmp_path: Path) -> None:
    found = try_steps(tmp_path, "all", times=2, seed=1, documents=150, epochs=150)
    assert set(found) == {"import", "embed", "train", "analyse"}
    for name, tally in found.items():
        assert tally.differences == [], name


def test_whatever_is_saved_when_the_kill_comes_was_there_or_is_there(project_copy: Path) -> None:
    """Artifacts, manifest and database written without a pause, and eight kills."""
    choose = random.Random(3)
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", BUSY, str(project_copy)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == "open\n"
            time.sleep(choose.uniform(0.0, 0.15))
            process.kill()
            finished = [int(line) for line in process.stdout.read().split("\n")[:-1]]
        process.wait()
        with Project.open(project_copy) as project:
            assert check_project(project, Unattended()) == []
            # What was told to be finished is there.
            assert project.labels.starred("sae") >= set(finished)
            for number in finished[-5:]:
                assert project.find_intact("indexes", {"number": number % 5}) is not None
            project.sweep()
