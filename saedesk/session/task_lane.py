"""Long work on a thread of its own, one task after the other.

A worker's signals reach the GUI thread only through bound methods of objects that live there:
anything else (a lambda, a partial, a function) would run in the worker. So all wiring is in this
file, and the signals that others connect to are emitted in the GUI thread.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from saedesk.errors import KnownError
from saedesk.task_control import Cancelled, Progress, TaskControl

_QUEUED = Qt.ConnectionType.QueuedConnection
_SECONDS_BETWEEN_REPORTS = 0.05


@dataclass(frozen=True)
class Succeeded:
    """The task finished; `result` is what its job returned."""

    result: Any


@dataclass(frozen=True)
class Stopped:
    """The task was cancelled."""


@dataclass(frozen=True)
class Failed:
    """The task failed. Errors travel as text: an exception would keep its frames' arrays alive."""

    sentence: str
    """For a person."""
    details: str
    """The traceback, for the log and the copy button; "" for a known error."""
    is_known: bool
    """Whether the program is not to blame."""


Outcome = Succeeded | Stopped | Failed


class Task(QObject):
    """One piece of work and its progress; lives in the GUI thread, is the job's `TaskControl`."""

    progressed = Signal(object)
    """Progress."""
    published = Signal(object)
    """A partial result."""
    started = Signal()
    ended = Signal(object)
    """Outcome."""
    state_changed = Signal()
    """Paused or resumed."""
    _progress = Signal(object)
    _partial = Signal(object)
    _start = Signal(object)
    _outcome = Signal(object)

    def __init__(
        self, title: str, work: Callable[[TaskControl], Any], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.title = title
        self.outcome: Outcome | None = None
        self.last_progress: Progress | None = None
        self.started_at: float | None = None
        self.can_pause = False
        self.can_finish_early = False
        self._work: Callable[[TaskControl], Any] | None = work
        self._cancelled = threading.Event()
        self._going = threading.Event()
        self._going.set()
        self._finish_early = threading.Event()
        self._is_over = threading.Event()
        self.seconds = 0.0
        """That the work took, once it has ended."""
        self._last_report = 0.0
        self._ended_with: Outcome | None = None
        self._progress.connect(self._on_progress, _QUEUED)
        self._partial.connect(self._on_partial, _QUEUED)
        self._start.connect(self._on_start, _QUEUED)
        self._outcome.connect(self._on_outcome, _QUEUED)

    # -- asked by the window -----------------------------------------------------------------

    @property
    def is_paused(self) -> bool:
        """Whether the task waits for `resume`."""
        return not self._going.is_set()

    @property
    def is_running(self) -> bool:
        """Whether the work has begun and not ended."""
        return self.started_at is not None and self.outcome is None

    def cancel(self) -> None:
        """Ask the work to stop at its next checkpoint."""
        self._cancelled.set()
        self._going.set()

    def pause(self) -> None:
        """Ask the work to wait at its next checkpoint."""
        self._going.clear()
        self.state_changed.emit()

    def resume(self) -> None:
        """Let a paused task go on."""
        self._going.set()
        self.state_changed.emit()

    def stop_and_keep(self) -> None:
        """Ask the work to end here and keep what there is."""
        self._finish_early.set()
        self._going.set()

    # -- called by the work, in the lane -----------------------------------------------------

    def run(self) -> None:
        """Do the work and send its outcome home."""
        self._start.emit(None)
        begun = time.monotonic()
        outcome = self._outcome_of_work()
        self._work = None
        self._ended_with = outcome
        self.seconds = time.monotonic() - begun
        self._outcome.emit(outcome)
        self._is_over.set()

    def _outcome_of_work(self) -> Outcome:
        assert self._work is not None
        try:
            self.checkpoint()
            return Succeeded(self._work(self))
        except Cancelled:
            return Stopped()
        except KnownError as error:
            return Failed(error.sentence, "", is_known=True)
        except Exception as error:  # noqa: BLE001 - a bug in a job must not end the lane
            summary = f"{type(error).__name__}: {error}"
            return Failed(summary, traceback.format_exc(), is_known=False)

    def checkpoint(self) -> None:
        """Wait while paused; raise Cancelled after a cancel."""
        self._going.wait()
        if self._cancelled.is_set():
            raise Cancelled

    def finish_early(self) -> bool:
        """Whether the person asked to stop here and keep what there is."""
        return self._finish_early.is_set()

    def report(self, progress: Progress) -> None:
        """Tell how far the task is; at most twenty times a second get through."""
        now = time.monotonic()
        if now - self._last_report >= _SECONDS_BETWEEN_REPORTS:
            self._last_report = now
            self._progress.emit(progress)

    def publish(self, partial: object) -> None:
        """Hand out an intermediate result."""
        self._partial.emit(partial)

    # -- in the GUI thread -------------------------------------------------------------------

    @Slot(object)
    def _on_start(self, _: object) -> None:
        self.started_at = time.monotonic()
        self.started.emit()

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        if not self._cancelled.is_set():
            self.last_progress = progress
            self.progressed.emit(progress)

    @Slot(object)
    def _on_partial(self, partial: object) -> None:
        if not self._cancelled.is_set():
            self.published.emit(partial)

    @Slot(object)
    def _on_outcome(self, outcome: Outcome) -> None:
        if self.outcome is None:
            self.outcome = outcome
            self.ended.emit(outcome)

    def wait_for(self, seconds: float) -> bool:
        """Sleep until the work has ended, at most so long; its end is told by the event loop."""
        return self._is_over.wait(seconds)

    def settle(self) -> None:
        """Tell the end now: the lane's thread is gone, and may never have come to this task."""
        self._on_outcome(self._ended_with or Stopped())


class _Runner(QObject):
    """Lives in the lane's thread."""

    @Slot(object)
    def run(self, task: Task) -> None:
        task.run()


class TaskLane(QObject):
    """A thread that runs tasks in the order in which they were submitted."""

    changed = Signal()
    """A task was submitted, started or ended."""
    _next = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: list[Task] = []
        self._thread = QThread(self)
        self._thread.setObjectName(name)
        self._runner = _Runner()
        self._runner.moveToThread(self._thread)
        self._next.connect(self._runner.run, _QUEUED)
        self._thread.start()

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Unfinished tasks, the running one first."""
        return tuple(self._tasks)

    def submit(self, task: Task) -> Task:
        """Queue a task; connect to its signals before or right after, both is safe."""
        self._tasks.append(task)
        task.setParent(self)
        task.started.connect(self.changed)
        task.state_changed.connect(self.changed)
        task.ended.connect(self._on_ended)
        self._next.emit(task)
        self.changed.emit()
        return task

    @Slot(object)
    def _on_ended(self, _: object) -> None:
        self._tasks = [task for task in self._tasks if task.outcome is None]
        sender = self.sender()
        if isinstance(sender, Task):
            sender.deleteLater()
        self.changed.emit()

    def cancel_all(self) -> None:
        """Cancel everything that is running or waiting."""
        for task in self._tasks:
            task.cancel()

    def close(self, timeout_ms: int = 5000) -> bool:
        """Cancel everything and end the thread; False when it did not end in time.

        Every task has told its end by then, those too that had not begun.
        """
        self.cancel_all()
        self._thread.quit()
        if not self._thread.wait(timeout_ms):
            return False
        for task in self.tasks:
            task.settle()
        return True
