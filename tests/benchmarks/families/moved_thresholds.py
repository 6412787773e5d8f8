"""How long the window takes to draw the families anew when somebody moves a threshold.

    python -m tests.benchmarks.families.moved_thresholds FOLDER [--documents 11000] [--profile]

A project of 9,216 features, most of them in planted trees, is made in FOLDER unless it is there
already, and its families are found; so few documents leave more than two million pairs. The real
window stands at 1440 by 900 without a display. The clock runs from the move of the slider until
the drawing in view is painted with the new families. "Own work" is the processor time of the
window's thread, "all work" that of all threads: with the drawing, the list, the form and, in the
query lane, finding the families. Families that are still there are drawn where they were; that
all are packed anew, and counted in the right column, follows when the threshold rests, and is not
part of the time. What a move took beyond its own and the lane's work, it waited
for a processor. Goal: 95 of 100 moves under 200 ms.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject
from PySide6.QtWidgets import QApplication

from saedesk.jobs import find_families
from saedesk.project.project_folder import Project
from saedesk.session.family_book import family_book
from saedesk.session.session import Session
from saedesk.session.settings import Settings
from saedesk.task_control import Unattended
from saedesk.ui.application import delete_now, make_application
from saedesk.ui.family_panels.family_drawing import ALL_FAMILIES, THIS_FAMILY
from saedesk.ui.main_window import MainWindow
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.benchmarks.families.planted_documents import Planted, codes
from tests.benchmarks.invented_large_project import build_large

PLANTED = Planted(trees=256, size=32, alone=1024, topics=8, active=64)
GOAL_MS = 200
MOVES = 60
LONGEST_WAIT_S = 60


class _Painted(QObject):
    """Whether the families in view were painted since they changed."""

    def __init__(self, workspace: FamiliesWorkspace, session: Session) -> None:
        super().__init__()
        self._drawing, self._is_changed, self.is_done = workspace.page.drawing, False, False
        family_book(session).families_changed.connect(self._on_changed)
        for part in (self._drawing.tree, self._drawing.overview):
            part.canvas.viewport().installEventFilter(self)

    def start(self) -> None:
        """Waits for another change."""
        self._is_changed = self.is_done = False

    def _on_changed(self) -> None:
        self._is_changed = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._is_changed and event.type() == QEvent.Type.Paint:
            self.is_done = True
        return False


@dataclass(frozen=True)
class _Bench:
    session: Session
    workspace: FamiliesWorkspace
    painted: _Painted

    def rest(self) -> None:
        """Waits until nothing is left to do."""
        lanes = self.session.compute, self.session.query
        drawing = self.workspace.page.drawing
        quiet = time.perf_counter()
        while time.perf_counter() - quiet < 0.1:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
            ahead = (drawing.tree.canvas.ahead, drawing.overview.canvas.ahead)
            is_packed = drawing.is_at_rest or not drawing.shows_all
            is_done = is_packed and all(one.is_done for one in ahead)
            if any(lane.tasks for lane in lanes) or not is_done:
                quiet = time.perf_counter()

    def moves(self, count: int) -> np.ndarray:
        """(count, 3): milliseconds until all was drawn, own work, all work."""
        slider, rng = self.workspace.page.thresholds.edge, np.random.default_rng(0)
        times = []
        for _ in range(count):
            self.rest()
            places = np.arange(slider.maximum() // 2)
            place = int(rng.choice(places[places != slider.value()]))
            self.painted.start()
            clocks = time.perf_counter, time.thread_time, time.process_time
            start = [clock() for clock in clocks]
            slider.setValue(place)
            while not self.painted.is_done:
                QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
                if time.perf_counter() - start[0] > LONGEST_WAIT_S:
                    raise TimeoutError("the families were not drawn anew")
            times.append([clock() - before for clock, before in zip(clocks, start, strict=True)])
        return 1000 * np.array(times)


def built(folder: Path, documents: int) -> Path:
    """The project with its families, made unless it is there already."""
    home = build_large(
        folder,
        documents,
        PLANTED.n_latents,
        lambda documents, _latents: codes(PLANTED, documents),
        "planted",
    )
    with Project.open(home) as project:
        found = find_families.run(project, find_families.FamiliesRequest(), Unattended())
        print(f"{documents:,} documents, {PLANTED.n_latents:,} features, ", end="")
        print(f"{len(found.families):,} families")
    return home


def run(home: Path, profile: cProfile.Profile | None) -> bool:
    """Measure both drawings; whether the goal is met."""
    make_application()
    with tempfile.TemporaryDirectory() as settings:
        session = Session(Settings(Path(settings)))
        window = MainWindow(session)
        window.asks_before_closing = False
        window.resize(1440, 900)
        window.show()
        window.doors.open_folder(home)
        window.show_workspace("families")
        workspace = window.findChild(FamiliesWorkspace)
        bench = _Bench(session, workspace, _Painted(workspace, session))
        bench.rest()
        counted = family_book(session).co_occurrence
        assert counted is not None
        print(f"{len(counted.together):,} pairs")
        good = True
        for view in (THIS_FAMILY, ALL_FAMILIES):
            workspace.page.drawing.show_view(view)
            bench.moves(3)
            if profile is not None:
                profile.enable()
            times = bench.moves(MOVES)
            if profile is not None:
                profile.disable()
            good &= _report(view, times)
        session.close()
        delete_now(window)
    return good


def _report(view: str, times: np.ndarray) -> bool:
    parts = ("until drawn", "own work", "all work")
    told = [
        f"{name}: median {np.median(some):4.0f} ms, p95 {np.percentile(some, 95):4.0f} ms"
        for name, some in zip(parts, times.T, strict=True)
    ]
    print(f"{view:<13} {'   '.join(told)}")
    return bool(np.percentile(times[:, 0], 95) < GOAL_MS)


def main() -> int:
    """Measure, print, and answer 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=11_000)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    profile = cProfile.Profile() if arguments.profile else None
    good = run(built(arguments.folder, arguments.documents), profile)
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumtime").print_stats(60)
    print("The goal is met." if good else "The goal is missed.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
