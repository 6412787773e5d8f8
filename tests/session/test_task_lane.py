from __future__ import annotations

import gc
import random
import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer, Slot

from saedesk.errors import BadInput
from saedesk.session.task_lane import Failed, Stopped, Succeeded, Task, TaskLane
from saedesk.task_control import Progress, TaskControl


@pytest.fixture
def lane(qapp) -> Iterator[TaskLane]:
    made = TaskLane("test")
    yield made
    assert made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class Watcher(QObject):
    """Notes what arrives, and in which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []
        self.threads: set[QThread] = set()

    def watch(self, task: Task) -> Task:
        task.progressed.connect(self.note)
        task.published.connect(self.note)
        task.ended.connect(self.note)
        return task

    @Slot(object)
    def note(self, thing: object) -> None:
        self.seen.append(thing)
        self.threads.add(QThread.currentThread())


def wait_for(qtbot, condition) -> None:
    qtbot.waitUntil(condition, timeout=10_000)


def loop_until_cancelled(control: TaskControl) -> None:
    while True:
        control.checkpoint()
        time.sleep(0.001)


def test_a_result_comes_home_in_order_and_in_this_thread(qtbot, lane: TaskLane) -> None:
    worker: list[QThread] = []

    def work(control: TaskControl) -> str:
        worker.append(QThread.currentThread())
        control.report(Progress(1, 2, "things"))
        control.publish("half")
        return "whole"

    watcher = Watcher()
    task = lane.submit(watcher.watch(Task("Working", work)))
    assert lane.tasks == (task,)
    wait_for(qtbot, lambda: task.outcome is not None)
    assert watcher.seen == [Progress(1, 2, "things"), "half", Succeeded("whole")]
    assert watcher.threads == {QThread.currentThread()}
    assert worker[0] is not QThread.currentThread()
    assert lane.tasks == ()


def test_failures_travel_as_text(qtbot, lane: TaskLane) -> None:
    kept: list[weakref.ref] = []

    class Large:
        def __init__(self) -> None:
            self.values = np.zeros(10)

    def known(control: TaskControl) -> None:
        raise BadInput("The file is empty.")

    def bug(control: TaskControl) -> None:
        large = Large()
        kept.append(weakref.ref(large))
        raise ZeroDivisionError("by nought")

    outcomes: list[object] = []
    for work in (known, bug):
        watcher = Watcher()
        lane.submit(watcher.watch(Task("Failing", work)))
        wait_for(qtbot, lambda watcher=watcher: bool(watcher.seen))
        outcomes += watcher.seen
    assert outcomes[0] == Failed("The file is empty.", "", is_known=True)
    assert isinstance(outcomes[1], Failed)
    assert not outcomes[1].is_known
    assert outcomes[1].sentence == "ZeroDivisionError: by nought"
    assert "in bug" in outcomes[1].details
    gc.collect()
    assert kept[0]() is None
    # The lane lives on.
    task = lane.submit(Task("Working", lambda control: 3))
    wait_for(qtbot, lambda: task.outcome is not None)
    assert task.outcome == Succeeded(3)


def test_cancel_reaches_running_and_waiting_tasks_within_a_second(qtbot, lane: TaskLane) -> None:
    started: list[int] = []

    def never(control: TaskControl) -> None:
        started.append(1)

    running = lane.submit(Task("Running", loop_until_cancelled))
    waiting = lane.submit(Task("Waiting", never))
    wait_for(qtbot, lambda: running.is_running)
    began = time.monotonic()
    lane.cancel_all()
    outcomes = []
    waiting.ended.connect(outcomes.append)
    wait_for(qtbot, lambda: bool(outcomes))
    assert time.monotonic() - began < 1
    assert outcomes == [Stopped()]
    assert running.outcome == Stopped()
    assert started == []


def test_a_paused_task_waits_and_can_still_be_cancelled(qtbot, lane: TaskLane) -> None:
    steps: list[int] = []

    def work(control: TaskControl) -> None:
        while True:
            control.checkpoint()
            steps.append(1)
            time.sleep(0.001)

    task = lane.submit(Task("Working", work))
    wait_for(qtbot, lambda: len(steps) > 3)
    task.pause()
    time.sleep(0.05)
    count = len(steps)
    time.sleep(0.05)
    assert len(steps) == count
    assert task.is_paused
    task.resume()
    wait_for(qtbot, lambda: len(steps) > count)
    task.pause()
    task.cancel()
    wait_for(qtbot, lambda: task.outcome == Stopped())


def test_stop_and_keep_ends_a_paused_task_with_its_result(qtbot, lane: TaskLane) -> None:
    def work(control: TaskControl) -> str:
        while not control.finish_early():
            control.checkpoint()
            time.sleep(0.001)
        return "kept"

    task = lane.submit(Task("Working", work))
    task.pause()
    task.stop_and_keep()
    wait_for(qtbot, lambda: task.outcome == Succeeded("kept"))


def test_ten_thousand_reports_a_second_do_not_reach_the_window(qtbot, lane: TaskLane) -> None:
    def work(control: TaskControl) -> None:
        for number in range(20_000):
            control.report(Progress(number, None))

    watcher = Watcher()
    began = time.monotonic()
    task = lane.submit(watcher.watch(Task("Telling", work)))
    wait_for(qtbot, lambda: task.outcome is not None)
    reports = [thing for thing in watcher.seen if isinstance(thing, Progress)]
    assert 1 <= len(reports) <= 21 * (time.monotonic() - began) + 2


def test_nothing_is_told_after_a_cancel(qtbot, lane: TaskLane) -> None:
    go_on = threading.Event()

    def work(control: TaskControl) -> None:
        go_on.wait(5)
        control.report(Progress(1, 2))
        control.publish("late")
        control.checkpoint()

    watcher = Watcher()
    task = lane.submit(watcher.watch(Task("Working", work)))
    wait_for(qtbot, lambda: task.is_running)
    task.cancel()
    go_on.set()
    wait_for(qtbot, lambda: task.outcome is not None)
    assert watcher.seen == [Stopped()]


@pytest.mark.parametrize("seed", range(20))
def test_a_storm_of_submits_cancels_pauses_and_a_close(qtbot, seed: int) -> None:
    choose = random.Random(seed)

    def work(control: TaskControl) -> int:
        for step in range(choose.randint(1, 20)):
            control.checkpoint()
            control.report(Progress(step, 20))
            control.publish(step)
            time.sleep(0.0005)
            if step == 13:
                raise BadInput("Thirteen.")
        return 7

    lane = TaskLane("storm")
    tasks: list[Task] = []
    collector = Watcher()
    try:
        for _ in range(40):
            what = choose.random()
            if what < 0.5 or not lane.tasks:
                task = Task("Working", work)
                task.ended.connect(collector.note)
                tasks.append(lane.submit(task))
            else:
                task = choose.choice(lane.tasks)
                (task.cancel if what < 0.75 else task.pause)()
                if what > 0.85:
                    task.resume()
            if choose.random() < 0.3:
                QCoreApplication.processEvents()
    finally:
        assert lane.close()
    QCoreApplication.processEvents()
    assert len(collector.seen) == len(tasks)
    assert all(isinstance(outcome, Succeeded | Stopped | Failed) for outcome in collector.seen)
    assert lane.tasks == ()
    lane.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_the_window_stays_awake_while_a_task_computes(qtbot, lane: TaskLane) -> None:
    ticks: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.monotonic()))
    timer.start(5)

    def work(control: TaskControl) -> float:
        total, until = 0.0, time.monotonic() + 0.3
        while time.monotonic() < until:
            control.checkpoint()
            total += sum(range(1000))
        return total

    task = lane.submit(Task("Computing", work))
    wait_for(qtbot, lambda: task.outcome is not None)
    timer.stop()
    assert len(ticks) > 10
