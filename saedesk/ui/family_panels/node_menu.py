"""What can be done with the feature under the mouse, as entries of a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QRectF, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from saedesk.features.families.edited_families import ShownFamily
from saedesk.ui.family_panels.drawing_menu import DrawingMenu, MenuEntry


class FeatureDrawing(QWidget):
    """A drawing of features that says what a person wants with one of them."""

    feature_chosen = Signal(int)
    family_wanted = Signal(int)
    feature_wanted = Signal(int)
    """A feature is to be shown in Features, one is to steer a search, the family is to be split."""
    steer_wanted = Signal(int)
    split_wanted = Signal(int)

    menu: DrawingMenu

    def _open_menu(
        self, canvas: QWidget, place: QPoint | None, target: QRectF, entries: tuple[MenuEntry, ...]
    ) -> None:
        """Opens the menu at a place of the screen, or in the middle of a target in the canvas."""
        self.menu.open_at(place or canvas.mapToGlobal(target.toRect().center()), entries)

    def _entries(self, family: ShownFamily, latent: int, label: str) -> tuple[MenuEntry, ...]:
        wanted = self.feature_wanted.emit, self.steer_wanted.emit, self.split_wanted.emit
        return node_entries(family, latent, label, *wanted)


def node_entries(
    family: ShownFamily,
    latent: int,
    label: str,
    show: Callable[[int], object],
    steer: Callable[[int], object],
    split: Callable[[int], object],
) -> tuple[MenuEntry, ...]:
    """Entries for a feature of a family; it can be split off where it has something below it."""
    is_inner = latent != family.root and any(one.parent == latent for one in family.edges)
    return (
        MenuEntry("Show the feature", partial(show, latent)),
        MenuEntry("Steer a search with it", partial(steer, latent)),
        MenuEntry("Split the family here", partial(split, latent), is_inner),
        MenuEntry("Copy its label", partial(QGuiApplication.clipboard().setText, label)),
    )
