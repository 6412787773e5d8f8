"""A field that gives tags: typing completes those in use, anything else is a new one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from saedesk.project.feature_marks import LONGEST_TAG
from saedesk.ui.search_panels.finding_field import FindingField
from saedesk.ui.search_panels.suggestion_card import Suggestion

_OFFERED = 6


class TagField(FindingField):
    """Enter takes what is marked: the best tag in use, or the text as a new tag."""

    chosen = Signal(str)
    given_up = Signal()
    """Escape in an empty field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add a tag", "plus", "Add a tag", "Tags found", parent=parent)
        self.setMaxLength(LONGEST_TAG)
        self._tags: dict[str, int] = {}

    def set_tags(self, tags: Mapping[str, int]) -> None:
        """Sets the tags in use and how many features have each."""
        self._tags = dict(tags)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_escape = event.key() == Qt.Key.Key_Escape
        if is_escape and not self.text():
            self.given_up.emit()
            return
        super().keyPressEvent(event)

    def _find(self, text: str) -> None:
        folded = text.casefold()
        known = [tag for tag in self._tags if folded in tag.casefold()]
        known.sort(key=lambda tag: (not tag.casefold().startswith(folded), -self._tags[tag], tag))
        found = [Suggestion(tag, tag, f"{self._tags[tag]:,}") for tag in known[:_OFFERED]]
        if text not in self._tags:
            found.append(Suggestion(text, text, "new tag"))
        self.suggestions.show_found(found, "")

    def _take(self, value: str) -> None:
        self.chosen.emit(value)
