"""The progress of several phases as one, and that the jobs report the phases they are said to."""

from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs.analyse_features import AnalyseRequest
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.project.project_folder import Project
from saedesk.session.job_phases import Phase, PhasesControl
from saedesk.session.lane_jobs import (
    ANALYSIS_PHASES,
    FAMILY_PHASES,
    analyse_and_label,
    find_label_and_measure,
)
from saedesk.task_control import Cancelled, Progress, Unattended


class Watching(Unattended):
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.seen: list[Progress] = []

    def report(self, progress: Progress) -> None:
        self.seen.append(progress)

    def shares(self) -> list[float]:
        return [one.done / one.total for one in self.seen if one.total]


PHASES = (Phase("rows", "", "Reading", 1.0), Phase("labels", "now", "Scoring", 3.0))


def test_a_phase_at_its_end_is_not_the_end_of_all() -> None:
    control = Watching()
    phases = PhasesControl(control, PHASES)
    phases.report(Progress(50, 100, "rows"))
    phases.report(Progress(100, 100, "rows"))
    phases.report(Progress(0, None, "labels", "elsewhere"))
    phases.report(Progress(0, None, "labels", "now"))
    phases.report(Progress(5, 10, "labels", "now"))
    phases.report(Progress(10, 10, "labels", "now"))
    assert control.shares() == pytest.approx([0.125, 0.25, 0.25, 0.25, 0.625, 1.0])
    assert [one.note for one in control.seen][::5] == ["Reading", "Scoring"]
    assert control.seen[2].note == "elsewhere"
    assert all(len(control.seen) == 6 and one.unit == "" for one in control.seen)


def test_it_never_goes_back_and_passes_the_rest_on() -> None:
    control = Watching()
    phases = PhasesControl(control, PHASES)
    phases.report(Progress(4, 10, "labels", "now"))
    phases.report(Progress(1, 10, "rows"))
    phases.report(Progress(2, 10, "labels", "now"))
    assert control.shares() == sorted(control.shares())

    class Stopping(Unattended):
        def checkpoint(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        PhasesControl(Stopping(), PHASES).checkpoint()


def test_the_jobs_of_the_window_report_every_phase_in_order(project_copy: Path) -> None:
    asked = FamiliesRequest(settings=FamilySettings(above_chance=0.0))
    with Project.open(project_copy) as project:
        for kind in ("activations", "statistics"):
            for record in project.artifacts(kind):
                project.remove(record)
        for job, request, phases in (
            (analyse_and_label, AnalyseRequest(), ANALYSIS_PHASES),
            (find_label_and_measure, asked, FAMILY_PHASES),
        ):
            control = Watching()
            job(project, request, control)  # type: ignore[operator]
            told = list(dict.fromkeys(one.note for one in control.seen))
            titles = [phase.title for phase in phases]
            assert [title for title in told if title in titles] == titles
            assert control.shares() == sorted(control.shares())
            assert control.seen[-1].done <= 1000
