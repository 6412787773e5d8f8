"""Python's garbage collections, in the window's thread alone.

Python collects in whatever thread happens to make the next object. A worker thread would so destroy
what is left of windows and plots, which Qt allows their own thread only: the program crashes. So
collections are off while there is a session, and a timer of the window's thread makes them.

A full collection looks at every object there is, and all threads wait for it: with labels and
scores of 100,000 features for 60 ms and more. Those are passed over while they are in use, and
while something is dragged there is no full collection.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

MANY_LABELS = 20_000
"""Fewer are looked through within 10 ms."""
LOOK_EVERY_MS = 200
FULL_EVERY_S = 10.0
"""Full collections are at least so far apart."""
MOST_OF_THE_TIME = 0.01
"""And so far that they take no more of it."""


class GarbageCollection(QObject):
    """Collects for as long as it lives, or until `end`; a child of the session."""

    _in_charge = 0

    def __init__(self, parent: QObject, is_dragging: Callable[[], object] = lambda: False) -> None:
        super().__init__(parent)
        self._is_dragging = is_dragging
        GarbageCollection._in_charge += 1
        self._is_over = False
        self._full_at = time.monotonic() + FULL_EVERY_S
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(LOOK_EVERY_MS)

    @Slot()
    def collect(self) -> None:
        """Collect what Python would have by now: young objects often, all of them seldom."""
        young, middle, old = (
            count > threshold
            for count, threshold in zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        started = time.monotonic()
        if old and started >= self._full_at and not self._is_dragging():
            gc.collect()
            taken = time.monotonic() - started
            self._full_at = started + max(FULL_EVERY_S, taken / MOST_OF_THE_TIME)
        elif young or middle:
            gc.collect(1 if middle else 0)

    def pass_over(self, labels: int) -> None:
        """Let collections leave out all objects that are there now, where they are many."""
        if labels >= MANY_LABELS:
            gc.freeze()

    def look_at_all(self) -> None:
        """Let collections look at everything: what was left out may be garbage from now on."""
        gc.unfreeze()

    def end(self) -> None:
        """Leave collections to Python again; only once no other thread works any more."""
        if not self._is_over:
            self._is_over = True
            self._timer.stop()
            GarbageCollection._in_charge -= 1
            if not GarbageCollection._in_charge:
                gc.enable()
