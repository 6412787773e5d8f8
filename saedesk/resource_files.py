"""Where the files of `resources/` lie: in the source tree, in the wheel, in a frozen program."""

from __future__ import annotations

import sys
from pathlib import Path


def resources_folder() -> Path:
    """The folder that holds icons, fonts, themes, stop words and the demo's vectors."""
    candidates = [
        Path(getattr(sys, "_MEIPASS", "")) / "resources" if hasattr(sys, "_MEIPASS") else None,
        Path(__file__).parent / "_resources",
        Path(__file__).parent.parent / "resources",
    ]
    for folder in candidates:
        if folder is not None and (folder / "theme" / "tokens.json").is_file():
            return folder
    raise FileNotFoundError("the resources of saedesk are missing: install it again")


def resource(*parts: str) -> Path:
    """The path of one resource, e.g. `resource("icons", "search.svg")`."""
    return resources_folder().joinpath(*parts)
