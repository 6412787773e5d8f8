"""How fast the Features workspace answers with 100,000 latents and 1,000,000 documents.

    python tests/benchmarks/explorer_scale.py FOLDER [--documents 1000000] [--latents 100000]

An invented project is made in FOLDER, 4 GB of it, unless it is there already. The real window
stands at 1440 by 900 without a display and is driven by events of mouse and keyboard. The clock
runs from the event until the part of the window that answers has painted the answer, with all
else that was waiting for the event loop. The files of the project are put out of the system's
memory before it is opened and before each page that is told as cold. "Stall" is how late a 5 ms
timer of the window's thread came at most: for pages from their first painting until neighbours
and fields are there as well, for all else from the event on; "own work" is the most processor
time that thread took between two ticks, what is late beyond it waited for a processor or for
Python. No search index is built: Features does without. Memory is above that of the window
without a project, "own" without the pages of mapped files, which the system takes back when it
needs them.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from saedesk.session.session import Session
from saedesk.session.settings import Settings
from saedesk.ui.application import delete_now, make_application
from saedesk.ui.features_panels.document_choice import NEAR_MISSES, STRONGEST
from saedesk.ui.main_window import MainWindow
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace
from tests.benchmarks.invented_large_project import build_large
from tests.benchmarks.window_smoothness import Lateness

LIST_MS, PAGE_MS, STALL_MS, MEMORY_MB = 100, 150, 50, 1000
ROUNDS, PAGES = 5, 15
_SCORES = ("Score surely above .7", "No score", "to check", "Take all filters away")
_ORDERS = ("By score", "By strongest", "By number", "By label", "By density")


@dataclass(frozen=True)
class Step:
    """Something a person does, and where the answer is seen."""

    act: Callable[[], object]
    watched: Callable[[], QWidget]
    """What paints the answer."""
    prepare: Callable[[], object] = lambda: None
    """Done before the clock starts."""
    is_answered: Callable[[], bool] = lambda: True
    """Whether what is painted now is the answer."""


class Watch(QObject):
    """Notices that the answer is painted."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.saw_it = False
        self._step = step
        self._widget = step.watched()
        self._widget.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._step.is_answered():
            self.saw_it = True
        return False

    def end(self) -> None:
        """Look no more."""
        self._widget.removeEventFilter(self)


class Bench:
    """The real window on the project."""

    def __init__(self, folder: Path, room: Path, profiled: str) -> None:
        self._folder, self._profiled = folder, profiled
        self._profile = cProfile.Profile()
        self._project_opened = self._painted = 0.0
        self.session = Session(Settings(room))
        # Before the window hears of it.
        self.session.project_changed.connect(self._on_project)
        self.window = MainWindow(self.session)
        self.window.asks_before_closing = False
        self.window.resize(1440, 900)
        self.window.show()
        self.rest()
        self._bare = memory()

    @property
    def features(self) -> FeaturesWorkspace:
        """The workspace."""
        workspace = self.window.current_workspace
        assert isinstance(workspace, FeaturesWorkspace)
        return workspace

    # -- measuring ---------------------------------------------------------------------------

    def measure(self, name: str, limit: int, steps: list[Step], *, of_page: bool = False) -> None:
        """Time each step until its answer is painted; let the rest follow; print a line."""
        times, stalls, works = [], [], []
        for step in steps:
            step.prepare()
            is_profiled = bool(self._profiled) and self._profiled in name
            lateness = Lateness()
            if is_profiled:
                self._profile.enable()
            times.append(self._time(step))
            if of_page:
                lateness.stop()
                lateness = Lateness()
            self.rest()
            self._profile.disable()
            late, own = lateness.stop()
            stalls.append(float(late.max()))
            works.append(float(own.max()))
        self._print(name, limit, times, stalls, works)

    def _time(self, step: Step) -> float:
        started = time.perf_counter()
        step.act()
        watch = Watch(step)
        while not watch.saw_it:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.perf_counter() - started > 60:
                raise SystemExit("Nothing was painted within a minute.")
        watch.end()
        self._painted = time.perf_counter()
        return 1000 * (self._painted - started)

    def _print(
        self,
        name: str,
        limit: int,
        times: list[float],
        stalls: list[float] | None = None,
        works: list[float] | None = None,
    ) -> None:
        own, resident = memory() - self._bare
        told = f"{limit} {'yes' if max(times) <= limit else 'NO'}" if limit else ""
        stall, work = ("" if not some else f"{max(some):.1f}" for some in (stalls, works))
        print(
            f"{name:<28}{len(times):>4}{np.median(times):>9.1f}{max(times):>9.1f}{told:>9}"
            f"{stall:>9}{work:>10}{own:>8.0f}{resident:>8.0f}{os.getloadavg()[0]:>6.1f}",
            flush=True,
        )

    def rest(self, seconds: float = 0.3) -> None:
        """Until nothing has run for some time."""
        until = time.monotonic() + seconds
        beat = QTimer()
        beat.start(20)
        while time.monotonic() < until:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if self.session.query.tasks or self.session.compute.tasks:
                until = time.monotonic() + seconds
        beat.stop()

    def close(self) -> None:
        """Close the window as a person would, and tell what was profiled."""
        self.window.close()
        delete_now(self.window)
        delete_now(self.session)
        if self._profiled:
            pstats.Stats(self._profile).sort_stats("tottime").print_stats(40)

    # -- what is done ------------------------------------------------------------------------

    def run(self) -> None:
        """All measurements."""
        forget_files(self._folder)
        self.measure("The project opens", 0, [Step(self._open, self._list)])
        self._print("  of it Features", 0, [1000 * (self._painted - self._project_opened)])
        self.measure("The list opens again", LIST_MS, [self._come_back()] * ROUNDS)
        for text in ("gas disk", "4321"):
            self.measure(f"Filter, “{text}” typed", LIST_MS, [*self._typed(text)] * ROUNDS)
        self.measure("Filter by a chip", LIST_MS, [*self._kinds()] * ROUNDS)
        chosen = [self._chosen("filter_button", text) for text in _SCORES]
        self.measure("Filter by score or tag", LIST_MS, chosen * ROUNDS)
        chosen = [self._chosen("sort_button", text) for text in _ORDERS]
        self.measure("Sort", LIST_MS, chosen * ROUNDS)
        for name, cold in (("Page of a feature, cold", True), ("Page of a feature", False)):
            pages = [self._page(latent, cold=cold) for latent in self._latents()]
            self.measure(name, PAGE_MS, pages, of_page=True)
        self.measure("Near misses", 0, [self._near_misses(i) for i in self._latents()[:ROUNDS]])

    def run_first(self) -> None:
        """The list opens the first time, in a window that came to the project elsewhere."""
        self.session.project_changed.disconnect(self.window._follow_project)
        self._open()
        self.window.show_workspace("corpus")
        while not self.window.ahead.is_made:
            self.rest(0.1)
        self.rest()
        show = partial(self.window.show_workspace, "features")
        self.measure("The list opens, first time", LIST_MS, [Step(show, self._list)])

    def _open(self) -> None:
        if not self.session.open_project(self._folder):
            raise SystemExit(f"{self._folder} cannot be opened.")
        for task in list(self.session.compute.tasks):
            task.cancel()

    def _on_project(self) -> None:
        self._project_opened = time.perf_counter()

    def _list(self) -> QWidget:
        return self.features.list.table.viewport()

    def _cards(self) -> QWidget:
        return self.features.page.documents.cards

    def _come_back(self) -> Step:
        show = self.window.show_workspace
        return Step(partial(show, "features"), self._list, partial(self._away, "corpus"))

    def _away(self, name: str) -> None:
        self.window.show_workspace(name)
        self.rest()

    def _typed(self, text: str) -> Iterator[Step]:
        """Letter by letter, then Escape."""
        for key, letter in [*((0, letter) for letter in text), (Qt.Key.Key_Escape, "")]:
            yield Step(partial(self._press, key, letter), self._list)

    def _press(self, key: int, text: str) -> None:
        none = Qt.KeyboardModifier.NoModifier
        event = QKeyEvent(QEvent.Type.KeyPress, key, none, text)
        QApplication.sendEvent(self.features.list.field, event)

    def _kinds(self) -> Iterator[Step]:
        chips = [chip for chip in self.features.list.chips.values() if chip.isVisible()]
        for chip in [*chips[1:], chips[0]]:
            yield Step(partial(click, chip, chip.rect().center()), self._list)

    def _chosen(self, button_name: str, text: str) -> Step:
        """An entry of a menu over the list."""
        return Step(partial(self._choose, text), self._list, partial(self._open_menu, button_name))

    def _open_menu(self, button_name: str) -> None:
        button = getattr(self.features.list.head, button_name)
        click(button, button.rect().center())
        self.rest(0.05)

    def _choose(self, text: str) -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        next(action for action in actions_of(menu) if action.text().startswith(text)).trigger()
        menu.close()

    def _latents(self) -> list[int]:
        """Features with labels, from the densest to rare ones."""
        assert self.session.sae is not None
        order = np.argsort(-self.session.sae.statistics.count, kind="stable")
        places = np.geomspace(20, 0.9 * len(order), PAGES).astype(int)
        return [int(latent) for latent in order[places]]

    def _page(self, latent: int, *, cold: bool) -> Step:
        return Step(
            partial(self._click_row, latent),
            self._cards,
            partial(self._bring, latent, cold),
            lambda: self.session.feature == latent and bool(self._cards().cards),  # type: ignore[attr-defined]
        )

    def _bring(self, latent: int, cold: bool) -> None:
        table = self.features.list.table
        if latent == self.session.feature:
            self.session.select_feature(table.row_model.row_id(0))
            self.rest()
        table.scroll_to_id(latent)
        self.rest(0.1)
        if cold:
            forget_files(self._folder)

    def _click_row(self, latent: int) -> None:
        table = self.features.list.table
        index = table.row_model.index(table.row_model.row_of(latent), 0)
        click(table.viewport(), table.visualRect(index).center())

    def _near_misses(self, latent: int) -> Step:
        documents = self.features.page.documents
        return Step(
            lambda: documents.tabs.chosen.emit(NEAR_MISSES),
            self._cards,
            partial(self._bring_strongest, latent),
            lambda: documents.choice.way == NEAR_MISSES and bool(documents.cards.cards),
        )

    def _bring_strongest(self, latent: int) -> None:
        self.features.page.documents.tabs.chosen.emit(STRONGEST)
        self.session.select_feature(latent)
        self.rest()
        forget_files(self._folder)


def click(widget: QWidget, place: QPoint) -> None:
    """A click with the left button."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    where = QPointF(place)
    everywhere = widget.mapToGlobal(where)
    plain = Qt.KeyboardModifier.NoModifier
    press, release = QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease
    for kind, down in ((press, left), (release, none)):
        QApplication.sendEvent(widget, QMouseEvent(kind, where, everywhere, left, down, plain))


def actions_of(menu: QMenu) -> Iterator[QAction]:
    """The actions of a menu and of those in it."""
    for action in menu.actions():
        yield action
        part = action.menu()
        if isinstance(part, QMenu):
            yield from actions_of(part)


def forget_files(folder: Path) -> None:
    """Put the files of a project out of the system's memory, but for pages that are mapped."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def memory() -> np.ndarray:
    """Megabytes of the process: its own, and all that is in memory."""
    found = dict.fromkeys(("RssAnon", "VmRSS"), 0.0)
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        name, _, rest = line.partition(":")
        if name in found:
            found[name] = int(rest.split()[0]) / 1024
    return np.array(list(found.values()))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the project is, or is made")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--latents", type=int, default=100_000)
    parser.add_argument("--profile", default="", help="measurements with this in their name")
    options = parser.parse_args()
    project = build_large(options.folder, options.documents, options.latents)
    application = make_application()
    with tempfile.TemporaryDirectory() as room:
        bench = Bench(project, Path(room), options.profile)
        print(
            f"{os.cpu_count()} processors, {options.documents:,} documents, "
            f"{options.latents:,} latents; stalls above {STALL_MS} ms are felt, memory should stay "
            f"below {MEMORY_MB:,} MB"
        )
        print(
            f"{'milliseconds':<28}{'n':>4}{'median':>9}{'worst':>9}{'goal':>9}{'stall':>9}"
            f"{'own work':>10}{'own MB':>8}{'all MB':>8}{'load':>6}"
        )
        bench.run()
        bench.close()
        bench = Bench(project, Path(room), options.profile)
        bench.run_first()
        bench.close()
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
