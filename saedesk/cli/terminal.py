"""Talking to a terminal: answers on stdout, progress and sentences on stderr, Ctrl+C as cancel."""

from __future__ import annotations

import codecs
import json
import signal
import sys
import threading
import time
from typing import Any

from saedesk.plain_table import printable, table
from saedesk.task_control import Cancelled, Progress

__all__ = [
    "TerminalControl",
    "answer",
    "duration",
    "printable",
    "say",
    "table",
    "write_what_the_terminal_can_show",
]

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_UPDATES = 0.1
_PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "−": "-",
        "–": "-",
        "…": "...",
        "\u00a0": " ",
        "↑": "^",
        "↓": "v",
    }
)
"""What stands for a typographic sign where there is none."""


class TerminalControl:
    """A `TaskControl` for one command: draws progress, turns Ctrl+C into a cancel."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._cancelled = threading.Event()
        # A command of less than some seconds leaves no progress in a log.
        self._last = 0.0 if self._is_terminal else time.monotonic()
        self._width = 0
        self._started: tuple[float, int, tuple[object, ...]] | None = None
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, *_: object) -> None:
        if self._cancelled.is_set():
            raise KeyboardInterrupt
        self._cancelled.set()

    def checkpoint(self) -> None:
        """Raise Cancelled after Ctrl+C."""
        if self._cancelled.is_set():
            raise Cancelled

    def finish_early(self) -> bool:
        """Nobody can ask for this in a terminal."""
        return False

    def publish(self, partial: object) -> None:
        """Partial results are for windows."""

    def report(self, progress: Progress) -> None:
        """Redraw the progress line; without a terminal write one now and then."""
        now = time.monotonic()
        pause = _SECONDS_BETWEEN_UPDATES if self._is_terminal else _SECONDS_BETWEEN_LINES
        if self._quiet or now - self._last < pause:
            return
        self._last = now
        line = self._line(progress, now)
        line = printable(line)
        if self._is_terminal:
            sys.stderr.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def _line(self, progress: Progress, now: float) -> str:
        counted = (progress.unit, progress.total, progress.may_change)
        if self._started is None or self._started[2] != counted:
            self._started = (now, progress.done, counted)
        note = f"{progress.note}  " if progress.note else ""
        if progress.total is None:
            return f"{note}{progress.done:,} {progress.unit}" if progress.done else note.strip()
        began, first, _ = self._started
        rate = (progress.done - first) / (now - began) if now > began else 0.0
        is_known = rate and not progress.may_change
        left = f"  {duration((progress.total - progress.done) / rate)} left" if is_known else ""
        speed = f"  {rate:,.0f}/s" if rate and progress.unit != "bytes" else ""
        share = 100 * progress.done / max(1, progress.total)
        if not progress.unit:
            # Parts of a whole of several phases are nothing that a person counts.
            return f"{note}{share:.0f} %{left}"
        return (
            f"{note}{progress.done:,} of {progress.total:,} {progress.unit} ({share:.0f} %)"
            f"{speed}{left}"
        )

    def finish(self) -> None:
        """End the progress line."""
        if self._is_terminal and self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()


def duration(seconds: float) -> str:
    """“45 s”, “3 min 20 s”, “2 h 5 min”."""
    seconds = round(max(0.0, seconds))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def write_what_the_terminal_can_show() -> None:
    """A letter that the terminal has not is no reason to fail: another sign or its number."""
    codecs.register_error("saedesk plain", _plain_signs)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="saedesk plain")


def _plain_signs(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    return signs.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii"), error.end


def say(sentence: str) -> None:
    """A sentence for the person, on stderr."""
    sys.stderr.write(printable(" ".join(sentence.split())) + "\n")


def answer(content: Any, text: str, *, as_json: bool) -> None:
    """The result of a command on stdout: JSON for machines or text for people."""
    if as_json:
        # A terminal or pipe that knows no Unicode gets the same JSON in ASCII.
        is_unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
        written = json.dumps(content, ensure_ascii=not is_unicode, indent=1)
        sys.stdout.write("".join(_json_sign(sign) for sign in written) + "\n")
    else:
        lines = text.rstrip("\n").split("\n")
        sys.stdout.write("\n".join(printable(line) for line in lines) + "\n")
    # Now rather than at exit, where a reader that went away could only be complained about.
    sys.stdout.flush()


def _json_sign(sign: str) -> str:
    """Signs that JSON allows as they are but a terminal obeys become escapes; the value stays."""
    if sign.isprintable() or sign == "\n":
        return sign
    code = ord(sign)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
