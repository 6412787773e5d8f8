"""How long a running training will still take, from its progress and without its pauses."""

from __future__ import annotations

from collections import deque

from saedesk.task_control import Progress

WINDOW_SECONDS = 20.0
SECONDS_BEFORE_A_GUESS = 1.5
SMOOTHING = 0.15
"""The same numbers as in the footer, so that both tell the same time."""


class TrainingClock:
    """Takes progress with its time (seconds of a monotonic clock), tells the time left."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()
        self._paused_at: float | None = None
        self._paused_in_all = 0.0
        self._end: float | None = None

    def set_paused(self, paused: bool, now: float) -> None:
        """The training waits, or goes on."""
        if paused and self._paused_at is None:
            self._paused_at = now
        elif not paused and self._paused_at is not None:
            self._paused_in_all += now - self._paused_at
            self._paused_at = None

    def add(self, progress: Progress, now: float) -> None:
        """A report came."""
        at = self._active(now)
        self._points.append((at, progress.done))
        while len(self._points) > 2 and at - self._points[1][0] > WINDOW_SECONDS:
            self._points.popleft()
        (first, done_then), (last, done_now) = self._points[0], self._points[-1]
        is_known = last - first >= SECONDS_BEFORE_A_GUESS and done_now > done_then
        if is_known and progress.total is not None:
            left = (progress.total - progress.done) * (last - first) / (done_now - done_then)
            guess = at + left
            self._end = guess if self._end is None else self._end + SMOOTHING * (guess - self._end)

    def seconds_left(self, now: float) -> float | None:
        """Seconds to the last step, or None while nobody knows."""
        return None if self._end is None else max(0.0, self._end - self._active(now))

    def _active(self, now: float) -> float:
        return (now if self._paused_at is None else self._paused_at) - self._paused_in_all
