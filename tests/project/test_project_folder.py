from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import DamagedArtifact, ProjectIsOpenElsewhere, ProjectProblem
from saedesk.project.atomic_files import write_array
from saedesk.project.project_folder import Project

HOLDER = (
    "import sys, time; from pathlib import Path\n"
    "from saedesk.project.project_folder import Project\n"
    "project = Project.open(Path(sys.argv[1]))\n"
    "print('open', flush=True); time.sleep(60)\n"
)


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.saedesk") as made:
        yield made


class InterruptedTask(Exception):
    pass


def add_artifact(project: Project, number: int, *, use: bool = False):
    inputs = {"number": number}
    with project.new_artifact("vectors", inputs, use=use) as draft:
        write_array(draft.folder / "a.npy", np.full(4, number))
        draft.summary["number"] = number
    record = project.find("vectors", inputs)
    assert record is not None
    return record


def test_an_artifact_exists_once_its_block_ended(project: Project) -> None:
    with contextlib.suppress(InterruptedTask), project.new_artifact("vectors", {"n": 1}) as draft:
        write_array(draft.folder / "a.npy", np.zeros(3))
        raise InterruptedTask
    assert project.find("vectors", {"n": 1}) is None
    record = add_artifact(project, 2, use=True)
    assert project.current("vectors") == record
    with Project.open(project.folder, read_only=True) as other:
        assert other.current("vectors") == record
        assert np.load(other.path_of(record, "a.npy")).tolist() == [2] * 4


def test_an_interrupted_artifact_goes_on_where_it_was_or_starts_anew(project: Project) -> None:
    inputs = {"n": 1}
    (project.work_folder("vectors", inputs, resume=True) / "half").write_text("x")
    assert (project.work_folder("vectors", inputs, resume=True) / "half").exists()
    assert not (project.work_folder("vectors", inputs, resume=False) / "half").exists()


def test_a_folder_that_a_kill_kept_from_being_listed_is_swept_and_made_again(
    project: Project,
) -> None:
    record = add_artifact(project, 1)
    unlisted = project.folder / "vectors" / "0123456789abcdef"
    unlisted.mkdir()
    leftover = project.folder / ".partial-99-project.json"
    leftover.write_text("half")
    work = project.work_folder("vectors", {"n": 9}, resume=True)
    half = project.work_folder("activations", {"n": 9}, resume=True)
    removed = project.sweep()
    assert set(removed) == {unlisted, leftover, half}
    assert work.exists()
    assert project.is_intact(record)


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_damaged_artifact_is_not_found_intact(project: Project, damage: str) -> None:
    record = add_artifact(project, 1)
    path = project.path_of(record, "a.npy")
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[:-1])
    else:
        content[-1] ^= 1
        path.write_bytes(content)
    assert project.find("vectors", {"number": 1}) == record
    assert project.find_intact("vectors", {"number": 1}) is None
    if damage != "changed":
        with pytest.raises(DamagedArtifact, match="saedesk verify"):
            project.path_of(record, "a.npy")
    add_artifact(project, 1)
    assert project.find_intact("vectors", {"number": 1}) is not None


def test_removing_takes_manifest_entry_use_and_files(project: Project) -> None:
    record = add_artifact(project, 1, use=True)
    project.remove(record)
    assert project.current("vectors") is None
    assert not (project.folder / "vectors" / record.hash).exists()


def test_read_only_refuses_to_change_anything(project: Project) -> None:
    record = add_artifact(project, 1, use=True)
    with Project.open(project.folder, read_only=True) as other:
        for change in (
            lambda: other.use(record),
            lambda: other.remove(record),
            lambda: other.work_folder("vectors", {}, resume=True),
            lambda: other.labels.set_star("s", 1, True),
            other.sweep,
        ):
            with pytest.raises(ProjectProblem, match="read-only"):
                change()


def test_a_second_process_is_told_who_has_the_project(project: Project) -> None:
    script = HOLDER.replace("time.sleep(60)", "")
    done = subprocess.run(
        [sys.executable, "-c", script, str(project.folder)], capture_output=True, text=True
    )
    assert "ProjectIsOpenElsewhere" in done.stderr
    assert f"process {os.getpid()} on " in done.stderr


def test_a_killed_owner_gives_the_project_free(tmp_path: Path) -> None:
    folder = tmp_path / "p.saedesk"
    Project.create(folder).close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(ProjectIsOpenElsewhere, match=f"process {holder.pid} on"):
            Project.open(folder)
        with Project.open_or_read(folder) as other:
            assert other.read_only
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with Project.open(folder) as again:
        assert not again.read_only


def test_a_project_can_be_moved(project: Project, tmp_path: Path) -> None:
    record = add_artifact(project, 1, use=True)
    project.close()
    assert str(tmp_path) not in (project.folder / "project.json").read_text()
    moved = tmp_path / "elsewhere" / "other name.saedesk"
    moved.parent.mkdir()
    project.folder.rename(moved)
    with Project.open(moved) as opened:
        assert opened.current("vectors") == record
        assert opened.path_of(record, "a.npy").is_relative_to(moved)


@pytest.mark.parametrize("what", ["file", "full folder", "project"])
def test_creating_where_something_is(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "p.saedesk"
    if what == "file":
        folder.write_text("x")
    elif what == "project":
        Project.create(folder).close()
    else:
        folder.mkdir()
        (folder / "mine.txt").write_text("x")
    with pytest.raises(ProjectProblem, match="exists already"):
        Project.create(folder)


def test_creating_again_after_a_kill_in_the_middle(tmp_path: Path) -> None:
    folder = tmp_path / "p.saedesk"
    Project.create(folder).close()
    (folder / "project.json").unlink()
    (folder / ".partial-1-project.json").write_text("{")
    with Project.create(folder) as project:
        assert project.documents.count() == 0


def test_the_manifest_has_no_half_state(project: Project) -> None:
    for number in range(3):
        add_artifact(project, number)
    content = json.loads((project.folder / "project.json").read_text())
    assert [a["summary"]["number"] for a in content["artifacts"]] == [0, 1, 2]
    assert not list(project.folder.glob(".partial-*"))
