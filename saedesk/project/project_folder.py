"""The project: a folder with a manifest, a database, a lock and immutable artifacts."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from saedesk.errors import DamagedArtifact, ProjectIsOpenElsewhere, ProjectProblem
from saedesk.project.artifact_integrity import damage_of
from saedesk.project.atomic_files import (
    PARTIAL_PREFIX,
    disk_errors,
    file_digest,
    short_hash,
    sync_files,
    sync_folder,
)
from saedesk.project.document_store import DocumentStore
from saedesk.project.family_edits import FamilyEdits
from saedesk.project.feature_marks import FeatureMarks
from saedesk.project.label_requests import LabelRequestStore
from saedesk.project.label_store import LabelStore
from saedesk.project.manifest import (
    ARTIFACT_KINDS,
    MANIFEST_NAME,
    ArtifactRecord,
    Manifest,
    load_manifest,
    save_manifest,
)
from saedesk.project.project_database import DATABASE_NAME, ProjectDatabase
from saedesk.project.project_lock import ProjectLock
from saedesk.project.saved_searches import SavedSearches, SearchHistory
from saedesk.project.selection_store import SelectionStore

SUFFIX = ".saedesk"
KINDS_THAT_RESUME = ("vectors", "saes")
"""Artifacts whose unfinished work is worth keeping; the others are made again in seconds."""

CANNOT_GO_ON_NAME = "cannot-go-on"
"""An empty file in a work folder that says that its job begins anew, so that it can be swept; no
part of the artifact."""


@dataclass
class ArtifactDraft:
    """An artifact being written: files go into `folder`, what a person should know into summary."""

    kind: str
    folder: Path
    inputs: dict[str, Any]
    """What makes the artifact; a training that is stopped and kept adds where it stopped."""
    summary: dict[str, Any] = field(default_factory=dict)


class Project:
    """An open project. Make one with `create` or `open`; `close` it at the end."""

    def __init__(
        self, folder: Path, manifest: Manifest, database: ProjectDatabase, lock: ProjectLock | None
    ) -> None:
        self.folder = folder
        self._manifest = manifest
        self._manifest_guard = threading.Lock()
        self._lock = lock
        self.database = database
        self.documents = DocumentStore(database)
        self.labels = LabelStore(database)
        self.marks = FeatureMarks(database)
        self.family_edits = FamilyEdits(database)
        self.label_requests = LabelRequestStore(database)
        self.selections = SelectionStore(database)
        self.saved_searches = SavedSearches(database)
        self.search_history = SearchHistory(database)

    @classmethod
    def create(cls, folder: Path, name: str | None = None) -> Project:
        """A new, empty project in a folder that does not exist yet or is empty."""
        folder = Path(folder).absolute()
        if folder.exists() and not _is_free(folder):
            raise ProjectProblem(f"{folder} exists already. Choose another name, or open it.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProjectProblem(f"{folder} cannot be made: {error.strerror or error}.") from error
        lock = ProjectLock(folder)
        lock.acquire()
        try:
            for leftover in folder.glob(f"{DATABASE_NAME}*"):
                leftover.unlink()
            database = ProjectDatabase.create(folder / DATABASE_NAME)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            manifest = Manifest(name=name or folder.name.removesuffix(SUFFIX), created=now)
            save_manifest(folder, manifest)
        except BaseException:
            lock.release()
            raise
        return cls(folder, manifest, database, lock)

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Project:
        """Open an existing project, for writing unless `read_only`.

        Raises ProjectIsOpenElsewhere when another process writes it, ProjectProblem or
        DamagedArtifact with a sentence otherwise.
        """
        folder = Path(folder).absolute()
        if not folder.is_dir():
            raise ProjectProblem(f"There is no project at {folder}.")
        manifest = load_manifest(folder)
        _refuse_links(folder)
        lock = None
        if not read_only:
            lock = ProjectLock(folder)
            lock.acquire()
        try:
            manifest = load_manifest(folder)
            database = ProjectDatabase.open(folder / DATABASE_NAME, read_only=read_only)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return cls(folder, manifest, database, lock)

    @classmethod
    def open_or_read(cls, folder: Path) -> Project:
        """Open for writing where that is possible, else read-only."""
        try:
            return cls.open(folder)
        except ProjectIsOpenElsewhere:
            return cls.open(folder, read_only=True)
        except ProjectProblem:
            if os.access(folder, os.W_OK):
                raise
            return cls.open(folder, read_only=True)

    @property
    def name(self) -> str:
        """What a person calls the project."""
        return self._manifest.name

    @property
    def manifest(self) -> Manifest:
        """The manifest as it stands now."""
        return self._manifest

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed through this object."""
        return self._lock is None

    def close(self) -> None:
        """Close the database and let go of the lock; nothing may be running any more."""
        self.database.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- artifacts ---------------------------------------------------------------------------

    def artifacts(self, kind: str) -> list[ArtifactRecord]:
        """The finished artifacts of a kind, oldest first."""
        return [a for a in self._manifest.artifacts if a.kind == kind]

    def find(self, kind: str, inputs: dict[str, Any]) -> ArtifactRecord | None:
        """The finished artifact made from exactly these inputs, or None."""
        return self._manifest.find(kind, short_hash(inputs))

    def find_intact(self, kind: str, inputs: dict[str, Any]) -> ArtifactRecord | None:
        """Like `find`, but None where a file is missing or changed, so that it is made again."""
        record = self.find(kind, inputs)
        return record if record is not None and self.is_intact(record) else None

    def is_intact(self, record: ArtifactRecord) -> bool:
        """Whether every file of a finished artifact is as it was written; reads all of it."""
        return not damage_of(self.folder, record)

    def current(self, kind: str, of: str = "") -> ArtifactRecord | None:
        """The artifact of a kind that is in use, or None; with `of` among those of an artifact."""
        return self._manifest.find_current(kind, of)

    def use(self, record: ArtifactRecord, of: str = "") -> None:
        """Make an artifact the one in use; with `of` among those of the artifact called so."""
        self._change(lambda manifest: manifest.with_current(record.kind, record.hash, of))

    def path_of(self, record: ArtifactRecord, *names: str) -> Path:
        """A file of a finished artifact; raises DamagedArtifact when it is missing or cut."""
        folder = self.folder / record.kind / record.hash
        if not names:
            return folder
        path = folder.joinpath(*names)
        expected = record.files.get(names[-1], {}).get("bytes")
        try:
            size = path.stat().st_size
        except OSError as error:
            raise DamagedArtifact(
                f"{path} is missing. Run “saedesk verify” to see what can be made again."
            ) from error
        if expected is not None and size != expected:
            raise DamagedArtifact(
                f"{path} has {size} bytes instead of {expected}. "
                "Run “saedesk verify” to see what can be made again."
            )
        return path

    def work_folder(self, kind: str, inputs: dict[str, Any], *, resume: bool) -> Path:
        """Where an unfinished artifact is written: the same place every time for the same inputs.

        With `resume`, what an interrupted run left there is kept, else it is removed first.
        """
        self.check_writable()
        folder = self.folder / kind / f"{PARTIAL_PREFIX}{short_hash(inputs)}"
        if folder.exists() and not resume:
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def discard_work(self, kind: str, inputs: dict[str, Any]) -> None:
        """Remove what an interrupted run left in the work folder of these inputs."""
        folder = self.folder / kind / f"{PARTIAL_PREFIX}{short_hash(inputs)}"
        if folder.exists():
            shutil.rmtree(folder)

    @contextlib.contextmanager
    def new_artifact(
        self, kind: str, inputs: dict[str, Any], *, resume: bool = False, use: bool = False
    ) -> Iterator[ArtifactDraft]:
        """Write an artifact; it exists once the block ends, and not before.

        After an error or a kill, what was written stays in the work folder (for a job that can
        resume) or is swept away by the next run.
        """
        folder = self.work_folder(kind, inputs, resume=resume)
        draft = ArtifactDraft(kind, folder, dict(inputs))
        with disk_errors(self.folder):
            yield draft
        self._publish(draft, use)

    def _publish(self, draft: ArtifactDraft, use: bool) -> None:
        hash_ = short_hash(draft.inputs)
        final = self.folder / draft.kind / hash_
        finished = self.find_intact(draft.kind, draft.inputs)
        if finished is not None:
            # The same inputs give the same artifact; what is finished is never taken away.
            shutil.rmtree(draft.folder)
            if use:
                self.use(finished)
            return
        if final.exists():
            # A finished folder that a kill kept from being listed, or one found damaged.
            shutil.rmtree(final)
        sync_files(draft.folder)
        files = {
            path.name: {"bytes": path.stat().st_size, "sha256": file_digest(path)}
            for path in sorted(draft.folder.iterdir())
            if path.name != CANNOT_GO_ON_NAME
        }
        (draft.folder / CANNOT_GO_ON_NAME).unlink(missing_ok=True)
        os.replace(draft.folder, final)
        sync_folder(final.parent)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        record = ArtifactRecord(draft.kind, hash_, now, draft.inputs, draft.summary, files)
        self._change(
            lambda manifest: (
                manifest.with_artifact(record).with_current(draft.kind, hash_)
                if use
                else manifest.with_artifact(record)
            )
        )

    def remove(self, record: ArtifactRecord) -> None:
        """Take an artifact out of the manifest, then off the disk."""
        self._change(lambda manifest: manifest.without_artifact(record.kind, record.hash))
        shutil.rmtree(self.folder / record.kind / record.hash, ignore_errors=True)

    def sweep(self) -> list[Path]:
        """Remove folders that no manifest lists and leftovers of atomic writes.

        What an interrupted embedding or training needs to go on is kept. Nothing may be running.
        """
        self.check_writable()
        removed = []
        for kind in ARTIFACT_KINDS:
            for path in sorted((self.folder / kind).glob("*")):
                is_listed = self._manifest.find(kind, path.name) is not None
                is_partial = path.name.startswith(PARTIAL_PREFIX)
                is_partial = is_partial and not (path / CANNOT_GO_ON_NAME).exists()
                if not is_listed and not (is_partial and kind in KINDS_THAT_RESUME):
                    shutil.rmtree(path)
                    removed.append(path)
        for path in self.folder.glob(f"{PARTIAL_PREFIX}*"):
            path.unlink()
            removed.append(path)
        return removed

    def check_writable(self) -> None:
        """Raise ProjectProblem when the project is open read-only."""
        if self.read_only:
            raise ProjectProblem(
                f"{self.name} is open read-only here, because another saedesk has it open or the "
                "folder cannot be written."
            )

    def _change(self, how: Callable[[Manifest], Manifest]) -> None:
        """Change the manifest; the window and a job may do so at the same time."""
        self.check_writable()
        with self._manifest_guard:
            changed = how(self._manifest)
            save_manifest(self.folder, changed)
            self._manifest = changed


def _is_free(folder: Path) -> bool:
    """Whether a folder is empty, or holds only what a killed `create` left there."""
    own = ("lock", "lock-owner.json")
    return (
        folder.is_dir()
        and all(
            path.name in own or path.name.startswith((DATABASE_NAME, PARTIAL_PREFIX))
            for path in folder.iterdir()
        )
        and not is_project(folder)
    )


def _refuse_links(folder: Path) -> None:
    """Raise ProjectProblem for a link inside the project: it could lead writing anywhere."""
    inside = [*folder.iterdir()]
    for kind in ARTIFACT_KINDS:
        for level in ("*", "*/*"):
            inside.extend((folder / kind).glob(level))
    for path in inside:
        if path.is_symlink():
            raise ProjectProblem(
                f"{path} is a link to another place, which a project never contains. "
                "It was not opened. Replace the link by what it leads to."
            )


def is_project(folder: Path) -> bool:
    """Whether a folder holds a project."""
    return (folder / MANIFEST_NAME).is_file()
