"""Where the model folders lie that this user embedded with, by the fingerprint of the model.

A project says which model made its vectors, but not where that lay: the path would tell about the
computer, and is wrong on the next one. So it is kept beside the user's settings.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from saedesk.program_log import home_folder

FILE_NAME = "model_folders.json"


def remembered_folder(fingerprint: str, home: Path | None = None) -> Path | None:
    """The folder that a model with this fingerprint was loaded from, if it is still there.

    `home` is the folder of the settings, otherwise that of this user.
    """
    path = _read(_file(home)).get(fingerprint)
    return Path(path) if path is not None and Path(path).is_dir() else None


def remembered_folders(home: Path | None = None) -> tuple[Path, ...]:
    """All folders that models were loaded from and that are still there, by name."""
    known = sorted({Path(path) for path in _read(_file(home)).values()})
    return tuple(folder for folder in known if folder.is_dir())


def remember_folder(fingerprint: str, folder: Path, home: Path | None = None) -> None:
    """Keep the folder of a model for `remembered_folder`; raises OSError."""
    file = _file(home)
    known = _read(file)
    if known.get(fingerprint) == str(folder):
        return
    known[fingerprint] = str(folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".partial-{os.getpid()}-{file.name}")
    try:
        with partial.open("w", encoding="utf-8") as stream:
            json.dump(known, stream, indent=1, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)


def _file(home: Path | None) -> Path:
    return (home or home_folder()) / FILE_NAME


def _read(file: Path) -> dict[str, str]:
    """What is remembered; nothing where the file is missing or damaged, as it can be made again."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: path for name, path in content.items() if isinstance(path, str)}
