"""The ground and the border that all fields share."""

from __future__ import annotations

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QWidget,
)

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import (
    draw_rounded,
)


def paint_field_frame(
    painter: QPainter, widget: QWidget, focus: bool, error: bool, ground: str = "field"
) -> None:
    """The ground and border of a field: strong line, 2-px ring with the keyboard, error."""
    border, width = "lineStrong", float(tokens().line)
    if error:
        border = "error"
    elif focus:
        border = "focus"
    if focus:
        width = float(tokens().focus_ring.in_field)
    ground = ground if widget.isEnabled() else "panel"
    draw_rounded(painter, widget.rect(), tokens().radius.control, ground, border, width)
