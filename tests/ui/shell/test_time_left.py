from __future__ import annotations

import random
from itertools import pairwise

import pytest

from saedesk.task_control import Progress
from saedesk.ui.shell.time_left import TimeLeft, rate_text, time_left_text


def feed(
    left: TimeLeft, rate: float, seconds: float, start: float = 0.0, done: float = 0.0
) -> float:
    """Reports ten times a second; returns how much is done."""
    for tick in range(1, int(10 * seconds) + 1):
        left.add(Progress(round(done + rate * tick / 10), 10_000, "documents"), start + tick / 10)
    return done + rate * seconds


def test_an_even_pace_is_foretold() -> None:
    left = TimeLeft()
    feed(left, 100, 10)
    assert left.rate() == pytest.approx(100, rel=0.02)
    assert left.seconds(10) == pytest.approx(90, rel=0.03)
    assert left.seconds(15) == pytest.approx(85, rel=0.03)


def test_nothing_is_said_too_early_or_without_a_total() -> None:
    left = TimeLeft()
    feed(left, 100, 1)
    assert left.seconds(1) is None
    endless = TimeLeft()
    for tick in range(50):
        endless.add(Progress(tick, None, "documents"), tick / 10)
    assert endless.seconds(5) is None
    assert endless.rate() == pytest.approx(10, rel=0.05)


def test_a_pause_counts_neither_as_time_nor_against_the_rate() -> None:
    left = TimeLeft()
    done = feed(left, 100, 10)
    left.pause(10)
    assert left.seconds(500) == pytest.approx(90, rel=0.03)
    left.resume(1010)
    feed(left, 100, 5, start=1010, done=done)
    assert left.rate() == pytest.approx(100, rel=0.02)
    assert left.seconds(1015) == pytest.approx(85, rel=0.03)


def test_the_shown_time_does_not_jump_with_uneven_reports() -> None:
    choose, left, shown, done = random.Random(1), TimeLeft(), [], 0
    for tick in range(1, 400):
        done += choose.choice((0, 0, 5, 40))
        left.add(Progress(done, 10_000, "documents"), tick / 10)
        if tick > 100:
            shown.append(left.seconds(tick / 10))
    steps = [abs(after - before) for before, after in pairwise(shown)]
    assert max(steps) < 3


def test_another_part_of_the_task_starts_anew() -> None:
    left = TimeLeft()
    feed(left, 100, 10)
    left.add(Progress(0, 50, "features"), 10.1)
    assert left.seconds(10.1) is None


def test_no_time_is_told_while_nobody_knows_what_comes() -> None:
    left = TimeLeft()
    for tick in range(100):
        left.add(Progress(10 * tick, 1000, "", "Writing", may_change=True), tick / 10)
    assert left.seconds(9.9) is None
    # From here it is known, at another pace.
    for tick in range(1, 100):
        left.add(Progress(990 + tick // 10, 1000, "", "Building"), 10 + tick / 10)
    assert left.seconds(19.9) == pytest.approx(1, abs=0.5)
    assert left.rate() == pytest.approx(1, rel=0.2)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s left"),
        (42.4, "42 s left"),
        (80, "1 min 20 s left"),
        (1800, "30 min left"),
        (7500, "2 h 5 min left"),
    ],
)
def test_time_is_said_in_words(seconds: float, text: str) -> None:
    assert time_left_text(seconds) == text


def test_rates_carry_their_unit() -> None:
    assert rate_text(62.3, "documents") == "62 documents/s"
    assert rate_text(0.53, "steps") == "0.5 steps/s"
    assert rate_text(3_400_000, "bytes") == "3.4 MB/s"
    assert rate_text(12_345.6, "documents") == "12,346 documents/s"
