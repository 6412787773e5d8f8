"""How long things that move take, unless the system asks for less motion."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QStyle


def motion_ms(milliseconds: int) -> int:
    """The duration itself; 0 where the system's settings turn animations off."""
    style = QApplication.style()
    wanted = style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    return milliseconds if wanted > 0 else 0
