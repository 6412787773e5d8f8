"""Where the details of unexpected failures go: a folder of this user, never over a network."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path


def log_folder() -> Path:
    """The folder for logs; SAEDESK_HOME overrides the system's place."""
    if "SAEDESK_HOME" in os.environ:
        return Path(os.environ["SAEDESK_HOME"]) / "log"
    from platformdirs import user_log_path

    return user_log_path("saedesk", appauthor=False)


def write_crash(details: str) -> Path | None:
    """Keep a traceback in a file of its own; None when that is not possible either."""
    folder = log_folder()
    # Microseconds, because one failure often brings another.
    path = folder / f"failure-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(details, "utf-8")
    except OSError:
        return None
    return path
