"""Projects that were damaged, come from somewhere else, or lie on a full disk."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import DamagedArtifact, KnownError, OutOfRoom, ProjectProblem
from saedesk.project.atomic_files import create_array, require_room
from saedesk.project.project_check import check_project
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended
from tests.tiny_projects import project_copy as project_copy
from tests.tiny_projects import small_project as small_project

LIMITED = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
folder = Path(sys.argv[1])
{before}
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from saedesk.errors import KnownError
try:
{action}
except KnownError as error:
    print(type(error).__name__, error.sentence)
else:
    print("nothing happened")
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that matters: the lock comes and goes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("lock")
    }


def change_manifest(folder: Path, change) -> None:
    path = folder / "project.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_project_is_refused_and_not_touched(project_copy: Path, read_only: bool) -> None:
    change_manifest(project_copy, lambda content: content.update(schema_version=99, new=[1]))
    before = contents(project_copy)
    with pytest.raises(ProjectProblem, match=r"newer saedesk \(project version 99"):
        Project.open(project_copy, read_only=read_only)
    assert contents(project_copy) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "../outside"),
        ("hash", "../../outside"),
        ("hash", ".."),
        ("hash", "/etc"),
        ("hash", "C:x"),
        ("files", {"../../secret": {"bytes": 1, "sha256": ""}}),
        ("files", {"a\\b": {"bytes": 1, "sha256": ""}}),
    ],
)
def test_a_manifest_that_leads_outside_is_refused(
    project_copy: Path, name: str, value: object
) -> None:
    change_manifest(project_copy, lambda content: content["artifacts"][0].update({name: value}))
    before = contents(project_copy)
    with pytest.raises(ProjectProblem, match="outside its own folder"):
        Project.open(project_copy)
    assert contents(project_copy) == before


@pytest.mark.parametrize("what", ["lock-owner.json", "vectors", "documents.sqlite", "file"])
def test_links_in_a_project_are_refused_and_nothing_is_written_through_them(
    project_copy: Path, tmp_path: Path, what: str
) -> None:
    outside = tmp_path / "outside"
    if what == "file":
        path = next((project_copy / "vectors").glob("*/vectors.npy"))
    else:
        path = project_copy / what
    if path.exists():
        shutil.move(path, outside)
    else:
        outside.write_text("keep me")
    before = contents(outside) if outside.is_dir() else outside.read_bytes()
    path.symlink_to(outside)
    for read_only in (False, True):
        with pytest.raises(ProjectProblem, match="is a link"):
            Project.open(project_copy, read_only=read_only)
    assert (contents(outside) if outside.is_dir() else outside.read_bytes()) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"format": "something else"}',
        b'{"format": "saedesk project", "schema_version": "1"}',
        b'{"format": "saedesk project", "schema_version": 1}',
        b'{"format": "saedesk project", "schema_version": 1, "name": "x", "created": "", '
        b'"current": {}, "artifacts": [1]}',
        b'{"format": "saedesk project", "schema_version": 1, "name": "x", "created": "", '
        b'"current": {}, "artifacts": [{"kind": "vectors", "hash": "a", "created": "", '
        b'"inputs": [], "files": {"f": 3}}]}',
        b'{"format": "saedesk project", "schema_version": 1, "name": "x", "created": "", '
        b'"current": [1], "artifacts": []}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_a_damaged_manifest_gets_a_sentence(project_copy: Path, content: bytes) -> None:
    (project_copy / "project.json").write_bytes(content)
    with pytest.raises(ProjectProblem, match=r"project\.json"):
        Project.open(project_copy)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("missing", "is missing"),
        ("empty", "not a database of saedesk"),
        ("not a database", "cannot be read"),
        ("foreign", "not a database of saedesk"),
        ("newer", "newer saedesk"),
        ("trigger", "a trigger or view .surprise."),
        ("view", "a trigger or view .surprise."),
    ],
)
def test_a_database_that_is_not_ours_is_refused(
    project_copy: Path, damage: str, sentence: str
) -> None:
    path = project_copy / "documents.sqlite"
    statement = {
        "foreign": "PRAGMA application_id = 7",
        "newer": "PRAGMA user_version = 9",
        "trigger": "CREATE TRIGGER surprise AFTER INSERT ON documents BEGIN "
        "DELETE FROM labels; END",
        "view": "CREATE VIEW surprise AS SELECT 1",
    }.get(damage)
    if statement:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
    elif damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else b"hello" * 1000)
    for read_only in (False, True):
        with pytest.raises(ProjectProblem, match=sentence):
            Project.open(project_copy, read_only=read_only)
    if damage not in ("missing",):
        # The lock was let go of.
        with pytest.raises(ProjectProblem, match=sentence):
            Project.open(project_copy)


@pytest.mark.parametrize(
    ("pattern", "way_out"),
    [
        ("vectors/*/vectors.npy", "saedesk embed"),
        ("saes/*/sae.safetensors", "saedesk train"),
        ("activations/*/document_values.npy", "saedesk analyse"),
        ("statistics/*/*", "saedesk analyse"),
    ],
)
@pytest.mark.parametrize("damage", ["a flipped bit", "truncated", "missing"])
def test_check_names_the_file_and_the_way_out(
    project_copy: Path, pattern: str, way_out: str, damage: str
) -> None:
    path = sorted(project_copy.glob(pattern))[0]
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(content[:-7])
    else:
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
    with Project.open(project_copy, read_only=True) as project:
        (finding,) = check_project(project, Unattended())
        assert project.documents.count() == 60  # the rest is usable
    assert finding.file == path.name
    assert way_out in finding.way_out


def test_a_changed_letter_in_a_document_is_found(project_copy: Path) -> None:
    path = project_copy / "documents.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        word = connection.execute("SELECT text FROM documents WHERE id = 7").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    at = content.index(word.encode()[:60])
    changed = bytearray(content)
    changed[at + 10] ^= 1
    path.write_bytes(changed)
    with Project.open(project_copy, read_only=True) as project:
        findings = check_project(project, Unattended())
    assert [f.problem for f in findings] == ["the document “0006” was changed"]
    assert "backup" in findings[0].way_out


def test_a_lost_document_is_found(project_copy: Path) -> None:
    with closing(sqlite3.connect(project_copy / "documents.sqlite")) as connection:
        connection.execute("DELETE FROM document_fields WHERE document_id = 60")
        connection.execute("DELETE FROM documents WHERE id = 60")
        connection.commit()
    with Project.open(project_copy, read_only=True) as project:
        (finding,) = check_project(project, Unattended())
    assert "documents are missing" in finding.problem


def test_a_damaged_page_of_the_database_gets_a_sentence(project_copy: Path) -> None:
    path = project_copy / "documents.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'documents'")
        start = 4096 * (found.fetchone()[0] - 1)
    content = bytearray(path.read_bytes())
    content[start : start + 64] = b"\xee" * 64
    path.write_bytes(content)
    with Project.open(project_copy, read_only=True) as project:
        with pytest.raises(DamagedArtifact, match=r"documents\.sqlite is damaged"):
            list(project.documents.iterate())
        findings = check_project(project, Unattended())
    assert findings
    assert all(f.kind == "documents" for f in findings)


def limited(folder: Path, limit: int, action: str, before: str = "") -> str:
    script = LIMITED.format(before=before, action=action)
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder), str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "action",
    [
        "    atomic.write_bytes(path, b'x' * 100_000)",
        "    atomic.write_json(path, ['x' * 100_000])",
        "    atomic.write_array(path, np.zeros(100_000))",
    ],
)
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, action: str) -> None:
    path = tmp_path / "kept"
    path.write_text("old")
    before = (
        "import numpy as np\nfrom saedesk.project import atomic_files as atomic\n"
        "path = folder / 'kept'\n"
    )
    answer = limited(tmp_path, 20_000, action, before)
    assert answer.startswith(f"OutOfRoom Writing to {tmp_path} failed")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_a_mapped_array_beyond_the_disk_raises_instead_of_killing(tmp_path: Path) -> None:
    action = "    create_array(folder / 'a.npy', (1000, 100), np.float32)"
    before = (
        "import numpy as np\nfrom saedesk.project.atomic_files import create_array, require_room\n"
    )
    assert limited(tmp_path, 20_000, action, before).startswith("OutOfRoom")
    assert create_array(tmp_path / "b.npy", (0, 5), np.float32).shape == (0, 5)


def test_a_job_that_cannot_fit_says_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(OutOfRoom, match=r"GB are needed, .* are free"):
        require_room(tmp_path, 10**18)


IMPORT = (
    "from saedesk.project.project_folder import Project\n"
    "from tests.tiny_projects import *\nproject = Project.open(folder)\n"
)


def test_a_full_disk_while_importing_leaves_the_project_as_it_was(project_copy: Path) -> None:
    from tests.ui.made_up_abstracts import write_abstracts

    file = write_abstracts(project_copy.parent / "more.csv", 3000, seed=3)
    before = IMPORT + f"file = Path({str(file)!r})\n"
    action = "    import_file(project, file, keep_first=True)"
    limit = 2 * (project_copy / "documents.sqlite").stat().st_size
    answer = limited(project_copy, limit, action, before)
    assert answer.startswith("OutOfRoom"), answer
    with Project.open(project_copy) as project:
        assert project.documents.count() == 60
        assert check_project(project, Unattended()) == []


@pytest.mark.slow
@pytest.mark.parametrize("step", ["train", "analyse"])
def test_a_full_disk_while_working_keeps_what_was_finished(project_copy: Path, step: str) -> None:
    if step == "train":
        action = "    train_sae.run(project, train_request(seed=5, epochs=2), Unattended())"
        before = IMPORT + "from saedesk.jobs import train_sae\nimport torch\n"
    else:
        action = "    analyse_features.run(project, AnalyseRequest(), Unattended())"
        before = IMPORT + (
            "from saedesk.jobs.analyse_features import AnalyseRequest\nimport torch\n"
            "for kind in ('statistics', 'activations'):\n"
            "    project.remove(project.artifacts(kind)[0])\n"
        )
    with Project.open(project_copy) as project:
        finished = {a.hash for a in project.artifacts("vectors") + project.artifacts("saes")}
    answer = limited(project_copy, 600 if step == "analyse" else 30_000, action, before)
    assert answer.startswith("OutOfRoom"), answer
    with Project.open(project_copy) as project:
        left = {a.hash for a in project.artifacts("vectors") + project.artifacts("saes")}
        assert left == finished
        assert check_project(project, Unattended()) == []


def test_every_problem_with_a_folder_is_a_known_error(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    for folder in (tmp_path / "nothing", tmp_path / "plain"):
        for read_only in (False, True):
            with pytest.raises(KnownError):
                Project.open(folder, read_only=read_only)


OPEN_OR_READ = """
import os, sys
import tempfile
from pathlib import Path
from saedesk.errors import KnownError
from saedesk.project.project_folder import Project
if os.geteuid() == 0:
    os.setuid(65534)  # rights do not bind root, so root steps down
try:
    with Project.open_or_read(Path(sys.argv[1])) as project:
        print(project.read_only, project.documents.count(), len(list(project.documents.iterate())))
        project.labels.set_star("sae", 1, True)
except KnownError as error:
    print(error.sentence)
"""


@pytest.fixture
def unwritable(small_project: Path):
    """A copy in a folder that the child process below may read and not write."""
    base = Path(tempfile.mkdtemp(prefix="saedesk-unwritable-"))
    folder = Path(shutil.copytree(small_project, base / "p.saedesk"))
    yield folder
    for path in (base, *base.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(base)


def open_without_rights(folder: Path) -> str:
    for path in (folder.parent, folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = subprocess.run(
        [sys.executable, "-c", OPEN_OR_READ, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_folder_that_cannot_be_written_is_opened_read_only(unwritable: Path) -> None:
    answer = open_without_rights(unwritable)
    assert answer.splitlines()[0] == "True 60 60"
    assert "read-only" in answer.splitlines()[1]


def test_a_log_that_cannot_be_read_in_is_not_passed_over(unwritable: Path) -> None:
    # What a killed program leaves on a disk that is then mounted read-only.
    path = unwritable / "documents.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE documents SET title = 'newer' WHERE id = 1")
        for name in ("documents.sqlite", "documents.sqlite-wal"):
            shutil.copy(unwritable / name, unwritable / f"kept-{name}")
    for name in ("documents.sqlite", "documents.sqlite-wal"):
        (unwritable / f"kept-{name}").replace(unwritable / name)
    answer = open_without_rights(unwritable)
    assert "Copy the project" in answer or answer.startswith("True 60")
    if answer.startswith("True"):
        with Project.open(unwritable, read_only=True) as project:
            assert project.documents.rows([1])[0].title == "newer"
