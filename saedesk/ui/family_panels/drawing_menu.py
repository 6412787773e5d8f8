"""The context menu of a picture of families: a feature of it, copy it, save it, see all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.ui.family_panels.family_drawing_export import FamilySheet
from saedesk.ui.widgets.plot_saving import save_where_asked

NAME = "families"
"""Of a file, before its ending."""


@dataclass(frozen=True)
class MenuEntry:
    """Words of an entry, what it does, and whether it can be done."""

    words: str
    act: Callable[[], object]
    is_enabled: bool = True


class DrawingMenu(QObject):
    """Copies and saves the page that `sheet` makes; `fit` shows the whole picture."""

    def __init__(
        self, host: QWidget, sheet: Callable[[], FamilySheet], fit: Callable[[], None]
    ) -> None:
        super().__init__(host)
        self._host, self._sheet, self._fit = host, sheet, fit

    def open_at(self, place: QPoint, entries: Sequence[MenuEntry] = ()) -> None:
        """Opens the menu at a place of the screen; first `entries`, about what lies there."""
        menu = QMenu(self._host)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for entry in entries:
            menu.addAction(entry.words, entry.act).setEnabled(entry.is_enabled)
        menu.addSeparator()
        menu.addAction("Show the whole picture", self._fit)
        menu.addSeparator()
        menu.addAction("Copy the picture", self.copy_image)
        menu.addAction("Save as PNG…", self._ask_png)
        menu.addAction("Save as SVG…", self._ask_svg)
        menu.addAction("Save the edges as CSV…", self._ask_csv)
        menu.popup(place)

    def copy_image(self) -> None:
        """Puts the whole picture on the clipboard."""
        self._sheet().copy_image()

    def save_png(self, path: Path) -> None:
        """Saves the whole picture; raises `KnownError` where the file cannot be written."""
        self._sheet().save_png(path)

    def save_svg(self, path: Path) -> None:
        """Saves the whole picture; raises `KnownError` where the file cannot be written."""
        self._sheet().save_svg(path)

    def save_csv(self, path: Path) -> None:
        """Saves the edges; raises `KnownError` where the file cannot be written."""
        self._sheet().save_csv(path)

    def _ask_png(self) -> None:
        save_where_asked(self._host, "png", NAME, self.save_png)

    def _ask_svg(self) -> None:
        save_where_asked(self._host, "svg", NAME, self.save_svg)

    def _ask_csv(self) -> None:
        save_where_asked(self._host, "csv", NAME, self.save_csv)
