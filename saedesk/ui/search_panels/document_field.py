"""The field that finds a document to search with, by words of its text or by its key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from saedesk.errors import KnownError
from saedesk.session.session import Session
from saedesk.ui.search_panels.finding_field import FindingField
from saedesk.ui.search_panels.suggestion_card import Suggestion
from saedesk.ui.shell.document_finder import DocumentFinder, FoundDocument, FoundDocuments

BY_WORDS = "Find a document by its words or its key"
BY_KEY = "Find a document by its key"
_KEY_ROLE = "head of a section"
"""The face of keys in the results."""


class DocumentField(FindingField):
    """Typing finds documents; Enter or a click on one chooses it."""

    chosen = Signal(int)
    """The id of the chosen document."""

    def __init__(
        self, session: Session, height: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            BY_WORDS, "file-text", "Find a document",
            "Documents found", "title in a table", height, "lead", parent,
        )  # fmt: skip
        self._session = session
        self._takes_first = False
        self._finder = DocumentFinder(session, self)
        self._finder.found.connect(self._on_found)
        for signal in (session.project_changed, session.documents_changed, session.vectors_changed):
            signal.connect(self._on_documents)
        self._on_documents()

    @Slot()
    def _on_documents(self) -> None:
        """Documents without words have nothing but their key to be found by."""
        project = self._session.project
        try:
            mute = project is not None and project.documents.are_mute()
        except KnownError:
            mute = False  # The project was closed meanwhile.
        self.setPlaceholderText(BY_KEY if mute else BY_WORDS)

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
        lines = [
            Suggestion(one, one.heading, one.note, _KEY_ROLE if one.is_key else "")
            for one in found.documents
        ]
        words = "these words or " if self.placeholderText() == BY_WORDS else ""
        sentence = f"No document has {words}a key that begins with “{found.typed}”."
        self.suggestions.show_found(lines, sentence)

    def _take(self, value: FoundDocument) -> None:
        self._finder.stop()
        self.chosen.emit(value.id)
