"""How long a task will still take, from its progress: smooth, and without its pauses."""

from __future__ import annotations

from collections import deque

from saedesk.task_control import Progress

WINDOW_SECONDS = 20.0
"""The rate is that of this long, so that it follows a change of speed but no single report."""
SECONDS_BEFORE_A_GUESS = 1.5
_SMOOTHING = 0.15
"""The part of the distance to a fresh guess that one report moves the shown one."""


class TimeLeft:
    """Takes progress with its time (seconds of a monotonic clock), tells rate and time left."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()
        self._progress: Progress | None = None
        self._paused_at: float | None = None
        self._paused_in_all = 0.0
        self._end: float | None = None

    def pause(self, now: float) -> None:
        """The task waits from now on."""
        if self._paused_at is None:
            self._paused_at = now

    def resume(self, now: float) -> None:
        """The task goes on."""
        if self._paused_at is not None:
            self._paused_in_all += now - self._paused_at
            self._paused_at = None

    def add(self, progress: Progress, now: float) -> None:
        """A report came."""
        before = self._progress
        if before is not None and (
            before.may_change
            or progress.unit != before.unit
            or progress.total != before.total
            or progress.done < before.done
        ):
            self._points.clear()
            self._end = None
        self._progress = progress
        at = self._active(now)
        self._points.append((at, progress.done))
        while len(self._points) > 2 and at - self._points[1][0] > WINDOW_SECONDS:
            self._points.popleft()
        guess = self._guess(at)
        if guess is not None:
            self._end = guess if self._end is None else _SMOOTHING * (guess - self._end) + self._end

    def rate(self) -> float | None:
        """Units in a second, or None while there is too little to tell."""
        if len(self._points) < 2:
            return None
        (first, done_then), (last, done_now) = self._points[0], self._points[-1]
        if last - first < SECONDS_BEFORE_A_GUESS or done_now <= done_then:
            return None
        return (done_now - done_then) / (last - first)

    def seconds(self, now: float) -> float | None:
        """Seconds left, or None while nobody knows."""
        if self._end is None:
            return None
        return max(0.0, self._end - self._active(now))

    def _guess(self, at: float) -> float | None:
        """When the task will end, in active time."""
        rate, progress = self.rate(), self._progress
        if rate is None or progress is None or progress.total is None or progress.may_change:
            return None
        return at + (progress.total - progress.done) / rate

    def _active(self, now: float) -> float:
        """The time without pauses."""
        return (now if self._paused_at is None else self._paused_at) - self._paused_in_all


def seconds_text(seconds: float) -> str:
    """A time left, coarser the longer it is: “12 s”, “1 min 20 s”, “14 min”, “2 h 5 min”."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def time_left_text(seconds: float) -> str:
    """“12 s left”, “1 min 20 s left”, “2 h 5 min left”."""
    return f"{seconds_text(seconds)} left"


def rate_text(rate: float, unit: str) -> str:
    """“62 documents/s”, “3.4 MB/s”, “0.5 steps/s”."""
    if unit == "bytes":
        rate, unit = rate / 1e6, "MB"
    shown = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
    return f"{shown} {unit or 'steps'}/s"
