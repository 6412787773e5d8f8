"""Finds which sentences of the explained document match what was asked, on the query lane."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from saedesk.jobs.query_sentences import (
    MatchingSentences,
    sentences_near,
    sentences_with_words,
    with_phrases,
)
from saedesk.jobs.result_evidence import looks_for_words, vector_behind
from saedesk.jobs.search_documents import ResultRow, SearchAnswer, SearchEngine
from saedesk.jobs.sentence_evidence import EvidenceEngine
from saedesk.search.steering_plan import SteeringPlan
from saedesk.session.evidence_finder import evidence_engine
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl

CALM_MS = 200
"""Sliders have to rest so long before sentences are looked for."""
MOST_KEPT = 200
Work = Callable[[TaskControl], tuple[object, MatchingSentences]]


class ResultSentences(QObject):
    """Asks for one document at a time; the newest wish counts, answers are kept."""

    found = Signal(object)
    """MatchingSentences of the document that was asked for last."""
    failed = Signal(str)
    """A sentence why there are none."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._kept: OrderedDict[object, MatchingSentences] = OrderedDict()
        self._waiting: Work | None = None
        self._key: object = None
        self._question = LaneQuestion(session, "Finding the sentences that match", self)
        self._question.answered.connect(self._on_answered)
        self._question.failed.connect(self.failed)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM_MS)
        self._calm.timeout.connect(self._on_calm)
        session.sae_changed.connect(self.forget)
        session.project_changed.connect(self.forget)
        session.lanes_replaced.connect(self.forget)

    @Slot()
    def forget(self) -> None:
        """Forgets what was found and what was asked."""
        self._kept.clear()
        self.drop()

    def drop(self) -> None:
        """Forgets what was asked."""
        self._calm.stop()
        self._waiting = self._key = None
        self._question.drop()

    def ask(
        self, result: ResultRow, answer: SearchAnswer, state: SearchState, steered: bool
    ) -> None:
        """Look for the sentences of a result that match the query, steered or as typed."""
        document = result.document
        if not (document.title.strip() or document.text.strip()):
            self.drop()
            return
        work: Work | None
        engine = evidence_engine(self._session)
        problem = "" if engine is None else engine.text_problem
        by_words = looks_for_words(answer, state.match, engine)
        plan = answer.plan if steered else SteeringPlan()
        if by_words:
            key: object = (document.id, state.text)
            work = _ByWords(key, result, state.text)
        elif engine is None or problem or self._session.search is None:
            self.drop()
            if problem:
                self.failed.emit(problem)
            return
        else:
            place_of = result.place_of if steered else None
            typed = answer.text if state.match == "both" else ""
            key = (document.id, answer.query.vector.tobytes(), plan, place_of, typed)
            work = _NearQuery(
                key, result, answer, plan, self._session.search.engine, engine, steered, typed
            )
        self._wish(key, work)

    def _wish(self, key: object, work: Work) -> None:
        if key in self._kept:
            self.drop()
            self._key = key
            self.found.emit(self._kept[key])
        elif key != self._key:
            self._key, self._waiting = key, work
            self._calm.start()

    @Slot()
    def _on_calm(self) -> None:
        if self._waiting is not None and self._session.project is not None:
            work, self._waiting = self._waiting, None
            self._question.ask(work)

    @Slot(object)
    def _on_answered(self, answer: tuple[object, MatchingSentences]) -> None:
        key, found = answer
        self._kept[key] = found
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        if key == self._key:
            self.found.emit(found)


@dataclass(frozen=True, eq=False)
class _ByWords:
    key: object
    result: ResultRow
    typed: str

    def __call__(self, control: TaskControl) -> tuple[object, MatchingSentences]:
        control.checkpoint()
        document = self.result.document
        return self.key, sentences_with_words(
            document.id, document.title, document.text, self.typed
        )


@dataclass(frozen=True, eq=False)
class _NearQuery:
    key: object
    result: ResultRow
    answer: SearchAnswer
    plan: SteeringPlan
    search: SearchEngine
    evidence: EvidenceEngine
    steered: bool
    typed: str
    """The text whose quoted phrases every result has; "" where they count for nothing."""

    def __call__(self, control: TaskControl) -> tuple[object, MatchingSentences]:
        control.checkpoint()
        limit_torch_threads()
        document = self.result.document
        giver = self.result.place_of if self.steered else None
        vector = vector_behind(self.search, self.answer, self.plan, giver)
        found = sentences_near(
            self.evidence, document.id, document.title, document.text, vector, control
        )
        return self.key, with_phrases(found, document.title, document.text, self.typed)
