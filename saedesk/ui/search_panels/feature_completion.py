"""The field that puts any feature or family beside those of the query, found by its label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from saedesk.ui.search_panels.feature_names import MOST_SHOWN, NamedFamily, NamedFeature, Names
from saedesk.ui.search_panels.finding_field import FindingField
from saedesk.ui.search_panels.suggestion_card import Suggestion

MOST_FAMILIES = 3
"""Families above the features that are found; more letters bring the others."""


class FeatureField(FindingField):
    """Typing finds features and families; Enter or a click on one adds it."""

    chosen = Signal(int)
    """The latent of the chosen feature."""
    family_chosen = Signal(int)
    """The root of the chosen family."""

    def __init__(
        self,
        icon: str = "plus",
        height: int | None = None,
        role: str = "field",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            "Add a feature",
            icon,
            "Add a feature",
            "Features found",
            height=height,
            role=role,
            parent=parent,
        )
        self._names: Names[NamedFeature] = Names([])
        self._families: Names[NamedFamily] = Names([])

    def set_features(self, features: Sequence[NamedFeature]) -> None:
        """Sets the features that can be found."""
        self._names = Names(sorted(features, key=lambda feature: -feature.density))

    def set_families(self, families: Sequence[NamedFamily]) -> None:
        """Sets the families that can be found, the first to be found first."""
        self._families = Names(families)
        name = "Add a feature or family" if families else "Add a feature"
        self.setPlaceholderText(name)
        self.setAccessibleName(name)

    def _find(self, text: str) -> None:
        families = self._families.find(text, MOST_FAMILIES)
        found = [
            Suggestion(family, family.label, f"family of {family.size:,}") for family in families
        ]
        found += [
            Suggestion(feature, feature.label, f"{feature.density:.1%}".replace("%", " %"))
            for feature in self._names.find(text, MOST_SHOWN - len(families))
        ]
        self.suggestions.show_found(found, f"No feature\u2019s label contains “{text}”.")

    def _take(self, value: NamedFeature | NamedFamily) -> None:
        if isinstance(value, NamedFamily):
            self.family_chosen.emit(value.root)
        else:
            self.chosen.emit(value.latent)
