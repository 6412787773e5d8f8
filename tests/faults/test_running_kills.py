"""The script that kills each step at random, with a few kills of each."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from saedesk.project.project_check import check_project
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended
from tests.faults.kill_at_random import try_steps
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
