"""Asking where a picture or its data go; a place that refuses them is told in the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from saedesk.errors import KnownError
from saedesk.ui.widgets.dialogs import choose_file
from saedesk.ui.widgets.message_bar import MessageBar


def save_where_asked(
    host: QWidget, kind: str, name: str, save: Callable[[Path], None]
) -> Path | None:
    """Asks for a file called `name` and the ending `kind`, and lets `save` write it.

    Where it cannot be written the message bar of the host’s window says why. Returns the path
    that was written, or None.
    """
    title, kinds = f"Save as {kind.upper()}", [(kind.upper(), f"*.{kind}")]
    path = choose_file(host, title, kinds, save=True, suggested=f"{name}.{kind}")
    if path is None:
        return None
    try:
        save(path)
    except KnownError as error:
        bar = _bar_of(host)
        if bar is None:
            raise
        bar.show_message(error.sentence, "error", details=error.sentence)
        return None
    return path


def _bar_of(host: QWidget) -> MessageBar | None:
    """That of the window, or for a dialog that of the window it belongs to."""
    widget: QWidget | None = host
    while widget is not None:
        window = widget.window()
        bar = window.findChild(MessageBar)
        if bar is not None:
            return bar
        widget = window.parentWidget()
    return None
