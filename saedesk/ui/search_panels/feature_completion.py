"""The field that puts any feature beside those of the query, found by its label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from saedesk.ui.search_panels.feature_names import FeatureNames, NamedFeature
from saedesk.ui.search_panels.finding_field import FindingField
from saedesk.ui.search_panels.suggestion_card import Suggestion


class FeatureField(FindingField):
    """Typing finds features; Enter or a click on one adds it."""

    chosen = Signal(int)
    """The latent of the chosen feature."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add a feature", "plus", "Add a feature", "Features found", parent=parent)
        self._names = FeatureNames([])

    def set_features(self, features: Sequence[NamedFeature]) -> None:
        """Sets the features that can be found."""
        self._names = FeatureNames(features)

    def _find(self, text: str) -> None:
        found = [
            Suggestion(feature, feature.label, f"{feature.density:.1%}".replace("%", " %"))
            for feature in self._names.find(text)
        ]
        self.suggestions.show_found(found, f"No feature\u2019s label contains “{text}”.")

    def _take(self, value: NamedFeature) -> None:
        self.chosen.emit(value.latent)
