"""How long the first window takes, and a project of 30,000 documents to be usable in it.

    python tests/benchmarks/window_start.py [PROJECT] [--documents 30000] [--rounds 7]

Every start is a process of its own, and the kinds take turns, so that a busy machine slows all of
them. A window counts as interactive when it was painted and one more turn of the event loop has
ended. "bare" is a QMainWindow with an empty plot, "saedesk" the window without a project.
"opened" begins in a window that is up and ends when the project's window is interactive;
"filled" when nothing is left to be read for it. Without PROJECT one is made of invented documents.
Goals: saedesk to bare at most 1.5; opened under 1 s; torch loaded by none of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
KINDS = ("bare", "saedesk", "project")


# -- one start, in a process of its own ----------------------------------------------------------


def start_bare(started: float) -> None:
    """A main window with a plot, and nothing else."""
    import pyqtgraph
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QMainWindow

    application = QApplication([])
    window = QMainWindow()
    window.setCentralWidget(pyqtgraph.PlotWidget())
    window.resize(1440, 900)

    def tell() -> None:
        print(json.dumps(since(started)), flush=True)
        application.quit()

    window.show()
    QTimer.singleShot(0, lambda: after_paint(window, tell))
    application.exec()


def start_saedesk(started: float, project: Path | None) -> None:
    """The program from its door; a project is opened once the window is up."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from saedesk.__main__ import main as program
    from saedesk.ui import application

    application.make_application()
    told: dict[str, Any] = {}

    def window() -> Any:
        from saedesk.ui.main_window import MainWindow

        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))

    def interactive() -> None:
        told.update(since(started))
        if project is None:
            end()
            return
        told["at"] = time.perf_counter()
        window().doors.open_folder(project)
        after_paint(window(), opened)

    def opened() -> None:
        told["opened"] = time.perf_counter() - told["at"]
        told["documents"] = window().session.project.documents.count()
        until_filled()

    def until_filled() -> None:
        session = window().session
        if session.query.tasks or session.compute.tasks:
            QTimer.singleShot(1, until_filled)
            return
        told["filled"] = time.perf_counter() - told["at"]
        end()

    def end() -> None:
        told["torch"] = "torch" in sys.modules
        print(json.dumps(told), flush=True)
        window().close()

    QTimer.singleShot(0, lambda: after_paint(window(), interactive))
    program([])


def since(started: float) -> dict[str, float]:
    """Seconds since a process was started, and of its processors' work."""
    return {"interactive": time.time() - started, "work": time.process_time()}


def after_paint(window: Any, then: Callable[[], None]) -> None:
    """Call something when the window was painted and one more turn has ended."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()
    window.repaint()
    QTimer.singleShot(0, then)


# -- all starts ----------------------------------------------------------------------------------


def measure(project: Path, home: Path, rounds: int) -> dict[str, list[dict[str, Any]]]:
    """What each kind told in each round; a round before the first one warms the disk."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number in range(rounds + 1):
        for kind in KINDS:
            told = start(kind, project, home)
            if number:
                found[kind].append(told)
    return found


def _environment(home: Path) -> dict[str, str]:
    """As a person's: compiled modules are kept, so that only the first start compiles."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "SAEDESK_HOME": str(home), "PYTHONPATH": str(CHECKOUT)}


def start(kind: str, project: Path, home: Path) -> dict[str, Any]:
    """Start one kind in a new process, and what it told."""
    words = [sys.executable, __file__, str(project), "--start", kind, "--started"]
    done = subprocess.run(
        [*words, repr(time.time())],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env=_environment(home),
        timeout=120,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"{kind} did not start:\n{done.stderr}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def print_table(found: dict[str, list[dict[str, Any]]]) -> None:
    """Medians, smallest and largest, and the goals."""

    def line(name: str, kind: str, value: str) -> float:
        taken = [told[value] for told in found[kind]]
        middle = float(median(taken))
        print(f"{name:<32}{middle:>8.3f} s{min(taken):>8.3f} s{max(taken):>8.3f} s")
        return middle

    documents = found["project"][0]["documents"]
    print(f"{len(found['bare'])} starts each, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<32}{'median':>10}{'least':>10}{'most':>10}")
    bare = line("bare window with a plot", "bare", "interactive")
    own = line("saedesk, no project", "saedesk", "interactive")
    bare_work = line("bare window, processor", "bare", "work")
    own_work = line("saedesk, processor", "saedesk", "work")
    line(f"{documents:,} documents opened", "project", "opened")
    line(f"{documents:,} documents filled", "project", "filled")
    ratios = f"{own / bare:.2f}, of the processor's work {own_work / bare_work:.2f}"
    print(f"saedesk to bare: {ratios} (goal: at most 1.5)")
    torch = sum(told["torch"] for kind in ("saedesk", "project") for told in found[kind])
    print(f"starts that loaded torch: {torch} (goal: 0)")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", nargs="?", type=Path, help="a project's folder; it is copied")
    parser.add_argument("--documents", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--start", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if chosen.start == "bare":
        start_bare(chosen.started)
    elif chosen.start:
        start_saedesk(chosen.started, chosen.project if chosen.start == "project" else None)
    else:
        with tempfile.TemporaryDirectory() as room:
            print_table(measure(_project(chosen, Path(room)), Path(room) / "home", chosen.rounds))
    return 0


def _project(chosen: argparse.Namespace, room: Path) -> Path:
    if chosen.project is not None:
        return Path(shutil.copytree(chosen.project, room / chosen.project.name))
    sys.path.insert(0, str(CHECKOUT))
    from tests.benchmarks.invented_project import build

    return build(room, chosen.documents, with_labels=True)


if __name__ == "__main__":
    sys.exit(main())
