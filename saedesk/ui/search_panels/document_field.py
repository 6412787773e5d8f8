"""The field that finds a document to search with, by words of its text or by its key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from saedesk.session.session import Session
from saedesk.ui.search_panels.finding_field import FindingField
from saedesk.ui.search_panels.suggestion_card import Suggestion
from saedesk.ui.shell.document_finder import DocumentFinder, FoundDocument, FoundDocuments


class DocumentField(FindingField):
    """Typing finds documents; Enter or a click on one chooses it."""

    chosen = Signal(int)
    """The id of the chosen document."""

    def __init__(
        self, session: Session, height: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            "Find a document by its words or its key", "file-text", "Find a document",
            "Documents found", "title in a table", height, "lead", parent,
        )  # fmt: skip
        self._takes_first = False
        self._finder = DocumentFinder(session, self)
        self._finder.found.connect(self._on_found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter may come before the answer: the first one found is meant.
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        self._takes_first = enter and not self.suggestions.isVisible()
        super().keyPressEvent(event)

    def _find(self, text: str) -> None:
        self._finder.ask(text)

    def _on_edited(self, text: str) -> None:
        if not text.strip():
            self._finder.stop()
        super()._on_edited(text)

    @Slot(object)
    def _on_found(self, found: FoundDocuments) -> None:
        takes_first, self._takes_first = self._takes_first, False
        has_keyboard = self.window().focusWidget() is self
        if not has_keyboard or found.typed != " ".join(self.text().split()):
            return
        if takes_first and found.documents:
            self._choose(found.documents[0])
            return
        lines = [Suggestion(one, one.heading, one.note) for one in found.documents]
        sentence = f"No document has these words or a key that begins with “{found.typed}”."
        self.suggestions.show_found(lines, sentence)

    def _take(self, value: FoundDocument) -> None:
        self._finder.stop()
        self.chosen.emit(value.id)
