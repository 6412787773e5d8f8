"""The chips over the list of features: which kind, and what else is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from saedesk.ui.features_panels.feature_filter import (
    ALL,
    ALWAYS_OFFERED,
    DETECTIONS,
    HIDDEN,
    KINDS,
    NEVER_ACTIVE,
    NO_LABEL,
    SCORES,
    SOURCES,
    STARRED,
    TAGGED,
    FeatureFilter,
)
from saedesk.ui.features_panels.score_words import ABOUT_SURELY
from saedesk.ui.features_panels.wrapping_row import WrappingRow
from saedesk.ui.widgets.chips import FilterChip

_KIND_TIPS = {
    ALL: "All features but the hidden ones",
    STARRED: "Features that you starred",
    NO_LABEL: "Features that have no label yet",
    NEVER_ACTIVE: "Features that are active in no document",
    TAGGED: "Features that have a tag",
    HIDDEN: "Features that you hid; they are left out everywhere else in this list",
}
_NOTHING = {"score": "", "detection": "", "source": "", "tag": "", "group": None}
"""The further conditions, and what takes each away."""
LONGEST_NAME = 40
"""Characters of the name of a group."""


class FeatureFilterChips(QWidget):
    """Chips for the kinds, and one that can be removed for every further condition."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = FeatureFilter()
        self._group = QButtonGroup(self)
        self.kinds = {kind: FilterChip(kind, tooltip=_KIND_TIPS[kind]) for kind in KINDS}
        for chip in self.kinds.values():
            self._group.addButton(chip)
        self.kinds[ALL].setChecked(True)
        self._group.buttonClicked.connect(self._on_kind)
        self.conditions: dict[str, FilterChip] = {}
        for name in _NOTHING:
            about = f"{ABOUT_SURELY}\n" if name in ("score", "detection") else ""
            chip = FilterChip("", removable=True, tooltip=f"{about}Take this filter away")
            chip.removed.connect(self._on_removed)
            chip.clicked.connect(self._on_removed)
            self.conditions[name] = chip
        self._row = WrappingRow([*self.kinds.values(), *self.conditions.values()])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._row)
        self._show_conditions()

    @property
    def filter(self) -> FeatureFilter:
        """What is asked, without the text."""
        return self._filter

    def ask(self, **conditions: Any) -> None:
        """Ask something else: a condition of the filter by its name; "" or None for any."""
        self._filter = replace(self._filter, **conditions)
        self.kinds[self._filter.kind].setChecked(True)
        self._show_conditions()
        self.changed.emit()

    def clear(self) -> None:
        """Ask for nothing; nobody is told."""
        self._filter = FeatureFilter()
        self.kinds[ALL].setChecked(True)
        self._show_conditions()

    def show_counts(self, count: Callable[[str], int]) -> None:
        """Say of every kind how many there are; some are offered only where there are any."""
        for kind, chip in self.kinds.items():
            if kind == ALL:
                continue
            many = count(kind)
            chip.set_text(f"{kind} {many:,}")
            offered = kind in ALWAYS_OFFERED or many or chip.isChecked()
            chip.setVisible(bool(offered))
        self._row.arrange()

    def _show_conditions(self) -> None:
        texts = {
            "score": SCORES.get(self._filter.score, ""),
            "detection": DETECTIONS.get(self._filter.detection, ""),
            "source": SOURCES.get(self._filter.source, ""),
            "tag": f"Tag {self._filter.tag}" if self._filter.tag else "",
            "group": "" if self._filter.group is None else _short(self._filter.group.name),
        }
        for name, chip in self.conditions.items():
            chip.set_text(texts[name])
            chip.setVisible(bool(texts[name]))
        self._row.arrange()

    @Slot(object)
    def _on_kind(self, chip: object) -> None:
        kind = next(kind for kind, known in self.kinds.items() if known is chip)
        self._filter = replace(self._filter, kind=kind)
        self.changed.emit()

    @Slot()
    def _on_removed(self) -> None:
        chip = self.sender()
        name = next(name for name, known in self.conditions.items() if known is chip)
        had_keyboard = self.conditions[name].hasFocus()
        self.ask(**{name: _NOTHING[name]})
        if had_keyboard:
            self.kinds[self._filter.kind].setFocus(Qt.FocusReason.OtherFocusReason)


def _short(name: str) -> str:
    """A name that fits beside its cross."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
