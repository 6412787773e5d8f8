"""Scores the labels that a person wrote or put in force again, quietly, on the query lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.session.message import Message
from saedesk.session.task_lane import Failed, Task
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from saedesk.embedding.query_encoder import QueryEncoder
    from saedesk.features.labels.scoring_documents import ScoringSettings
    from saedesk.jobs.score_labels import ScoreLabelsRequest
    from saedesk.project.project_folder import Project
    from saedesk.session.feature_book import FeatureBook
    from saedesk.session.session import Session

LABELS_AT_ONCE = 4
"""One task: a search typed meanwhile waits for so many at most, about a tenth of a second."""


class EditedLabels(QObject):
    """Follows the book in use; what is edited again while it is scored is scored anew."""

    changed = Signal(object)
    """frozenset of latents whose labels are being scored now, or no longer."""

    def __init__(self, session: Session, encoders: dict[str, QueryEncoder]) -> None:
        """`encoders`: loaded models by fingerprint, shared with what else runs on the lane."""
        super().__init__(session)
        self._session, self._encoders = session, encoders
        self.settings: ScoringSettings | None = None
        """On how many documents; None as anywhere else."""
        self._book: FeatureBook | None = None
        self._waiting: dict[int, None] = {}
        self._task: Task | None = None
        self._running: tuple[int, ...] = ()
        session.sae_changed.connect(self._on_sae)
        session.lanes_replaced.connect(self._forget)

    @property
    def pending(self) -> frozenset[int]:
        """Latents whose labels wait for a score."""
        return frozenset(self._waiting) | frozenset(self._running)

    @Slot(object)
    def score(self, latents: Iterable[int]) -> None:
        """Score the labels in force of these features where they have none by program."""
        book, project = self._session.book, self._session.project
        if book is None or project is None or project.read_only:
            return
        before = self.pending
        edited = tuple(latents)
        again = set(edited) & set(self._running)
        if again and self._task is not None:
            # What else was in the same task has not changed and is still to be scored.
            self._waiting.update(dict.fromkeys(i for i in self._running if i not in again))
            self._running = ()
            self._task.cancel()
            self._task = None
        for latent in edited:
            self._waiting.pop(latent, None)
            if book.has_label(latent) and not _is_scored(book, latent):
                self._waiting[latent] = None
        self._go_on()
        self._tell(before | self.pending)

    def _go_on(self) -> None:
        book, project = self._session.book, self._session.project
        if self._task is not None or not self._waiting or book is None or project is None:
            return
        self._running = tuple(self._waiting)[:LABELS_AT_ONCE]
        for latent in self._running:
            del self._waiting[latent]
        request = self._request(book.sae.hash)
        work = _Scoring(project, request, self._encoders)
        self._task = Task("Scoring edited labels", work)
        self._task.ended.connect(self._on_ended)
        self._session.query.submit(self._task)

    def _request(self, sae: str) -> ScoreLabelsRequest:
        from saedesk.jobs.score_labels import ScoreLabelsRequest

        request = ScoreLabelsRequest(sae, latents=self._running)
        return request if self.settings is None else replace(request, settings=self.settings)

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        if self.sender() is not self._task:
            return
        done, self._running, self._task = self._running, (), None
        if isinstance(outcome, Failed):
            # The others would fail in the same way.
            done, self._waiting = (*done, *self._waiting), {}
            if not outcome.is_known:
                told = Message("error", outcome.sentence, outcome.details)
                self._session.message.emit(told)
        elif self._book is not None and self._book is self._session.book:
            self._book.read_scores_again(done)
        self._go_on()
        self._tell(frozenset(done))

    def _tell(self, latents: frozenset[int]) -> None:
        if latents:
            self.changed.emit(latents)

    @Slot()
    def _on_sae(self) -> None:
        self._forget()
        self._book = self._session.book
        if self._book is not None:
            self._book.labels_edited.connect(self.score)

    @Slot()
    def _forget(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task, self._running, self._waiting = None, (), {}


class _Scoring:
    """Some labels, as the lane runs them."""

    def __init__(
        self, project: Project, request: ScoreLabelsRequest, encoders: dict[str, QueryEncoder]
    ) -> None:
        self._project, self._request, self._encoders = project, request, encoders

    def __call__(self, control: TaskControl) -> object:
        from saedesk.jobs import score_labels

        limit_torch_threads()
        return score_labels.score(self._project, self._request, control, self._encoders)


def _is_scored(book: FeatureBook, latent: int) -> bool:
    from saedesk.features.labels.label_scoring import SCORERS

    return any(scorer in book.scores(latent) for scorer in SCORERS)
