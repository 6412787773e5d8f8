"""One writer for each project: an operating-system lock that a killed process lets go of."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout

from saedesk.errors import ProjectIsOpenElsewhere, ProjectProblem


class ProjectLock:
    """Holds `lock` in a project folder; who holds it stands in `lock-owner.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(str(folder / "lock"), timeout=0, thread_local=False)

    def acquire(self) -> None:
        """Take the lock; raises ProjectIsOpenElsewhere naming the owner, ProjectProblem else."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ProjectIsOpenElsewhere(
                f"{self._folder.name} is open in another saedesk ({self.owner()}). "
                "Close it there, or open it read-only."
            ) from error
        except OSError as error:
            raise ProjectProblem(f"{self._folder} cannot be written: {error.strerror}.") from error
        owner = {"pid": os.getpid(), "host": socket.gethostname()}
        # Only a note for the others; on a full disk the project still opens.
        with contextlib.suppress(OSError):
            (self._folder / "lock-owner.json").write_text(json.dumps(owner), "utf-8")

    def release(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        if self._lock.is_locked:
            (self._folder / "lock-owner.json").unlink(missing_ok=True)
            self._lock.release()

    def owner(self) -> str:
        """Who holds the lock, for a person: "process 4711 on host"."""
        try:
            content = json.loads((self._folder / "lock-owner.json").read_text("utf-8"))
            return f"process {int(content['pid'])} on {content['host']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "an unknown process"
