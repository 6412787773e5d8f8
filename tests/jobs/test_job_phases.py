"""The progress of several phases as one."""

from __future__ import annotations

import pytest

from saedesk.jobs.job_phases import Phase, PhasesControl, WithoutShare
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


def test_no_time_can_be_told_before_what_may_be_left_out() -> None:
    control = Watching()
    phases = PhasesControl(
        control, (*PHASES, Phase("rows", "again", "Again", 1.0, True), PHASES[0])
    )
    phases.report(Progress(5, 10, "labels", "now"))
    phases.report(Progress(5, 10, "labels", "elsewhere"))
    phases.report(Progress(5, 10, "rows", "again"))
    phases.report(Progress(5, 10, "rows"))
    assert [one.may_change for one in control.seen] == [True, True, False, False]
    assert control.shares() == sorted(control.shares())


def test_what_follows_a_full_bar_tells_what_it_does_but_no_share() -> None:
    control = Watching()
    after = WithoutShare(control)
    after.report(Progress(3, 10, "documents", "Writing"))
    assert control.seen == [Progress(0, None, "", "Writing")]
    assert not after.finish_early()
