"""What was dropped on the window: a project, documents, vectors, an SAE, or none of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from saedesk.errors import KnownError
from saedesk.project.manifest import MANIFEST_NAME
from saedesk.project.project_folder import is_project
from saedesk.ui.shell.folder_look import FolderLook
from saedesk.ui.shell.sae_signs import looks_like_sae

NEVER_A_TABLE = (".npy", ".npz", ".safetensors")
"""Endings of files that hold arrays, not documents."""


@dataclass(frozen=True)
class DroppedProject:
    """The folder of a project to open."""

    folder: Path


@dataclass(frozen=True)
class DroppedCorpus:
    """Files, or one folder of texts, to import."""

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class DroppedSae:
    """A file or folder with the signs of an SAE; whether it is one shows when it is read."""

    path: Path


@dataclass(frozen=True)
class DroppedVectors:
    """A file or folder of vectors that somebody has already."""

    path: Path


@dataclass(frozen=True)
class DroppedOther:
    """Something that cannot be used."""

    sentence: str
    """Why, for a person."""


Dropped = DroppedProject | DroppedCorpus | DroppedSae | DroppedVectors | DroppedOther


def understand(paths: Sequence[Path]) -> Dropped:
    """Say what to do with what was dropped; reads at most the beginnings of files."""
    if not paths:
        return DroppedOther("Only files and folders of this computer can be dropped here.")
    projects = [folder for path in paths if (folder := _project_of(path)) is not None]
    if projects:
        if len(paths) > 1:
            return DroppedOther("Drop one project at a time.")
        return DroppedProject(projects[0])
    from saedesk.corpus.readers import open_table
    from saedesk.embedding.vector_files.any_vector_file import is_vector_file, list_vector_tables

    if any(looks_like_sae(path) for path in paths):
        if len(paths) > 1:
            return DroppedOther("Drop one SAE at a time: its file, or the folder it lies in.")
        return DroppedSae(paths[0])
    if any(is_vector_file(path) for path in paths):
        if len(paths) > 1:
            return DroppedOther("Drop one file of vectors at a time.")
        return DroppedVectors(paths[0])
    if len(paths) > 1 and any(path.is_dir() for path in paths):
        return DroppedOther("Drop files, or one folder of text files, but not both at once.")

    for path in paths:
        if path.is_dir() and not _is_small(path):
            continue  # Whether it holds texts shows in the import, which does not block the window.
        try:
            if path.suffix.lower() in NEVER_A_TABLE:
                # What is wrong with it as vectors is worth more than that it holds no documents.
                list_vector_tables(path)
            open_table(path, None, None)
        except KnownError as error:
            return DroppedOther(error.sentence)
    return DroppedCorpus(tuple(paths))


def _is_small(folder: Path) -> bool:
    look = FolderLook(folder)
    for _ in look.folders():
        pass
    return look.saw_all


def _project_of(path: Path) -> Path | None:
    if path.name == MANIFEST_NAME:
        path = path.parent
    return path if path.is_dir() and is_project(path) else None
