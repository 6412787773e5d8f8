"""A question to the query lane of which only the newest counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Failed, Succeeded, Task
from saedesk.task_control import TaskControl


class LaneQuestion(QObject):
    """Asks in the query lane; an answer is dropped once something newer was asked."""

    answered = Signal(object)
    """What the newest work returned."""
    failed = Signal(str)
    """A sentence why there is no answer; for a bug the session has a message with details too."""

    def __init__(self, session: Session, title: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._title = session, title
        self._task: Task | None = None
        self._waiting: Callable[[TaskControl], Any] | None = None
        session.lanes_replaced.connect(self.drop)

    @property
    def is_open(self) -> bool:
        """Whether an answer is on its way."""
        return self._task is not None

    def ask(self, work: Callable[[TaskControl], Any]) -> None:
        """Ask this, and forget what was asked before."""
        if self._task is not None:
            self._waiting = work
            self._task.cancel()
            return
        self._task = Task(self._title, work)
        self._task.ended.connect(self._on_ended)
        self._session.query.submit(self._task)

    @Slot()
    def drop(self) -> None:
        """Forget what was asked."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._waiting = None

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        if self.sender() is not self._task:
            return
        self._task = None
        if self._waiting is not None:
            work, self._waiting = self._waiting, None
            self.ask(work)
        elif isinstance(outcome, Succeeded):
            self.answered.emit(outcome.result)
        elif isinstance(outcome, Failed):
            self.failed.emit(outcome.sentence)
            if not outcome.is_known:
                # Last, so that the message with the details is the one that stays.
                self._session.message.emit(Message("error", outcome.sentence, outcome.details))
