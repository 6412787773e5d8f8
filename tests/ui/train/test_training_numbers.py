"""What is told about a training in numbers: durations, speeds, how the FVU goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.jobs.curve_parts import CurvePart
from saedesk.jobs.training_request import TrainRequest
from saedesk.project.project_folder import Project
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.training_curve import TrainingStep
from saedesk.sae.training_warnings import remarks_on_settings
from saedesk.task_control import Progress
from saedesk.ui.shell.time_left import TimeLeft, time_left_text
from saedesk.ui.train_panels.fvu_forecast import forecast_fvu
from saedesk.ui.train_panels.live_trainings import LiveTrainings
from saedesk.ui.train_panels.number_list import list_text, numbers_in
from saedesk.ui.train_panels.remarks import number_of
from saedesk.ui.train_panels.run_curve import POINTS_OF_A_SPEED, GrowingCurve, arrays_of
from saedesk.ui.train_panels.training_run import LiveTraining
from saedesk.ui.train_panels.training_texts import (
    about_text,
    clock_text,
    duration_text,
    left_text,
    ratio_text,
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


def test_a_growing_curve_is_that_of_all_its_points() -> None:
    steps = [a_step(n, fvu=1 / n if n % 10 == 0 else None) for n in range(1, 701)]
    growing = GrowingCurve()
    growing.add(steps[:300])
    early = growing.curve()
    assert growing.curve() is early, "nothing came, so nothing is made anew"
    growing.add(steps[300:])
    whole = arrays_of(steps)
    for name in ("step", "loss", "l0", "dead", "speed", "fvu_step", "fvu"):
        assert np.array_equal(getattr(growing.curve(), name), getattr(whole, name)), name
        assert np.array_equal(
            getattr(early, name), getattr(whole, name)[: len(getattr(early, name))]
        )
    assert list(whole.step) == list(range(1, 701))
    assert list(whole.fvu) == [1 / n for n in range(10, 701, 10)]
    assert growing.seconds == pytest.approx(70)


def test_a_live_training_counts_as_its_progress_does() -> None:
    live = LiveTraining("Run 1", TrainRequest(), dimensions=32)
    assert live.run(0, "training", None).epochs_text() == "–"
    live.add(CurvePart("Run 4", tuple(a_step(n) for n in range(1, 21)), 100, 10))
    live.add(CurvePart("Run 4", (a_step(21, fvu=0.4),), 100, 10))
    run = live.run(0, "training", None)
    assert (run.name, run.state, run.step) == ("Run 4", "training", 21)
    assert run.epochs_text() == "3 of 10"
    assert run.fvu == 0.4
    assert run.seconds == pytest.approx(2.1)
    assert run.seconds_left is None
    assert run.size_bytes == 2 * 3072 * 32 * 4
    # Steps between two points of the curve count, too.
    live.progress(Progress(31, 100, "steps"))
    run = live.run(0, "training", None)
    assert (run.step, run.epochs_text(), run.share) == (31, "4 of 10", 0.31)


def test_the_time_left_is_that_of_the_footer() -> None:
    live, footer = LiveTrainings(), TimeLeft()
    live.begin("Training run 1", (TrainRequest(),), (None,), 32)
    ids = {"Run 1": 0}
    now = 100.0
    for done in range(0, 900, 3):
        now += 0.05 if done < 450 else 0.2
        live.progress(Progress(done, 1000, "steps"), now)
        footer.add(Progress(done, 1000, "steps"), now)
        (run,) = live.runs(ids, False, now)
        told, there = run.seconds_left, footer.seconds(now)
        assert (told is None) == (there is None)
        if told is not None and there is not None:
            assert f"{left_text(told)} left" == time_left_text(there)
    live.runs(ids, True, now)
    footer.pause(now)
    (run,) = live.runs(ids, True, now + 60)
    assert run.state == "paused"
    assert run.seconds_left == footer.seconds(now + 60)


def test_runs_of_a_grid_are_told_apart_by_name(tmp_path: Path) -> None:
    requests = tuple(TrainRequest(TopKConfig(k=k)) for k in (4, 8, 16))
    live = LiveTrainings()
    live.begin("Training 3 runs from run 5", requests, (None, None, None), 32)
    assert live.names == ["Run 5", "Run 6", "Run 7"]
    with Project.create(tmp_path / "empty.saedesk") as project:
        part = CurvePart("Run 6", (a_step(1), a_step(2, fvu=0.5)), 100, 10)
        assert live.add(part, project), "the others wait from now on"
        assert not live.add(CurvePart("Run 6", (a_step(3),), 100, 10), project)
        # The whole queue is further than any of its runs.
        live.progress(Progress(40, 300, "steps"), 1.0)
        runs = live.runs({"Run 5": 0, "Run 6": 1, "Run 7": 2}, False, 1.0)
        assert [run.step for run in runs] == [0, 3, 0]
        assert [run.state for run in runs] == ["waiting", "training", "waiting"]
        assert [run.k for run in runs] == [4, 8, 16]
        assert list(live.curve("Run 6").step) == [1, 2, 3]
        assert live.curve("Run 5").is_empty
        live.drop({"Run 6"})
        assert live.names == ["Run 5", "Run 7"]
        # A name that nobody expected takes the place of a run that has not begun.
        assert live.add(CurvePart("Run 12", (a_step(1),), 100, 10), project)
        assert live.names == ["Run 12", "Run 7"]


def test_lists_of_numbers_are_read_as_they_are_meant() -> None:
    assert numbers_in("768, 1,536", "Features", 262_144) == (768, 1536)
    assert numbers_in("768,1536; 3072 768", "Features", 262_144) == (768, 1536, 3072)
    assert numbers_in("12,288", "Features", 262_144) == (12_288,)
    assert numbers_in("16,128", "k", 512) == (16, 128)
    assert numbers_in("", "k", 512) == ()
    assert list_text((768, 12_288)) == "768, 12,288"
    with pytest.raises(BadSetting, match="“8x” is none"):
        numbers_in("4, 8x", "k", 512)


def test_a_ratio_says_by_how_much_a_forecast_was_off() -> None:
    assert [ratio_text(r) for r in (None, 1.17, 0.5, 1.001)] == ["–", "+17 %", "−50 %", "±0 %"]


def test_the_number_behind_a_remark_stands_as_a_person_reads_it() -> None:
    config = TopKConfig(n_latents=1000, k=200, held_out_share=0.005)
    told = {one.kind: number_of(one) for one in remarks_on_settings(config, 2500)}
    assert told == {"large dictionary": "2.5", "large k": "20 %", "few held out": "12"}
