"""A field that finds something while one types, and a card that shows what."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from saedesk.ui.search_panels.suggestion_card import SuggestionCard
from saedesk.ui.widgets.fields import TextField

STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class FindingField(TextField):
    """Arrow keys move the mark in the card, Enter or a click takes what is marked."""

    def __init__(
        self,
        placeholder: str,
        icon: str,
        accessible_name: str,
        found_name: str,
        found_role: str = "body",
        height: int | None = None,
        role: str = "field",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(placeholder, icon, accessible_name, height, role, parent)
        self.suggestions = SuggestionCard(self, found_name, found_role)
        self.suggestions.chosen.connect(self._choose)
        self.textEdited.connect(self._on_edited)

    @property
    def found(self) -> list[Any]:
        """What the card shows for the text."""
        return [suggestion.value for suggestion in self.suggestions.found]

    def _find(self, text: str) -> None:
        """Look for something with these words, and show it; for the field of a kind of thing."""
        raise NotImplementedError

    def _take(self, value: Any) -> None:
        """Something was chosen."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shown = Qt.Key(event.key()), self.suggestions
        if key in STEPS:
            if shown.isVisible():
                shown.move_mark(STEPS[key])
            else:
                self._on_edited(self.text())
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

    def _on_edited(self, text: str) -> None:
        text = " ".join(text.split())
        if text:
            self._find(text)
        else:
            self.suggestions.hide()

    def _take_marked(self) -> None:
        if not self.suggestions.isVisible():
            self._on_edited(self.text())
        if self.suggestions.isVisible() and self.suggestions.found:
            self._choose(self.suggestions.found[self.suggestions.marked].value)

    def _choose(self, value: Any) -> None:
        # Undo takes back what was chosen: these letters are not to come again.
        self.setText("")
        self.suggestions.hide()
        self._take(value)
