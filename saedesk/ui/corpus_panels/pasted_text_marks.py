"""Which sentences of a pasted text drive its features."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from saedesk.session.document_reader import DocumentReader, TextEvidence
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.document_marks import SentenceMarks


class PastedTextMarks(SentenceMarks):
    """The marks of a text that is no document, whose evidence it asks for."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.reader = DocumentReader(session, "Finding the sentences", self)
        self.reader.answered.connect(self._on_answer)
        self.reader.failed.connect(self._on_failed)

    def show_text(self, text: str, latents: list[int]) -> None:
        """Mark the strongest of a text's features, among them the one selected."""
        self._begin("", text, latents, "")
        if latents:
            self.reader.read_sentences(text)
        else:
            self.reader.drop()
        self.changed.emit()

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, TextEvidence)
        if answer.text == self._text and answer.evidence is not None:
            self._take(answer.evidence)
