"""How late a 5 ms timer of the window's thread comes while the compute lane works.

    python tests/benchmarks/window_smoothness.py [--seconds 10]

Prints, for nothing running, training and embedding: the median, the 99th percentile and the
largest lateness in milliseconds, the first second left out. A window that feels smooth stays
under one frame (16.7 ms). Uses the abstracts in SAEDESK_DATA when it is set, else made-up ones.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from saedesk.embedding.model_catalogue import resolve_model
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.training import TrainingLoop
from saedesk.session.task_lane import Task, TaskLane
from saedesk.session.torch_threads import limit_torch_threads
from saedesk.task_control import TaskControl

INTERVAL_MS = 5


class Lateness(QObject):
    """Notes how much later than asked each tick of a precise timer comes."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self._last: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(INTERVAL_MS)

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self.late_ms.append(max(0.0, 1000 * (now - self._last) - INTERVAL_MS))
        self._last = now

    def stop(self) -> np.ndarray:
        """Lateness of all ticks after the first second."""
        self._timer.stop()
        elapsed = np.cumsum(np.array(self.late_ms) + INTERVAL_MS)
        return np.array(self.late_ms)[elapsed > 1000]


def vectors() -> np.ndarray:
    """Abstracts' vectors, or made-up ones of the same shape."""
    data = os.environ.get("SAEDESK_DATA")
    if data:
        path = Path(data) / "arxiv" / "arxiv_ml_astro_30k.minilm.f16.npy"
        return np.load(path, allow_pickle=False).astype(np.float32)
    return np.random.default_rng(0).normal(size=(30_000, 384)).astype(np.float32)


def train(control: TaskControl) -> None:
    """Train until cancelled."""
    limit_torch_threads()
    config = TopKConfig(n_latents=3072, k=32, epochs=10_000)
    TrainingLoop(vectors(), "topk", config, control=control, device="cpu").run()


def embed(control: TaskControl) -> None:
    """Embed until cancelled."""
    limit_torch_threads()
    encoder = SentenceEncoder.load(resolve_model("all-MiniLM-L6-v2"), "cpu")
    text = "The masses of halos of dark matter follow from gravitational lensing of galaxies. "
    texts = [text * (1 + i % 12) for i in range(2000)]
    while True:
        encoder.encode(texts, control)


def measure(work: Callable[[TaskControl], None] | None, seconds: float) -> np.ndarray:
    """Lateness over some seconds, after the work has really begun."""
    lane = TaskLane("compute")
    if work is not None:
        begun = QEventLoop()
        lane.submit(Task("work", work)).progressed.connect(begun.quit)
        begun.exec()
    lateness = Lateness()
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * (seconds + 1)), loop.quit)
    loop.exec()
    late = lateness.stop()
    lane.close(30_000)
    return late


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    application = QApplication([])
    sys.setswitchinterval(0.001)
    print(f"{'beside the window':<18}{'median':>9}{'p99':>9}{'largest':>9}   ticks over 16.7 ms")
    for name, work in (("nothing", None), ("training", train), ("embedding", embed)):
        late = measure(work, arguments.seconds)
        p50, p99 = np.percentile(late, [50, 99])
        over = 100 * float((late > 16.7).mean())
        print(f"{name:<18}{p50:>6.2f} ms{p99:>6.2f} ms{late.max():>6.1f} ms   {over:.2f} %")
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
