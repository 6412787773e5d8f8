"""The progress of work of several parts as one: it never goes back, and is full only at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saedesk.task_control import Progress, TaskControl

_PARTS = 1000
"""The whole is told in so many parts."""


@dataclass(frozen=True)
class Phase:
    """A part of the work, known by what it reports."""

    unit: str
    note: str
    """What the work calls it."""
    title: str
    """What it is called for a person."""
    weight: float
    """The time it takes, as a share of that of all phases together."""
    may_be_left_out: bool = False
    """Whether nobody knows that it comes before it does: until then no time left is told."""


class PhasesControl:
    """A `TaskControl` that hands on how far all phases are, in their order.

    A phase may be left out. What is reported of no phase moves nothing.
    """

    def __init__(self, control: TaskControl, phases: Sequence[Phase]) -> None:
        self._control, self._phases = control, tuple(phases)
        self._at = 0
        self._share = 0.0
        self.checkpoint = control.checkpoint
        self.finish_early = control.finish_early
        self.publish = control.publish

    def report(self, progress: Progress) -> None:
        """Take a report of one phase, tell that of all."""
        at = self._phase_of(progress)
        title = progress.note
        if at is not None:
            self._at, title = at, self._phases[at].title
            weights = [phase.weight for phase in self._phases]
            own = progress.done / progress.total if progress.total else 0.0
            share = (sum(weights[:at]) + weights[at] * min(own, 1.0)) / sum(weights)
            self._share = max(self._share, share)
        may_change = any(phase.may_be_left_out for phase in self._phases[self._at + 1 :])
        self._control.report(Progress(int(_PARTS * self._share), _PARTS, "", title, may_change))

    def _phase_of(self, progress: Progress) -> int | None:
        """The phase that goes on, or the next one of those to come that reports like this."""
        reports = [(phase.unit, phase.note) for phase in self._phases]
        key = (progress.unit, progress.note)
        return next((at for at in range(self._at, len(reports)) if reports[at] == key), None)


class WithoutShare:
    """A `TaskControl` for what follows work that has filled the bar already.

    It hands on what is being done, but not how far that is.
    """

    def __init__(self, control: TaskControl) -> None:
        self._control = control
        self.checkpoint = control.checkpoint
        self.finish_early = control.finish_early
        self.publish = control.publish

    def report(self, progress: Progress) -> None:
        """Take a report, tell its note."""
        self._control.report(Progress(0, None, "", progress.note))
