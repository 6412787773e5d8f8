"""Loads the program's own fonts and makes a `QFont` for every role of type."""

from __future__ import annotations

import logging

from PySide6.QtGui import QFont, QFontDatabase

from saedesk.resource_files import resource
from saedesk.ui.theme.design_tokens import tokens

FONT_FILES = (
    "Inter-Regular.woff2",
    "Inter-Medium.woff2",
    "Inter-SemiBold.woff2",
    "Inter-Italic.woff2",
    "SourceSerif4SmText-Regular.ttf",
    "SourceSerif4SmText-Semibold.ttf",
    "SourceSerif4SmText-It.ttf",
)

_made: dict[tuple[str, bool, bool], QFont] = {}


def load_fonts() -> None:
    """Makes Inter and Source Serif 4 known to Qt; once for each application."""
    families = set(QFontDatabase.families())
    wanted = {tokens().families["ui"], tokens().families["reading"]}
    if wanted <= families:
        return
    for name in FONT_FILES:
        if QFontDatabase.addApplicationFont(str(resource("fonts", name))) < 0:
            logging.getLogger(__name__).warning("The font %s could not be loaded.", name)


def font(role: str, tabular: bool = False, italic: bool = False) -> QFont:
    """The font of one role of the type scale; `tabular` sets figures of one width.

    Raises `KeyError` for a role that the token file does not name.
    """
    key = (role, tabular, italic)
    if key not in _made:
        _made[key] = _make(role, tabular, italic)
    return QFont(_made[key])


def _make(role: str, tabular: bool, italic: bool) -> QFont:
    wanted = tokens().roles[role]
    made = QFont()
    fallback = "sans-serif" if wanted.family == "ui" else "serif"
    made.setFamilies([tokens().families[wanted.family], fallback])
    made.setPixelSize(wanted.size)
    made.setWeight(QFont.Weight(wanted.weight))
    made.setItalic(italic)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def line_height(role: str) -> int:
    """The height of a line set in `role`, in device-independent pixels."""
    wanted = tokens().roles[role]
    heights = tokens().line_height
    if wanted.family == "reading":
        heights = {**heights, **tokens().reading_line_height}
    return heights[wanted.size]
