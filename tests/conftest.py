"""What every test gets: no display, no network, its own settings folder, and a look at leftovers.

The environment is set before anything imports Qt, torch or a model hub, because each of them
reads it once.
"""

from __future__ import annotations

import os
import socket
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# Small tensors gain nothing from a second thread, and threads that wait spin: on a busy machine
# the suite would take several times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Connecting to anything but this machine fails, whatever library tries it."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _only_loopback(getattr(socket.socket, name)))
    yield
    patch.undo()


def _only_loopback(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if not host.startswith(LOOPBACK):
                raise OSError(f"a test tried to reach {host}")
        return connect(self, address)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def settings_folder_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures of a wider scope than one test must not write into the person's settings either."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SAEDESK_HOME", str(tmp_path_factory.mktemp("saedesk-home")))
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def settings_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, recent projects and logs of this test alone."""
    folder = tmp_path / "saedesk-home"
    monkeypatch.setenv("SAEDESK_HOME", str(folder))
    return folder


@pytest.fixture
def data_folder() -> Path:
    """Larger corpora laid beside the checkout, named by SAEDESK_DATA; skips without them."""
    folder = os.environ.get("SAEDESK_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SAEDESK_DATA names no folder of corpora")
    return Path(folder)


class StartedQtObjects:
    """Weak references to the threads and timers that Python code started.

    Asking the garbage collector instead takes half a second a test once torch is loaded.
    """

    def __init__(self) -> None:
        self._references: list[weakref.ref[Any]] = []

    def watch(self, start: Any) -> Any:
        """`start` of a Qt class, keeping in mind what it was called on."""

        def watched(thing: Any, *arguments: Any) -> None:
            self._references.append(weakref.ref(thing))
            start(thing, *arguments)

        return watched

    def still_running(self) -> list[str]:
        """Name what runs, stop it so that later tests do not pay for it, and forget the rest."""
        from PySide6.QtCore import QCoreApplication, QEvent, QTimer
        from shiboken6 import isValid

        # Closed widgets wait for the event loop to delete them, and their timers with them.
        if QCoreApplication.instance() is not None:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        left = []
        for reference in self._references:
            thing = reference()
            if thing is None or not isValid(thing):
                continue
            if isinstance(thing, QTimer) and thing.isActive():
                left.append(f"QTimer {thing.objectName() or thing.parent()}")
                thing.stop()
            elif not isinstance(thing, QTimer) and thing.isRunning():
                left.append(f"QThread {thing.objectName() or type(thing).__name__}")
                thing.quit()
                thing.wait(1000)
        self._references.clear()
        return left


@pytest.fixture(scope="session")
def started_qt_objects() -> Iterator[StartedQtObjects]:
    from PySide6.QtCore import QThread, QTimer

    started = StartedQtObjects()
    patch = pytest.MonkeyPatch()
    for kind in (QThread, QTimer):
        patch.setattr(kind, "start", started.watch(kind.start))
    yield started
    patch.undo()


@pytest.fixture(autouse=True)
def nothing_left_running(started_qt_objects: StartedQtObjects) -> Iterator[None]:
    """Fail a test that leaves a QThread, a QTimer or a Python thread running."""
    before = set(threading.enumerate())
    yield
    left = started_qt_objects.still_running() + _running_threads(before)
    assert not left, "left running: " + ", ".join(left)


def _running_threads(before: set[threading.Thread]) -> list[str]:
    left = []
    for thread in threading.enumerate():
        # A QThread that ran Python is listed as a dummy until the process ends, and the
        # progress bars' monitor belongs to its library for as long.
        if thread in before or isinstance(thread, threading._DummyThread):
            continue
        if type(thread).__name__ == "TMonitor":
            continue
        thread.join(timeout=1.0)
        if thread.is_alive():
            left.append(f"thread {thread.name}")
    return left
