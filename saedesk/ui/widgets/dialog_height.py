"""Dialogs whose parts come and go are as high as what they show, and stay where one sees them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QDialog, QWidget


def fit_height(dialog: QDialog, width: int) -> None:
    """Gives a dialog of fixed width the height of its content, at most that of the screen.

    Wrapped texts need their height at this very width, which a size hint does not know.
    """
    dialog.setFixedHeight(min(needed_height(dialog, width), room_for(dialog).height()))
    if dialog.isVisible():
        keep_in_sight(dialog)


def needed_height(dialog: QDialog, width: int) -> int:
    """The height of a dialog's content at a width, in device-independent pixels."""
    for part in reversed(dialog.findChildren(QWidget)):
        # What a part needs now is known once its own layout is done, the innermost first.
        if part.isVisibleTo(dialog) and part.layout() is not None:
            part.layout().activate()
    layout = dialog.layout()
    layout.activate()
    return int(max(layout.heightForWidth(width), layout.minimumSize().height()))


def room_for(dialog: QDialog) -> QRect:
    """The part of the screen that a dialog's content can have beside its frame."""
    screen = dialog.screen().availableGeometry()
    frame = dialog.frameGeometry().height() - dialog.height() if dialog.isVisible() else 0
    return screen.adjusted(0, 0, 0, -max(0, frame))


def keep_in_sight(dialog: QDialog) -> None:
    """Moves a dialog to the middle where it has grown over the edge of its window or the screen.

    A dialog that is higher than its window begins at the window's top, or above it where only
    that keeps the last of it on the screen.
    """
    screen = dialog.screen().availableGeometry()
    height = dialog.frameGeometry().height()
    lowest = screen.bottom() + 1 - height
    middle = lowest
    window = dialog.parentWidget()
    if window is not None:
        top = window.mapToGlobal(QPoint(0, 0)).y()
        lowest = min(lowest, max(top, top + window.height() - height))
        middle = max(top, top + (window.height() - height) // 2)
    if dialog.y() > lowest:
        dialog.move(dialog.x(), max(screen.top(), min(lowest, middle)))
