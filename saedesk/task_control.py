"""How long work talks to whoever started it: pause, cancel, progress, partial results.

Jobs and the science packages take a `TaskControl` and know nothing of Qt or the terminal.
Call `checkpoint()` at least every 50 ms where the interpreter lock is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Cancelled(Exception):
    """Raised by `TaskControl.checkpoint` once the person asked to stop."""


@dataclass(frozen=True)
class Progress:
    """How far a task is."""

    done: int
    """Units finished."""
    total: int | None
    """Units in all; None while it is not known."""
    unit: str = ""
    """What is counted, in the plural: "documents", "steps"."""
    note: str = ""
    """What is being done now, in a few words."""
    may_change: bool = False
    """Whether there may be less to do than `total` says, so that no time left can be told."""


class TaskControl(Protocol):
    """What a running task may say and must listen to."""

    def checkpoint(self) -> None:
        """Wait while paused; raise `Cancelled` after a cancel."""

    def finish_early(self) -> bool:
        """Whether the person asked to stop here and keep what there is."""

    def report(self, progress: Progress) -> None:
        """Tell how far the task is; cheap, may be called often."""

    def publish(self, partial: object) -> None:
        """Hand out an intermediate result, such as a `TrainingStep`."""


class Unattended:
    """A `TaskControl` nobody watches: never pauses, never cancels."""

    def checkpoint(self) -> None:
        """Go on."""

    def finish_early(self) -> bool:
        """Nobody asked to stop."""
        return False

    def report(self, progress: Progress) -> None:
        """Nobody is listening."""

    def publish(self, partial: object) -> None:
        """Nobody is listening."""
