"""Asks the query lane how a document is rebuilt, and what a pasted text is made of."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from saedesk.features.evidence.leave_one_out import SentenceEvidence
from saedesk.features.reconstruction_error import ReconstructionError
from saedesk.jobs.document_reconstruction import DocumentReconstruction
from saedesk.jobs.read_text import TextReading, read_text
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.sentence_evidence import EvidenceEngine
from saedesk.session.evidence_finder import evidence_engine
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Session
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl


@dataclass(frozen=True, eq=False)
class DocumentError:
    """How well a document is rebuilt."""

    document_id: int
    error: ReconstructionError | None
    """None where it has no usable vector."""


@dataclass(frozen=True, eq=False)
class TextEvidence:
    """Which sentences of a text drive its features."""

    text: str
    evidence: SentenceEvidence | None
    """None for an empty text."""


class DocumentReader(LaneQuestion):
    """`answered` has a DocumentError, TextReading or TextEvidence: the answer to the last question.

    The sample of the corpus that documents are held against is shared by all readers of a session.
    """

    def __init__(self, session: Session, title: str, parent: QObject | None = None) -> None:
        super().__init__(session, title, parent)
        session.sae_changed.connect(self.drop)

    def read_document(self, document_id: int) -> bool:
        """Ask for the DocumentError of a document; False without an SAE."""
        shared = _reconstruction_of(self._session)
        if shared is None:
            self.drop()
            return False
        self.ask(_RebuildingDocument(shared, document_id))
        return True

    def read_text(self, text: str) -> bool:
        """Ask for the TextReading of a text; False without vectors."""
        if self._session.search is None:
            self.drop()
            return False
        engine = self._session.search.engine
        self.ask(_ReadingText(engine, _reconstruction_of(self._session), text))
        return True

    def read_sentences(self, text: str) -> bool:
        """Ask for the TextEvidence of a text; False without an SAE."""
        engine = evidence_engine(self._session)
        if engine is None:
            self.drop()
            return False
        self.ask(_ReadingSentences(engine, text))
        return True


class _RebuildingDocument:
    def __init__(self, reconstruction: DocumentReconstruction, document_id: int) -> None:
        self._reconstruction, self._document = reconstruction, document_id

    def __call__(self, control: TaskControl) -> DocumentError:
        error = self._reconstruction.of_document(self._document, control)
        return DocumentError(self._document, error)


class _ReadingText:
    def __init__(
        self, engine: SearchEngine, reconstruction: DocumentReconstruction | None, text: str
    ) -> None:
        self._engine, self._reconstruction, self._text = engine, reconstruction, text

    def __call__(self, control: TaskControl) -> TextReading:
        limit_torch_threads()
        return read_text(self._engine, self._reconstruction, self._text, control)


class _ReadingSentences:
    def __init__(self, engine: EvidenceEngine, text: str) -> None:
        self._engine, self._text = engine, text

    def __call__(self, control: TaskControl) -> TextEvidence:
        limit_torch_threads()
        evidence = self._engine.text_evidence("", self._text, control=control)
        return TextEvidence(self._text, evidence)


class _SharedReconstruction(QObject):
    """That of a session's SAE; a child of the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._made: DocumentReconstruction | None = None

    def reconstruction(self) -> DocumentReconstruction | None:
        """For the SAE in use; None where there is none."""
        project, sae = self._session.project, self._session.sae
        if project is None or sae is None:
            self._made = None
        elif self._made is None or self._made.sae is not sae:
            self._made = DocumentReconstruction(project, sae)
        return self._made


def _reconstruction_of(session: Session) -> DocumentReconstruction | None:
    shared = session.findChild(_SharedReconstruction)
    return (shared or _SharedReconstruction(session)).reconstruction()
