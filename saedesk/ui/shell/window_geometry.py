"""Where the window was, kept between starts."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from saedesk.session.settings import Settings

LAYOUT_VERSION = 1
USUAL_SIZE = (1440, 900)


def save_geometry(window: QWidget, settings: Settings) -> None:
    """Keep place and size of the window."""
    packed = base64.b64encode(window.saveGeometry().data()).decode("ascii")
    settings.set("window", {"version": LAYOUT_VERSION, "geometry": packed})


def restore_geometry(window: QWidget, settings: Settings) -> None:
    """Put the window where it was, or give it its usual size where that is not known."""
    kept = settings.get("window")
    if isinstance(kept, dict) and kept.get("version") == LAYOUT_VERSION:
        try:
            packed = base64.b64decode(str(kept.get("geometry")), validate=True)
        except (ValueError, binascii.Error):
            packed = b""
        if window.restoreGeometry(QByteArray(packed)):
            return
    screen = window.screen().availableGeometry()
    window.resize(min(USUAL_SIZE[0], screen.width()), min(USUAL_SIZE[1], screen.height()))
