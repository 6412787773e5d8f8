"""What is told about a training in numbers: durations, speeds, how the FVU goes on."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.jobs.train_sae import CurvePart
from saedesk.jobs.training_request import TrainRequest
from saedesk.sae.training_curve import TrainingStep
from saedesk.task_control import Progress
from saedesk.ui.shell.time_left import TimeLeft, time_left_text
from saedesk.ui.train_panels.fvu_forecast import forecast_fvu
from saedesk.ui.train_panels.run_curve import POINTS_OF_A_SPEED, arrays_of
from saedesk.ui.train_panels.training_run import LiveTraining
from saedesk.ui.train_panels.training_texts import (
    about_text,
    clock_text,
    duration_text,
    left_text,
    share_text,
    speed_text,
)


def a_step(step: int, fvu: float | None = None, speed: float = 1000.0) -> TrainingStep:
    return TrainingStep(step, 100 * step, 1 / step, fvu, 8.0, 0.01, speed, 1e-3)


def test_numbers_read_like_numbers() -> None:
    assert [duration_text(s) for s in (None, 0.2, 15, 60, 156, 3600, 3900)] == [
        "–",
        "under 1 s",
        "15 s",
        "1 min",
        "2 min 36 s",
        "1 h",
        "1 h 5 min",
    ]
    assert [about_text(s) for s in (0.1, 14, 61, 430, 7200)] == [
        "under 1 s",
        "about 15 s",
        "about 1 min",
        "about 7 min",
        "about 2 h",
    ]
    assert [clock_text(s) for s in (14, 131, 3727)] == ["0:14", "2:11", "1:02:07"]
    assert [left_text(s) for s in (None, 0.1, 80, 700, 7400)] == [
        "–",
        "1 s",
        "1 min 20 s",
        "12 min",
        "2 h 3 min",
    ]
    assert share_text(0.0113) == "1.1 %"
    assert speed_text(9123.4) == "9,100"
    assert speed_text(None) == "–"


def test_a_forecast_finds_the_law_behind_the_curve() -> None:
    step = np.arange(10.0, 1000.0, 40.0)
    fvu = 0.3 + 2.0 * step**-0.5
    told = forecast_fvu(step, fvu, 4000)
    assert told is not None
    assert told.step[0] == step[-1]
    assert told.step[-1] == 4000
    assert told.likely[0] == pytest.approx(fvu[-1])
    assert told.likely[-1] == pytest.approx(0.3 + 2.0 * 4000**-0.5, abs=0.005)
    assert (told.low <= told.likely).all()
    assert (told.likely <= told.high).all()
    assert told.high[-1] > told.low[-1]


def test_no_forecast_from_too_little_or_at_the_end() -> None:
    step = np.arange(10.0, 400.0, 10.0)
    assert forecast_fvu(step[:5], 1 / step[:5], 1000) is None
    assert forecast_fvu(step, 1 / step, int(step[-1])) is None
    assert forecast_fvu(step, step, 1000) is None, "a rising curve has no such law"


def test_speed_is_documents_over_time_not_a_mean_of_speeds() -> None:
    steps = [a_step(n, speed=1000.0 if n % 2 else 3000.0) for n in range(1, 41)]
    curve = arrays_of(steps)
    # As many documents at each speed: the harmonic mean, 1,500, within the odd point.
    assert curve.speed[-1] == pytest.approx(1500, rel=2 / POINTS_OF_A_SPEED)
    assert curve.speed[0] == pytest.approx(1000)


def test_a_live_training_counts_as_its_progress_does() -> None:
    live = LiveTraining("Run 1", TrainRequest(), dimensions=32)
    assert live.run(0, paused=False, now=0.0).epochs_text() == "–"
    live.add(CurvePart("Run 4", tuple(a_step(n) for n in range(1, 21)), 100, 10))
    live.add(CurvePart("Run 4", (a_step(21, fvu=0.4),), 100, 10))
    run = live.run(0, paused=False, now=0.0)
    assert (run.name, run.state, run.step) == ("Run 4", "training", 21)
    assert run.epochs_text() == "3 of 10"
    assert run.fvu == 0.4
    assert run.seconds == pytest.approx(2.1)
    assert run.seconds_left is None
    assert run.size_bytes == 2 * 3072 * 32 * 4
    # Steps between two points of the curve count, too.
    live.progress(Progress(31, 100, "steps"), now=0.0)
    run = live.run(0, paused=False, now=0.0)
    assert (run.step, run.epochs_text(), run.share) == (31, "4 of 10", 0.31)


def test_the_time_left_is_that_of_the_footer() -> None:
    live, footer = LiveTraining("Run 1", TrainRequest(), dimensions=32), TimeLeft()
    now = 100.0
    for done in range(0, 900, 3):
        now += 0.05 if done < 450 else 0.2
        live.progress(Progress(done, 1000, "steps"), now)
        footer.add(Progress(done, 1000, "steps"), now)
        told, there = live.run(0, False, now).seconds_left, footer.seconds(now)
        assert (told is None) == (there is None)
        if told is not None and there is not None:
            assert told == pytest.approx(there)
            assert f"{left_text(told)} left" == time_left_text(there)
    live.run(0, True, now)
    footer.pause(now)
    assert live.run(0, True, now + 60).seconds_left == footer.seconds(now + 60)
    live.run(0, False, now + 60)
    footer.resume(now + 60)
    assert live.run(0, False, now + 70).seconds_left == pytest.approx(footer.seconds(now + 70))
