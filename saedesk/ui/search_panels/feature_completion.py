"""The field that puts any feature beside those of the query, found by its label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from saedesk.ui.search_panels.feature_names import FeatureNames, NamedFeature
from saedesk.ui.search_panels.feature_suggestions import FeatureSuggestions
from saedesk.ui.widgets.fields import TextField

STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class FeatureField(TextField):
    """Typing finds features; Enter or a click on one adds it."""

    chosen = Signal(int)
    """The latent of the chosen feature."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add a feature", "plus", "Add a feature", parent=parent)
        self._names = FeatureNames([])
        self.suggestions = FeatureSuggestions(self)
        self.suggestions.chosen.connect(self._choose)
        self.textEdited.connect(self._find)

    def set_features(self, features: Sequence[NamedFeature]) -> None:
        """Sets the features that can be found."""
        self._names = FeatureNames(features)

    @property
    def found(self) -> list[NamedFeature]:
        """What the list shows for the text."""
        return self.suggestions.found

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shown = Qt.Key(event.key()), self.suggestions
        if key in STEPS:
            if shown.isVisible():
                shown.move_mark(STEPS[key])
            else:
                self._find(self.text())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take_marked()
        elif key == Qt.Key.Key_Escape and shown.isVisible():
            shown.hide()
        elif key == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.suggestions.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.suggestions.hide()

    def _find(self, text: str) -> None:
        text = " ".join(text.split())
        if text:
            sentence = f"No feature\u2019s label contains “{text}”."
            self.suggestions.show_found(self._names.find(text), sentence)
        else:
            self.suggestions.hide()

    def _take_marked(self) -> None:
        if not self.suggestions.isVisible():
            self._find(self.text())
        if self.suggestions.isVisible() and self.found:
            self._choose(self.found[self.suggestions.marked])

    def _choose(self, feature: NamedFeature) -> None:
        self.clear()
        self.suggestions.hide()
        self.chosen.emit(feature.latent)
