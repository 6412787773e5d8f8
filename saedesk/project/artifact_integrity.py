"""Is an artifact on disk what was written?"""

from __future__ import annotations

from pathlib import Path

from saedesk.project.atomic_files import file_digest
from saedesk.project.manifest import ArtifactRecord


def damage_of(folder: Path, record: ArtifactRecord) -> dict[str, str]:
    """By file name what is wrong, in a few words; {} when every file is as it was written.

    `folder` is the project's. Reads every byte: about a second for a gigabyte.
    """
    found = {}
    for name, expected in record.files.items():
        path = folder / record.kind / record.hash / name
        if not path.is_file():
            found[name] = "is missing"
        elif path.stat().st_size != expected["bytes"]:
            found[name] = f"has {path.stat().st_size} bytes instead of {expected['bytes']}"
        elif file_digest(path) != expected["sha256"]:
            found[name] = "was changed"
    return found
