"""From a slider's move to the repainted results, measured in the real window without a display.

    python tests/benchmarks/slider_to_rows.py [PROJECT] [--documents 30000] [--moves 300]

Without a project one is made of invented documents with invented vectors; --large makes, in
--folder, the one that the explorer is measured with, of any number of documents and --dimensions.
What is asked is a typed text, or a document where no model here makes vectors so wide.
The clock starts with the mouse event of a drag and stops when the list of steered results has
painted the answer to it. Nothing is measured before the program has nothing else to do. Beside the
time the processor's work is told, of all threads: it is what counts on a machine that is not quiet.
How fast the machine is just then is told, too: a shared one is half as slow again at times.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from saedesk.jobs.build_index import index_in_words
from saedesk.session.session import Session
from saedesk.session.settings import Settings
from saedesk.session.slider_names import WAYS, Way
from saedesk.ui.application import delete_now
from saedesk.ui.main_window import MainWindow
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.workspaces.search_workspace import SearchWorkspace
from tests.benchmarks.invented_large_project import WIDTH, build_large
from tests.benchmarks.invented_project import build

QUERY = "planets found in noisy light curves without labels"
LIKE = 12_345
"""The row of the document that is asked with instead."""
SMALL = 30_000
"""Up to so many documents the goal is the first of the two."""
GOALS = "p95 16 ms", "median 16 ms, p95 33 ms"
QUIET_SHARE, MOST_SECONDS = 0.1, 600.0
"""Of a second that a program with nothing to do works at most; how long is waited for that."""


class Clock(QObject):
    """Notices when the list of steered results was painted after an answer."""

    def __init__(self, workspace: SearchWorkspace) -> None:
        super().__init__()
        self.painted: float | None = None
        self.answered = False
        self._list = workspace.results.steered
        self._list.installEventFilter(self)

    def on_answer(self, _answer: object) -> None:
        self.answered = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.answered and self.painted is None:
            # The list paints now; the clock is read when it is done.
            self._list.removeEventFilter(self)
            QApplication.sendEvent(watched, event)
            self._list.installEventFilter(self)
            self.painted = time.perf_counter()
            return True
        return False


def send(row: SteeringRow, kind: QEvent.Type, x: float) -> None:
    """A mouse event on the slider of a row."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    place = QPointF(x, row.control.height() / 2)
    everywhere = row.control.mapToGlobal(place)
    moved = kind == QEvent.Type.MouseMove
    event = QMouseEvent(
        kind, place, everywhere, none if moved else left, left, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(row.control, event)


def measure(
    application: QApplication, workspace: SearchWorkspace, moves: int
) -> tuple[np.ndarray, np.ndarray]:
    """Milliseconds of each move, and of the processor's work for it.

    Drags of 30 moves over the sliders in turn.
    """
    search = workspace._session.search
    assert search is not None
    clock = Clock(workspace)
    search.answered.connect(clock.on_answer)
    rng = np.random.default_rng(1)
    times: list[float] = []
    work: list[float] = []
    row, x = workspace.steering.rows[0], 100.0
    for move in range(moves):
        if move % 30 == 0:
            if move:
                send(row, QEvent.Type.MouseButtonRelease, x)
                if row.view.way != "direction":
                    search.put_to_rest(row.slid)  # Ten places are soon given away.
                settle(application, workspace, 0.4)
            row = workspace.steering.rows[move // 30 % len(workspace.steering.rows)]
            x = 60.0 + rng.integers(100)
            send(row, QEvent.Type.MouseButtonPress, x)
            settle(application, workspace, 0.1)
        clock.painted, clock.answered = None, False
        before = search.state
        while search.state is before:  # Places have few steps, which not every move changes.
            x = 40.0 + (x + 3 + rng.integers(9)) % 200
            started, worked = time.perf_counter(), time.process_time()
            send(row, QEvent.Type.MouseMove, x)
        while clock.painted is None:
            # Asleep until something happens, as in the real event loop.
            application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if clock.answered and clock.painted is None:
                application.processEvents()
                # An answer that changes nothing that is shown is not painted.
                clock.painted = clock.painted or time.perf_counter()
            if time.perf_counter() - started > 5:
                raise RuntimeError("the results were not painted within five seconds")
        times.append((clock.painted - started) * 1000)
        work.append((time.process_time() - worked) * 1000)
        application.processEvents()
    send(row, QEvent.Type.MouseButtonRelease, x)
    settle(application, workspace, 0.1)
    return np.array(times), np.array(work)


def settle(application: QApplication, workspace: SearchWorkspace, seconds: float) -> None:
    """Let everything that was asked for happen."""
    until = time.monotonic() + seconds
    heartbeat = QTimer()
    heartbeat.start(20)
    while workspace._session.query.tasks or time.monotonic() < until:
        application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    heartbeat.stop()


def ask(session: Session, width: int) -> None:
    """Ask the window's question of the open project."""
    assert session.search is not None
    assert session.vectors is not None
    if width == WIDTH:
        session.search.set_text(QUERY)
    else:
        session.search.set_like([int(session.vectors.document_ids[LIKE])])


def turn_by(application: QApplication, workspace: SearchWorkspace, way: Way) -> None:
    """Have all sliders turned in this way."""
    search = workspace._session.search
    assert search is not None
    for row in workspace.steering.rows:
        search.set_way(row.slid, way)
    settle(application, workspace, 0.5)


def index_of(session: Session) -> str:
    """The search index of the open project, in words."""
    record = session.index.record
    return "no index" if record is None else index_in_words(record)


def wait_until_idle(application: QApplication, workspace: SearchWorkspace) -> float:
    """Let an index be built, families be measured and pages be made ahead; seconds it took.

    Raises RuntimeError that names what still runs.
    """
    started = time.monotonic()
    until = started + MOST_SECONDS
    worked = 1.0
    while worked > QUIET_SHARE or workspace._session.compute.tasks:
        if time.monotonic() > until:
            tasks = [*workspace._session.compute.tasks, *workspace._session.query.tasks]
            running = ", ".join(task.title for task in tasks) or "nothing that is a task"
            raise RuntimeError(f"the program has not come to rest: {running}")
        before = time.process_time()
        settle(application, workspace, 1.0)
        worked = time.process_time() - before
    return time.monotonic() - started


def machine() -> tuple[float, float]:
    """How fast this machine is just now: GB read a second, million steps of Python a second."""
    numbers, read, stepped = np.zeros(2**22), [], []
    for _ in range(20):
        start = time.perf_counter()
        numbers.sum()
        middle = time.perf_counter()
        for _step in range(100_000):
            pass
        read.append(middle - start)
        stepped.append(time.perf_counter() - middle)
    return numbers.nbytes / np.median(read) / 1e9, 0.1 / float(np.median(stepped))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("project", nargs="?", type=Path, help="folder of a project with an SAE")
    options.add_argument("--documents", type=int, default=SMALL)
    options.add_argument("--large", action="store_true", help="invent it piece by piece")
    options.add_argument("--folder", type=Path, help="where the large project is, or is made")
    options.add_argument("--dimensions", type=int, default=WIDTH, help="of the large one")
    options.add_argument("--latents", type=int, default=4096, help="features of the large one")
    options.add_argument("--moves", type=int, default=300)
    options.add_argument("--way", choices=WAYS, default="direction", help="what sliders do")
    options.add_argument("--profile", action="store_true", help="print where the time goes")
    chosen = options.parse_args()
    application = QApplication([])
    with tempfile.TemporaryDirectory() as room:
        folder = chosen.project
        if folder is None and chosen.large:
            home = chosen.folder or Path(room)
            folder = build_large(home, chosen.documents, chosen.latents, width=chosen.dimensions)
        folder = folder or build(Path(room), chosen.documents)
        session = Session(Settings(Path(room)))
        if not session.open_project(folder) or session.search is None:
            raise SystemExit(f"{folder} has nothing to search")
        window = MainWindow(session)
        window.resize(1440, 900)
        window.show()
        window.show_workspace("search")
        workspace = window.current_workspace
        assert isinstance(workspace, SearchWorkspace)
        ask(session, chosen.dimensions if chosen.large else WIDTH)
        settle(application, workspace, 0.5)
        turn_by(application, workspace, chosen.way)
        rest = wait_until_idle(application, workspace)
        print(f"at rest after {rest:.0f} s; {index_of(session)}")
        profile = cProfile.Profile()
        if chosen.profile:
            profile.enable()
        speed = [machine()]
        times, work = measure(application, workspace, chosen.moves)
        speed.append(machine())
        if chosen.profile:
            profile.disable()
            pstats.Stats(profile).sort_stats("tottime").print_stats(30)
        assert session.project is not None
        assert session.search.answer is not None
        count = len(session.search.answer.plain)
        documents = session.project.documents.count()
        vectors = session.vectors
        width = 0 if vectors is None else vectors.values.shape[1]
        print(
            f"{documents:,} documents, {width:,} dimensions, {count} results, "
            f"{len(times)} moves: median {np.median(times):.1f} ms, "
            f"p95 {np.percentile(times, 95):.1f} ms, max {times.max():.1f} ms; "
            f"processor: median {np.median(work):.1f} ms, p95 {np.percentile(work, 95):.1f} ms; "
            f"goal: {GOALS[documents > SMALL]}; before and after, this machine read "
            f"{speed[0][0]:.1f} and {speed[1][0]:.1f} GB/s on one core and took {speed[0][1]:.0f} "
            f"and {speed[1][1]:.0f} million steps of Python a second"
        )
        window.asks_before_closing = False
        window.close()
        delete_now(window)
        delete_now(session)


if __name__ == "__main__":
    main()
