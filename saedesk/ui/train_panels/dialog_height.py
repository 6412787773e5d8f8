"""Dialogs whose parts come and go are as high as what they show, and stay in the window."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QWidget


def fit_height(dialog: QDialog, width: int) -> None:
    """Gives a dialog of fixed width the height of its content.

    Wrapped texts need their height at this very width, which a size hint does not know.
    """
    for part in reversed(dialog.findChildren(QWidget)):
        # What a part needs now is known once its own layout is done, the innermost first.
        if part.isVisibleTo(dialog) and part.layout() is not None:
            part.layout().activate()
    layout = dialog.layout()
    layout.activate()
    dialog.setFixedHeight(max(layout.heightForWidth(width), layout.minimumSize().height()))
    window = dialog.parentWidget()
    if window is None or not dialog.isVisible():
        return
    top = window.mapToGlobal(QPoint(0, 0)).y()
    lowest = top + window.height() - dialog.frameGeometry().height()
    if dialog.y() > lowest:
        dialog.move(dialog.x(), max(top, lowest))
