"""`project.json`: which artifacts a project has, what made each, which are in use.

The file is small, replaced whole, and written last: an artifact exists once it is listed here.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from saedesk.errors import ProjectProblem
from saedesk.project.atomic_files import write_json

FORMAT = "saedesk project"
SCHEMA_VERSION = 1
MANIFEST_NAME = "project.json"
ARTIFACT_KINDS = (
    "vectors",
    "saes",
    "activations",
    "statistics",
    "co_occurrence",
    "families",
    "family_labels",
    "family_measures",
    "indexes",
)


@dataclass(frozen=True)
class ArtifactRecord:
    """One immutable artifact: a folder `kind/hash/` and what made it."""

    kind: str
    """One of ARTIFACT_KINDS; also the name of the folder it lies in."""
    hash: str
    """Short hash of `inputs`; the same inputs give the same artifact."""
    created: str
    """ISO time, UTC."""
    inputs: dict[str, Any]
    """Everything that determines the content: hashes of other artifacts, settings, versions."""
    summary: dict[str, Any] = field(default_factory=dict)
    """What a person wants to know: name, metrics, counts."""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By file name: {"bytes": int, "sha256": str}."""


@dataclass(frozen=True)
class Manifest:
    """The content of `project.json`."""

    name: str
    created: str
    artifacts: tuple[ArtifactRecord, ...] = ()
    current: dict[str, str] = field(default_factory=dict)
    """Artifact in use by kind: {"vectors": hash, "saes": hash}, and "activations/" + the hash of
    an SAE: which of its analyses is read; "families/" + that of activations: which families."""
    schema_version: int = SCHEMA_VERSION

    def find(self, kind: str, hash_: str) -> ArtifactRecord | None:
        """The artifact called `hash_`, or None."""
        return next((a for a in self.artifacts if a.kind == kind and a.hash == hash_), None)

    def with_artifact(self, record: ArtifactRecord) -> Manifest:
        """A manifest that lists `record` too (in place of one of the same name)."""
        others = tuple(a for a in self.artifacts if (a.kind, a.hash) != (record.kind, record.hash))
        return replace(self, artifacts=(*others, record))

    def without_artifact(self, kind: str, hash_: str) -> Manifest:
        """A manifest that no longer lists the artifact."""
        kept = tuple(a for a in self.artifacts if (a.kind, a.hash) != (kind, hash_))
        current = {
            key: value
            for key, value in self.current.items()
            if (key.partition("/")[0], value) != (kind, hash_)
        }
        return replace(self, artifacts=kept, current=current)

    def with_current(self, kind: str, hash_: str, of: str = "") -> Manifest:
        """A manifest in which the artifact is the one in use, perhaps among those of another."""
        return replace(self, current={**self.current, _place(kind, of): hash_})

    def find_current(self, kind: str, of: str = "") -> ArtifactRecord | None:
        """The artifact in use, perhaps among those of the artifact called `of`, or None."""
        hash_ = self.current.get(_place(kind, of))
        return None if hash_ is None else self.find(kind, hash_)


def _place(kind: str, of: str) -> str:
    return f"{kind}/{of}" if of else kind


def save_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace `project.json` in one step."""
    write_json(folder / MANIFEST_NAME, {"format": FORMAT, **asdict(manifest)})


def load_manifest(folder: Path) -> Manifest:
    """Read `project.json`; raises ProjectProblem with a sentence when it is not usable."""
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise ProjectProblem(f"{folder} is not a saedesk project: it has no {MANIFEST_NAME}.")
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ProjectProblem(
            f"{path} cannot be read: {error}. Restore it from a backup."
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ProjectProblem(f"{path} does not belong to a saedesk project.")
    version = content.get("schema_version")
    if not isinstance(version, int) or version < 1:
        raise ProjectProblem(f"{path} does not say which version of saedesk wrote it.")
    if version > SCHEMA_VERSION:
        raise ProjectProblem(
            f"{folder.name} was made by a newer saedesk (project version {version}, this program "
            f"knows {SCHEMA_VERSION}). Install the newer program; nothing was changed."
        )
    try:
        return _manifest_from(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProjectProblem(f"{path} is damaged: {error}. Restore it from a backup.") from error


def _manifest_from(content: dict[str, Any]) -> Manifest:
    records = tuple(ArtifactRecord(**record) for record in content["artifacts"])
    for record in records:
        _check_types(record)
        names = [record.kind, record.hash, *record.files]
        if record.kind not in ARTIFACT_KINDS or not all(_is_plain_name(name) for name in names):
            raise ProjectProblem(
                f"The project lists a file outside its own folder ({record.kind}/{record.hash}). "
                "It was not opened."
            )
    return Manifest(
        name=str(content["name"]),
        created=str(content["created"]),
        artifacts=records,
        current=dict(content["current"]),
        schema_version=int(content["schema_version"]),
    )


def _check_types(record: ArtifactRecord) -> None:
    """Raise TypeError where later code would stumble over a value of another type."""
    for name in ("inputs", "summary", "files"):
        if not isinstance(getattr(record, name), dict):
            raise TypeError(f"“{name}” of {record.kind}/{record.hash} is no table of values")
    for file, about in record.files.items():
        if not isinstance(about, dict) or not isinstance(about.get("bytes"), int):
            raise TypeError(f"{record.kind}/{record.hash} does not say the size of {file}")


def _is_plain_name(name: object) -> bool:
    """Whether a name stays inside its folder: no parts, no drive, no way up."""
    return (
        isinstance(name, str)
        and name not in ("", ".", "..")
        and PurePosixPath(name).name == name
        and not any(sign in name for sign in "\\:\0")
    )
