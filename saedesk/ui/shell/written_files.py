"""What a person can do with a file just written: open a page, see anything else in its folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from saedesk.ui.shell.project_doors import show_folder

PAGES = (".html", ".htm")


def way_to(path: Path) -> str:
    """The name of the button that leads there."""
    return "Open" if path.suffix.lower() in PAGES and not path.is_dir() else "Show in folder"


def go_to(path: Path) -> None:
    """Opens a page in the browser; shows anything else in the file manager."""
    if way_to(path) == "Open":
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.absolute())))
    else:
        show_folder(path if path.is_dir() else path.parent)
