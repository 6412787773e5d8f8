"""Which runs are drawn and which is in focus: what was ticked, and the one that is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from saedesk.ui.train_panels.training_run import Run

DRAWN_AT_FIRST = 3


class DrawnRuns:
    """By their ids: a ticked run is drawn, and the one in focus unless a person just hid it."""

    def __init__(self) -> None:
        self.focus: int | None = None
        """The run whose numbers are shown."""
        self.drawn: set[int] = set()
        self._ticked: set[int] = set()
        self._hidden: int | None = None

    def set_focus(self, id: int) -> None:
        """Looks at a run."""
        self.focus, self._hidden = id, None
        self._settle()

    def toggle(self, id: int) -> None:
        """Draws a run, or hides it."""
        if id in self._ticked:
            self._ticked.discard(id)
            self._hidden = id
        else:
            self._ticked.add(id)
            self._hidden = None
        self._settle()

    def show_only(self, id: int) -> None:
        """Hides all others."""
        self._ticked, self.focus, self._hidden = {id}, id, None
        self._settle()

    def follow(self, runs: Sequence[Run], new: set[int], *, first_look: bool) -> None:
        """Draws the latest runs at the first look and each new one; what is new takes the focus."""
        known = [run.id for run in runs]
        self._ticked &= set(known)
        if first_look:
            trained = [run.id for run in runs if not run.is_loaded]
            self._ticked |= set(trained[-DRAWN_AT_FIRST:])
        else:
            self._ticked |= new
        live = next((run.id for run in runs if run.is_live), None)
        loaded = [run.id for run in runs if run.is_loaded and run.id in new]
        if live in new:
            self.focus = live
        elif loaded and not first_look:
            self.focus = loaded[-1]
        if self.focus not in known:
            used = next((run.id for run in runs if run.in_use), None)
            last = known[-1] if known else None
            self.focus = next((id for id in (live, used, last) if id is not None), None)
        self._settle()

    def _settle(self) -> None:
        self.drawn = set(self._ticked)
        if self.focus is not None and self.focus != self._hidden:
            self.drawn.add(self.focus)
