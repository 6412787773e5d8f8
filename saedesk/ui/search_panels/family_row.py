"""One family to steer with: a row like that of a feature, and which part of it is turned."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from saedesk.search.family_steering import PARTS, WEIGHTINGS, FamilySlider
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import LinkButton

PART_WORDS = {"both": "Parent and children", "parent": "The parent", "children": "The children"}
WEIGHTING_WORDS = {
    "density": "Weighted by density",
    "activation": "Weighted by mean activation",
}
_SHORT = {"both": "whole family", "parent": "parent", "children": "children"}


class FamilyRow(SteeringRow):
    """A row of the steering panel for a family; `latent` is its root."""

    change_wanted = Signal(int, str, str)
    """Root, part and weighting: another part is to be turned."""
    what = "family"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: FamilySlider | None = None
        self.part = LinkButton("", "caption", parent=self)
        self.part.clicked.connect(self._open_choices)

    def show_family(
        self, slider: FamilySlider, name: str, natural: tuple[float, float] | None
    ) -> None:
        """Put another family into the row; `natural` is the range of its value in documents."""
        self.shown = slider
        many = len(slider.moves)
        self.part.setText(_SHORT[slider.part])
        self.part.setAccessibleName(f"{name} turns {_SHORT[slider.part]}")
        set_plain_tooltip(
            self.part,
            f"{PART_WORDS[slider.part]}, {WEIGHTING_WORDS[slider.weighting].lower()}: "
            f"{many:,} feature{'' if many == 1 else 's'} turned together. Click to change that.",
        )
        self.show_feature(slider.root, name, natural, removable=True)

    def focus_order(self) -> list[QWidget]:
        order = super().focus_order()
        behind = order.index(self.way) + 1
        return [*order[:behind], self.part, *order[behind:]]

    def make_choices(self) -> QMenu:
        """The menu of parts and weights."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_choices(menu)
        return menu

    def _open_choices(self) -> None:
        self.make_choices().popup(self.part.mapToGlobal(self.part.rect().bottomLeft()))

    def add_choices(self, menu: QMenu) -> None:
        shown = self.shown
        if shown is None:
            return
        if menu.actions():
            menu.addSeparator()
        for part in PARTS:
            self._add(menu, PART_WORDS[part], part == shown.part, part, shown.weighting)
        menu.addSeparator()
        for weighting in WEIGHTINGS:
            chosen = weighting == shown.weighting
            self._add(menu, WEIGHTING_WORDS[weighting], chosen, shown.part, weighting)

    def _add(self, menu: QMenu, words: str, chosen: bool, part: str, weighting: str) -> None:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(chosen)
        action.triggered.connect(partial(self._want, part, weighting))

    def _want(self, part: str, weighting: str, *_: object) -> None:
        self.change_wanted.emit(self.latent, part, weighting)

    def _right_of_label(self) -> int:
        return super()._right_of_label() + self.part.sizeHint().width() + tokens().space[2]

    def _place_label(self) -> None:
        super()._place_label()
        size = self.part.sizeHint()
        top = tokens().space[1] + (tokens().space[5] - size.height()) // 2
        left = self.way.geometry().right() + 1 + tokens().space[1]
        self.part.setGeometry(left, top, size.width(), size.height())
