"""How late a 5 ms timer of the window's thread comes while the real window shows work going on.

    python tests/benchmarks/window_smoothness.py [PROJECT] [--seconds 10] [--profile]

The window stands at 1440 by 900 without a display. Measured with nothing running, with Train in
view while an SAE, or a grid of three, is trained on all vectors and its curves grow, and with
Corpus in view while new documents are embedded. Measuring begins one second after the first
progress of the work, so that loading torch is not in it. A window that feels smooth stays under
one frame, 16.7 ms. "Own work" is the most processor time that the window's thread took between two
ticks: what is late beyond it waited for a processor, or for Python.
Without PROJECT one of 30,000 invented documents is made; with PROJECT a copy of it is used.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from saedesk.jobs.embed_documents import EmbedRequest
from saedesk.jobs.training_request import TrainGridRequest, TrainRequest, grid_of
from saedesk.project.project_folder import Project
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.session.session import Message, Session
from saedesk.session.settings import Settings
from saedesk.session.task_lane import Task
from saedesk.ui.application import apply_theme, delete_now
from saedesk.ui.main_window import MainWindow
from tests.benchmarks.invented_project import add_new_documents, build

INTERVAL_MS = 5
FRAME_MS = 16.7
MS_LEFT_OUT = 1000
NEW_DOCUMENTS = 3000


class Lateness(QObject):
    """Notes how much later than asked each tick of a precise timer comes."""

    def __init__(self) -> None:
        super().__init__()
        self._late_ms: list[float] = []
        self._own_ms: list[float] = []
        self._last = time.perf_counter()
        self._last_own = time.thread_time()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(INTERVAL_MS)

    @Slot()
    def _tick(self) -> None:
        now, own = time.perf_counter(), time.thread_time()
        self._late_ms.append(max(0.0, 1000 * (now - self._last) - INTERVAL_MS))
        self._own_ms.append(1000 * (own - self._last_own))
        self._last, self._last_own = now, own

    def stop(self) -> tuple[np.ndarray, np.ndarray]:
        """Milliseconds of lateness of all ticks, and of the window's own work before each."""
        self._timer.stop()
        return np.array(self._late_ms), np.array(self._own_ms)


class Bench(QObject):
    """The real window on a project, measured while it works."""

    def __init__(self, folder: Path, room: Path, options: argparse.Namespace) -> None:
        super().__init__()
        self._options = options
        self._trouble = ""
        self.session = Session(Settings(room))
        self.session.message.connect(self._on_message)
        if not self.session.open_project(folder):
            raise SystemExit(self._trouble)
        apply_theme(self.session)
        self.window = MainWindow(self.session)
        self.window.asks_before_closing = False
        self.window.resize(1440, 900)
        self.window.show()

    def measure(self, name: str, workspace: str, begin: Callable[[], Task] | None) -> None:
        """Show a workspace, begin the work, measure, print a line, and stop the work."""
        self.window.show_workspace(workspace)
        self._let_pass(1000)
        while self.session.prober.is_running:  # Its fit for the forecast is work, too.
            self._let_pass(50)
        task = None if begin is None else begin()
        if task is not None:
            self._wait_for_progress(task)
        self._let_pass(MS_LEFT_OUT)
        profile = cProfile.Profile()
        if self._options.profile:
            profile.enable()
        lateness = Lateness()
        self._let_pass(round(1000 * self._options.seconds))
        late, own = lateness.stop()
        if self._options.profile:
            profile.disable()
        if task is not None and task.outcome is not None:
            raise SystemExit(f"{name} ended before the measurement did: {self._trouble}")
        print_line(name, late, own)
        if self._options.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(15)
        if task is not None:
            task.cancel()
            while self.session.compute.tasks:
                self._let_pass(20)

    def cases(self) -> list[tuple[str, str, Callable[[], Task] | None]]:
        """Name, workspace in view, and how the work begins."""
        return [
            ("Train, nothing running", "train", None),
            ("Train, 3,072 features", "train", self.train),
            ("Train, three of 3,072 features", "train", self.train_grid),
            ("Train, 384 features", "train", self.train_small),
            ("Corpus, nothing running", "corpus", None),
            ("Corpus, documents are embedded", "corpus", self.embed),
        ]

    def close(self) -> None:
        """Close the window as a person would."""
        self.window.close()
        delete_now(self.window)
        delete_now(self.session)

    def _wait_for_progress(self, task: Task) -> None:
        while task.last_progress is None:
            if task.outcome is not None:
                raise SystemExit(f"{task.title} ended at once: {self._trouble}")
            self._let_pass(20)

    def _let_pass(self, milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    @Slot(object)
    def _on_message(self, message: Message) -> None:
        self._trouble = message.sentence

    # -- the work ----------------------------------------------------------------------------

    def train(self) -> Task:
        """Train until cancelled; few long steps, which the processor is busy with."""
        config = TopKConfig(n_latents=3072, k=32, epochs=100)
        return self.session.train(TrainRequest(config, device="cpu"))

    def train_small(self) -> Task:
        """Train until cancelled; many short steps, between which Python runs."""
        config = TopKConfig(n_latents=384, k=8, epochs=1000, batch_size=256)
        return self.session.train(TrainRequest(config, device="cpu"))

    def train_grid(self) -> Task:
        """Train three SAEs of 3,072 features on one pass until cancelled."""
        base = TrainRequest(TopKConfig(n_latents=3072, epochs=100), device="cpu")
        return self.session.train_grid(TrainGridRequest(grid_of(base, k=(16, 32, 64))))

    def embed(self) -> Task:
        """Embed the new documents."""
        return self.session.embed(EmbedRequest(device="cpu"))


def print_head() -> None:
    """The head of the table."""
    print(f"{os.cpu_count()} processors")
    print(
        f"{'in view':<32}{'p50':>10}{'p99':>10}{'largest':>10}{'own work':>12}{'load':>6}"
        f"   ticks over {FRAME_MS} ms"
    )


def print_line(name: str, late: np.ndarray, own: np.ndarray) -> None:
    """One line of the table."""
    p50, p99 = np.percentile(late, [50, 99])
    over = f"{100 * float((late > FRAME_MS).mean()):.2f} % of {len(late):,}"
    print(
        f"{name:<32}{p50:>7.2f} ms{p99:>7.2f} ms{late.max():>7.1f} ms{own.max():>9.1f} ms"
        f"{os.getloadavg()[0]:>6.1f}   {over}",
        flush=True,
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", nargs="?", type=Path, help="a folder of a project with vectors")
    parser.add_argument("--documents", type=int, default=30_000)
    parser.add_argument("--new", type=int, default=NEW_DOCUMENTS, help="documents to embed")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--only", default="", help="measure the cases whose name has this in it")
    parser.add_argument("--profile", action="store_true", help="print where the window's time goes")
    options = parser.parse_args()
    application = QApplication([])
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        if options.project is None:
            folder = build(room, options.documents)
        else:
            folder = Path(shutil.copytree(options.project, room / options.project.name))
        with Project.open(folder) as project:
            add_new_documents(project, room, options.new)
        bench = Bench(folder, room, options)
        print_head()
        for name, workspace, begin in bench.cases():
            if not options.only or options.only in name:
                bench.measure(name, workspace, begin)
        bench.close()
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
