"""What the program remembers between starts: recent projects, theme, window. Never documents.

One JSON file in the user's settings folder (SAEDESK_HOME overrides it). A file that cannot be
read is set aside as .bad and the program starts with its defaults.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from saedesk.errors import KnownError
from saedesk.program_log import home_folder
from saedesk.project.atomic_files import write_json

MOST_RECENT_PROJECTS = 8
_DEFAULTS: dict[str, Any] = {
    "theme": "system",
    "recent": [],
    "window": {},
    "private_mode": False,
}


@dataclass(frozen=True)
class RecentProject:
    """A project that was open before."""

    folder: Path
    name: str
    documents: int
    features: int
    opened: str
    """ISO time, UTC."""

    @property
    def exists(self) -> bool:
        """Whether the folder is still there."""
        return (self.folder / "project.json").is_file()


class Settings:
    """The settings file, read once and written at every change."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (folder or home_folder()) / "settings.json"
        self._values = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return dict(_DEFAULTS)
        except (OSError, ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            self._set_aside()
            return dict(_DEFAULTS)
        return {**_DEFAULTS, **content}

    def _set_aside(self) -> None:
        try:
            os.replace(self._path, self._path.with_suffix(".bad"))
        except OSError:
            return  # A file that can neither be read nor moved is overwritten at the next change.

    def get(self, name: str) -> Any:
        """A setting by name, or None."""
        return self._values.get(name)

    def set(self, name: str, value: Any) -> None:
        """Change and keep a setting; it lasts for this start where the folder cannot be written."""
        self._values[name] = value
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._path, self._values)
        except (OSError, KnownError):
            return

    def recent_projects(self) -> list[RecentProject]:
        """Projects that were open before, latest first; missing ones too."""
        found = []
        for entry in self._entries():
            try:
                found.append(
                    RecentProject(
                        Path(str(entry["folder"])),
                        str(entry["name"]),
                        int(entry["documents"]),
                        int(entry["features"]),
                        str(entry["opened"]),
                    )
                )
            except (KeyError, ValueError, TypeError):
                continue
        return found

    def _entries(self) -> list[dict[str, Any]]:
        """The recent projects as they are in the file, without what has another form."""
        entries = self._values.get("recent")
        return [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []

    def remember_project(self, folder: Path, name: str, documents: int, features: int) -> None:
        """Put a project at the top of the recent ones."""
        entry = {
            "folder": str(folder),
            "name": name,
            "documents": documents,
            "features": features,
            "opened": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        others = [e for e in self._entries() if e.get("folder") != str(folder)]
        self.set("recent", [entry, *others][:MOST_RECENT_PROJECTS])

    def forget_projects(self, folder: Path | None = None) -> None:
        """Take one project, or all, off the list of recent ones."""
        kept = [e for e in self._entries() if folder is not None and e.get("folder") != str(folder)]
        self.set("recent", kept)
