"""Which sentences drive a feature, for the documents on the screen, found on the query lane."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.jobs.sentence_evidence import DocumentEvidence, EvidenceEngine
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Failed, Succeeded, Task
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl

FAULT = (
    "The sentences could not be measured because of a fault in the program; its message has the "
    "details."
)


class EvidenceFinder(QObject):
    """Measures wished-for documents one after the other; a new wish list replaces the old one.

    One document is one task, so that a search typed meanwhile waits for one document at most. The
    engine, which keeps the encoder and what it measured, is shared by all finders of a session.
    """

    found = Signal(object)
    """DocumentEvidence."""
    failed = Signal(str)
    """A sentence why nothing can be measured."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted: list[int] = []
        self._latents: tuple[int, ...] = ()
        self._task: Task | None = None
        self._running: tuple[int, tuple[int, ...]] | None = None
        self._problem: tuple[EvidenceEngine, str] | None = None
        session.lanes_replaced.connect(self.forget)
        session.sae_changed.connect(self.forget)

    @property
    def is_open(self) -> bool:
        """Whether an answer is on its way."""
        return self._task is not None

    @property
    def problem(self) -> str:
        """A sentence why nothing can be measured, as far as it is known; "" if it can."""
        engine = evidence_engine(self._session)
        if engine is None:
            return ""
        if self._problem is not None and self._problem[0] is engine:
            return self._problem[1]
        return engine.problem

    def ask(self, document_ids: Sequence[int], latents: Sequence[int] = ()) -> None:
        """Measure these documents in this order, for their own features and the `latents`."""
        engine = evidence_engine(self._session)
        self._latents = tuple(latents)
        self._wanted = [int(i) for i in document_ids] if engine is not None else []
        if engine is None or not self._wanted:
            self.forget()
            return
        if self.problem:
            self.forget()
            self.failed.emit(self.problem)
        elif self._task is None:
            self._next(engine)
        elif self._running is not None and self._running[0] in self._wanted:
            if self._running[1] == self._latents:
                self._wanted.remove(self._running[0])
        else:
            self._task.cancel()

    @Slot()
    def forget(self) -> None:
        """Measure nothing any more."""
        self._wanted = []
        if self._task is not None:
            self._task.cancel()
            self._task = self._running = None

    def _next(self, engine: EvidenceEngine) -> None:
        document = self._wanted.pop(0)
        self._running = (document, self._latents)
        self._task = Task("Finding the sentences", _Measuring(engine, document, self._latents))
        self._task.ended.connect(self._on_ended)
        self._session.query.submit(self._task)

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        if self.sender() is not self._task:
            return
        self._task = self._running = None
        engine = evidence_engine(self._session)
        if isinstance(outcome, Failed):
            self._wanted = []
            sentence = outcome.sentence if outcome.is_known else FAULT
            if engine is not None:
                # Not tried again for every document that comes into view.
                self._problem = (engine, sentence)
            self.failed.emit(sentence)
            if not outcome.is_known:
                self._session.message.emit(Message("error", outcome.sentence, outcome.details))
            return
        if isinstance(outcome, Succeeded):
            for answer in outcome.result:
                assert isinstance(answer, DocumentEvidence)
                self.found.emit(answer)
        # Whoever heard of it may have asked for something else.
        if self._wanted and engine is not None and self._task is None:
            self._next(engine)


class _Measuring:
    """One document, as the lane runs it."""

    def __init__(self, engine: EvidenceEngine, document: int, latents: tuple[int, ...]) -> None:
        self._engine, self._document, self._latents = engine, document, latents

    def __call__(self, control: TaskControl) -> list[DocumentEvidence]:
        limit_torch_threads()
        return self._engine.evidence([self._document], self._latents, control)


class _SharedEngine(QObject):
    """The engine of a session's SAE; a child of the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._engine: EvidenceEngine | None = None

    def engine(self) -> EvidenceEngine | None:
        """For the SAE in use; None where there is none."""
        project, sae = self._session.project, self._session.sae
        if project is None or sae is None:
            self._engine = None
        elif self._engine is None or self._engine.sae is not sae:
            self._engine = EvidenceEngine(project, sae)
        return self._engine


def evidence_engine(session: Session) -> EvidenceEngine | None:
    """The engine that all of a session share, for the SAE in use; None without one."""
    shared = session.findChild(_SharedEngine)
    return (shared or _SharedEngine(session)).engine()
