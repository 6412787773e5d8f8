"""The jobs of the window report the phases they are said to have."""

from __future__ import annotations

from pathlib import Path

from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs.analyse_features import AnalyseRequest
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.project.project_folder import Project
from saedesk.session.lane_jobs import (
    ANALYSIS_PHASES,
    FAMILY_PHASES,
    analyse_and_label,
    find_label_and_measure,
)
from tests.jobs.test_job_phases import Watching


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
