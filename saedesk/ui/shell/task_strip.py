"""The left of the footer: the running task, how far it is, what waits behind it."""

from __future__ import annotations

import time

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.task_control import Progress
from saedesk.ui.shell.time_left import TimeLeft, rate_text, time_left_text
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.bars import MeterBar
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.keyboard_place import has_keyboard
from saedesk.ui.widgets.progress_ring import ProgressRing
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

_BAR_WIDTH = 160


class _RestMark(QWidget):
    """A check mark while nothing runs; a dashed ring while there is no project either."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = "circle-dashed"
        self.setFixedSize(QSize(tokens().icon, tokens().icon))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_icon(QPainter(self), self.icon, QRect(self.rect()), "text2")


class TaskStrip(QWidget):
    """Follows the compute lane; pause, cancel, stop and keep."""

    keyboard_left = Signal()
    """The button that has the keyboard goes, and no other has a use for it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._task: Task | None = None
        self._time = TimeLeft()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._mark = _RestMark()
        self.rest = TextLabel("", "body", "text2", elide=True)
        self._ring = ProgressRing("Task")
        self.name = TextLabel("", "label")
        self.bar = MeterBar(0.0, tokens().bar.footer, accessible_name="Task")
        self.bar.setFixedWidth(_BAR_WIDTH)
        self.share = TextLabel("", "label", tabular=True)
        self.left = TextLabel("", "body", "text2", tabular=True)
        self.pause = GhostButton("pause", "Pause the task")
        self.cancel = GhostButton("x", "Cancel the task")
        self.keep = LinkButton("Stop and keep", tooltip="Ends the training here, keeps the SAE.")
        self._line = Hairline(Qt.Orientation.Vertical)
        self._line.setFixedHeight(tokens().space[4])
        self.waiting = TextLabel("", "body", "text2", elide=True)
        self._busy = (
            self._ring,
            self.name,
            self.bar,
            self.share,
            self.left,
            self.pause,
            self.cancel,
        )
        self._lay_out()
        for button in (self.pause, self.cancel, self.keep):
            # A click here is no reason to leave what one is at.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pause.clicked.connect(self.toggle_pause)
        self.cancel.clicked.connect(self.cancel_task)
        self.keep.clicked.connect(self._stop_and_keep)
        session.lanes_replaced.connect(self._follow_lane)
        session.project_changed.connect(self.refresh)
        self._follow_lane()

    def _lay_out(self) -> None:
        space = tokens().space
        row = QHBoxLayout(self)
        row.setContentsMargins(space[4] + 2, 0, space[4], 0)
        row.setSpacing(space[2] + 2)
        self._mark.setFixedWidth(2 * (tokens().layout.rail // 2 - space[4] - 2))
        row.addWidget(self._mark)
        row.addWidget(self._ring)
        row.addWidget(self.name)
        row.addSpacing(space[2])
        row.addWidget(self.bar)
        row.addWidget(self.share)
        row.addWidget(self.left)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self.pause)
        buttons.addWidget(self.cancel)
        row.addLayout(buttons)
        row.addWidget(self.keep)
        row.addWidget(self._line)
        row.addWidget(self.waiting, 1)
        # At rest the sentence stands under the work area.
        self.rest.setContentsMargins(space[4], 0, 0, 0)
        row.addWidget(self.rest, 1)

    # -- what a person does ------------------------------------------------------------------

    @Slot()
    def toggle_pause(self) -> None:
        """Pauses the running task, or lets it go on."""
        if self._task is not None and self._task.can_pause:
            (self._task.resume if self._task.is_paused else self._task.pause)()

    @Slot()
    def cancel_task(self) -> None:
        """Stops the running task."""
        if self._task is not None:
            self._task.cancel()
            self.left.setText("stopping …")

    @Slot()
    def _stop_and_keep(self) -> None:
        if self._task is not None:
            self._task.stop_and_keep()
            self.left.setText("stopping and keeping …")

    # -- what the lane tells -----------------------------------------------------------------

    @Slot()
    def _follow_lane(self) -> None:
        self._session.compute.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Shows what the lane is doing now."""
        # A task that has just ended is still listed while it tells so.
        tasks = [task for task in self._session.compute.tasks if task.outcome is None]
        task = tasks[0] if tasks else None
        if task is not self._task:
            self._task = task
            self._time = TimeLeft()
            self.left.setText("")
            self.left.setMinimumWidth(0)
            if task is not None:
                task.progressed.connect(self._on_progress)
        self._show_state(task)
        self._show_waiting(tasks[1:])
        if task is not None and task.last_progress is not None:
            self._show_progress(task.last_progress)
        elif task is not None:
            self._show_share(None)

    def _show_state(self, task: Task | None) -> None:
        can_keep = task is not None and task.can_finish_early and task.is_running
        self._hand_keyboard_on(task, can_keep)
        for widget in self._busy:
            widget.setVisible(task is not None)
        self._mark.setVisible(task is None)
        self.rest.setVisible(task is None)
        project = self._session.project
        is_open = project is not None
        self._mark.icon = "check" if is_open else "circle-dashed"
        self._mark.update()
        saved = "Nothing is running"
        if project is not None:
            kept = "Open read-only." if project.read_only else "Everything is saved."
            saved = f"{saved}. {kept}"
        self.rest.setText(saved)
        self.keep.setVisible(can_keep)
        if task is None:
            return
        self.name.setText(task.title)
        self.name.set_explanation(task.title)
        self.pause.setVisible(task.can_pause)
        now = time.monotonic()
        (self._time.pause if task.is_paused else self._time.resume)(now)
        self.pause.set_icon("play" if task.is_paused else "pause")
        self.pause.set_tooltip("Go on" if task.is_paused else "Pause the task")
        self.pause.setAccessibleName("Go on" if task.is_paused else "Pause the task")
        if task.is_paused:
            self.left.setText("paused")

    def _hand_keyboard_on(self, task: Task | None, can_keep: bool) -> None:
        """Before a button goes, which would give the keyboard to whatever comes next."""
        if task is None and has_keyboard(self):
            self.keyboard_left.emit()
        elif self.keep.hasFocus() and not can_keep:
            self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_waiting(self, tasks: list[Task]) -> None:
        self._line.setVisible(bool(tasks))
        self.waiting.setVisible(bool(tasks) or self._task is not None)
        if not tasks:
            self.waiting.setText("")
            return
        names = ", ".join(task.title[:1].lower() + task.title[1:] for task in tasks)
        word = "task" if len(tasks) == 1 else "tasks"
        self.waiting.setText(f"{len(tasks)} {word} waiting: {names}")

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        if self.sender() is self._task:
            self._time.add(progress, time.monotonic())
            self._show_progress(progress)

    def _show_progress(self, progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else None
        self._show_share(share)
        if self._task is None or self._task.is_paused:
            return
        rate = self._time.rate()
        seconds = self._time.seconds(time.monotonic())
        parts = [] if seconds is None else [time_left_text(seconds)]
        # Parts of a whole of several phases are nothing that a person counts.
        if rate is not None and progress.unit:
            parts.append(rate_text(rate, progress.unit))
        elif progress.note:
            parts.append(progress.note)
        self.left.setText(" · ".join(parts))
        # Grows only, so that the buttons after it stay under the mouse.
        self.left.setMinimumWidth(max(self.left.minimumWidth(), self.left.sizeHint().width()))
        self.left.set_explanation(progress.note)

    def _show_share(self, share: float | None) -> None:
        self._ring.set_share(share)
        self.bar.setVisible(self._task is not None and share is not None)
        self.bar.set_share(share or 0.0)
        self.share.setText("" if share is None else f"{share:.0%}".replace("%", " %"))
        self.share.setVisible(self._task is not None and share is not None)
