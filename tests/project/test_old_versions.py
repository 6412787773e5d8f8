"""A small project of every version that was ever written opens and reads the same."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import DamagedArtifact, OutOfRoom, ProjectProblem
from saedesk.features.families.edited_families import FamilyEdit
from saedesk.features.labels.label_score import LabelScore
from saedesk.jobs.find_families import families_in_use
from saedesk.jobs.loaded_sae import open_sae
from saedesk.project import database_versions
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.project_check import check_project
from saedesk.project.project_folder import Project
from saedesk.sae.formats.saedesk_format import load_sae
from saedesk.task_control import Unattended

FOLDER = Path(__file__).parent.parent / "projects_of_old_versions"


@pytest.fixture(params=sorted(path.name for path in FOLDER.iterdir()))
def old_project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER / request.param, tmp_path / "old.saedesk"))


def test_it_opens_whole(old_project: Path) -> None:
    with Project.open(old_project) as project:
        assert check_project(project, Unattended()) == []
        assert project.documents.count() == 60
        assert len(project.documents.find(DocumentFilter(words="the"))) > 0
        record = project.current("saes")
        assert record is not None
        sae = open_sae(project, record)
        assert sae is not None
        assert sae.activations.n_documents == 60
        assert len(project.labels.current(record.hash)) > 0
        weights = load_sae(project.path_of(record))
        codes = weights.encode(np.asarray(sae.vectors.values))
        latents, values = sae.activations.document(5)
        np.testing.assert_allclose(np.sort(codes[5].data), np.sort(values), rtol=1e-4, atol=1e-6)
        assert set(codes[5].indices) == set(latents.tolist())


def test_version_1_is_copied_and_keeps_everything(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER / "schema_1", tmp_path / "old.saedesk"))
    with Project.open(folder, read_only=True) as project:
        (record,) = project.artifacts("saes")
        labels = project.labels.current(record.hash)
    with closing(sqlite3.connect(folder / "documents.sqlite")) as connection:
        connection.execute("INSERT INTO feature_marks VALUES (?, 3, 1)", (record.hash,))
        connection.commit()
    with Project.open(folder) as project:
        assert project.labels.current(record.hash) == labels
        assert project.labels.starred(record.hash) == {3}
        assert project.marks.marks(record.hash) == {3: FeatureMark(starred=True)}
        project.marks.set_hidden(record.hash, [3, 4], True)
        label = labels[min(labels)]
        project.labels.put_scores([(label.id, LabelScore("lexical", 0.8, 0.7, 0.9, 40))])
        project.selections.save("all", [1, 2])
        project.family_edits.put(record.hash, {3: FamilyEdit("kept")})
        project.saved_searches.save("search", "kept", {"text": "dark"}, record.hash)
        project.search_history.add({"text": "dark"})
        assert project.documents.count() == 60
    copy = folder / "documents.version-1.sqlite"
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM documents").fetchone() == (60,)
        assert connection.execute("SELECT latent FROM feature_marks").fetchall() == [(3,)]
    stamp = copy.stat().st_mtime_ns
    with Project.open(folder) as project:
        assert project.marks.hidden(record.hash) == {3, 4}
        assert project.family_edits.edits(record.hash) == {3: FamilyEdit("kept")}
        assert project.saved_searches.named("search", "kept").content == {"text": "dark"}
        assert [one.content for one in project.search_history.all()] == [{"text": "dark"}]
        assert check_project(project, Unattended()) == []
    assert copy.stat().st_mtime_ns == stamp


def test_version_1_reads_without_being_changed(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER / "schema_1", tmp_path / "old.saedesk"))
    before = (folder / "documents.sqlite").read_bytes()
    with Project.open(folder, read_only=True) as project:
        (record,) = project.artifacts("saes")
        assert len(project.labels.current(record.hash)) > 0
        assert project.labels.scores(record.hash) == {}
        assert project.labels.starred(record.hash) == set()
        assert project.marks.marks(record.hash) == {}
        assert project.label_requests.of_latent(record.hash, 1) == []
        assert project.selections.all() == []
        assert project.family_edits.edits(record.hash) == {}
        assert project.saved_searches.all("search") == []
        assert project.search_history.all() == []
        with pytest.raises(ProjectProblem, match="read-only"):
            project.marks.set_hidden(record.hash, [1], True)
    assert (folder / "documents.sqlite").read_bytes() == before
    assert not (folder / "documents.version-1.sqlite").exists()


def test_version_2_keeps_everything_and_learns_of_families(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER / "schema_2", tmp_path / "old.saedesk"))
    before = (folder / "documents.sqlite").read_bytes()
    with Project.open(folder, read_only=True) as project:
        record = project.current("saes")
        assert record is not None
        marks, labels = project.marks.marks(record.hash), project.labels.current(record.hash)
        assert marks[3] == FeatureMark(True, False, "a note", frozenset({"checked"}))
        assert marks[5].hidden
        assert project.family_edits.edits(record.hash) == {}
        assert project.saved_searches.all("preset") == []
        assert project.search_history.all() == []
        with pytest.raises(ProjectProblem, match="read-only"):
            project.search_history.add({"text": "dark"})
        with pytest.raises(ProjectProblem, match="read-only"):
            project.family_edits.put(record.hash, {3: FamilyEdit("new")})
        families = families_in_use(project)
        assert families is not None
    assert (folder / "documents.sqlite").read_bytes() == before
    with Project.open(folder) as project:
        assert project.marks.marks(record.hash) == marks
        assert project.labels.current(record.hash) == labels
        assert [one.name for one in project.selections.all()] == ["some"]
        assert len(project.label_requests.of_latent(record.hash, 3)) == 1
        assert families_in_use(project) == families
        edit = FamilyEdit("new", pinned=True, family=families.families[0])
        project.family_edits.put(record.hash, {families.families[0].root: edit})
        project.saved_searches.save("preset", "kept", {"plan": {}})
        project.search_history.add({"text": "dark"})
    with closing(sqlite3.connect(folder / "documents.version-2.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    with Project.open(folder) as project:
        assert project.family_edits.edits(record.hash) == {families.families[0].root: edit}
        assert check_project(project, Unattended()) == []


def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(FOLDER / "schema_1", tmp_path / "old.saedesk"))
    # The last step meets a table that is there already.
    broken = (*database_versions.VERSION_2, "CREATE TABLE labels (id INTEGER)")
    steps = {**database_versions._STEPS, 1: broken}
    with monkeypatch.context() as patch:
        patch.setattr(database_versions, "_STEPS", steps)
        with pytest.raises(DamagedArtifact, match="already exists"):
            Project.open(folder)
    with closing(sqlite3.connect(folder / "documents.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert "label_scores" not in tables
    with Project.open(folder) as project:
        assert project.selections.all() == []


def test_without_room_for_the_copy_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(FOLDER / "schema_1", tmp_path / "old.saedesk"))
    before = (folder / "documents.sqlite").read_bytes()
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100))
    with pytest.raises(OutOfRoom, match="room"):
        Project.open(folder)
    assert (folder / "documents.sqlite").read_bytes() == before
    with Project.open(folder, read_only=True) as project:
        assert project.documents.count() == 60
