"""The head of the run in focus: name, state, what can be done, and its numbers."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.session.session import Message, Session
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.run_numbers import run_numbers
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.widgets.bars import NumberStrip
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton, PrimaryButton
from saedesk.ui.widgets.chips import Chip
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_label import TextLabel

STATES = {
    "training": ("accent", "It is being trained."),
    "paused": ("warn", "The training waits until you resume it."),
    "finished": ("plain", "It was trained to its last step."),
    "settled": ("plain", "It ended early by itself: the FVU no longer improved."),
    "stopped early": ("plain", "It was stopped before its last step and kept as it was."),
    "stopped": ("plain", "It was stopped without keeping an SAE; its checkpoint is kept."),
    "loaded": ("plain", "It was trained elsewhere and loaded from a file."),
    "waiting": ("plain", "It goes on as soon as the tasks before it have ended."),
}
CURVES, ORIGIN, ENCODERS = "Curves", "Origin", "Encoders"
"""What can be seen of a stored run; of a loaded SAE the origin in place of curves."""
NO_RUN = "No run yet"
WHAT_TO_DO = "Choose a preset and train; the curves grow here while you watch."
IN_USE = "Features and Search show this SAE."
WIDE = 880
"""From this width on there is room for long captions."""


class RunHead(QWidget):
    """Shows the run in focus of the book."""

    view_changed = Signal()
    """Curves, origin or encoders are to be seen now."""

    def __init__(self, session: Session, book: RunBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, book
        self.name = TextLabel("", "head of a view")
        self.name.setMinimumHeight(tokens().control_height)
        self.chip = Chip("training")
        self.settings = TextLabel("", "body", "text2", elide=True)
        self.pause = DefaultButton("Pause", "pause")
        self.stop = DefaultButton("Stop and keep", "square")
        self.cancel = DefaultButton("Cancel", "x")
        self.use = DefaultButton("Use this SAE", "check")
        self.analyse = DefaultButton("Find its features", "refresh-cw")
        self.go_on = PrimaryButton("Continue", "play")
        self.view = SegmentedControl((CURVES, ENCODERS), accessible_name="What is shown of it")
        self.loaded_view = SegmentedControl(
            (ORIGIN, ENCODERS), accessible_name="What is shown of it"
        )
        self.more = GhostButton("ellipsis", "More to do with this run")
        self.strip = NumberStrip()
        self._buttons = (self.analyse, self.use, self.pause, self.stop, self.cancel, self.go_on)
        self._line = Hairline()
        self._together = 0
        self._explain(1)
        self._lay_out()
        self.pause.clicked.connect(self._on_pause)
        self.stop.clicked.connect(self._on_stop)
        self.cancel.clicked.connect(self._on_cancel)
        self.use.clicked.connect(self._on_use)
        self.analyse.clicked.connect(self._on_analyse)
        self.go_on.clicked.connect(self._on_go_on)
        self.view.changed.connect(self._on_view)
        self.loaded_view.changed.connect(self._on_view)
        book.changed.connect(self.refresh)
        book.progressed.connect(self.refresh)
        self.refresh()

    def _explain(self, together: int) -> None:
        """What is asked of a training is asked of all runs that share its pass."""
        if together == self._together:
            return
        self._together = together
        is_grid = together > 1
        self.stop.set_text("Stop and keep all" if is_grid else "Stop and keep", "square")
        self.cancel.set_text("Cancel all" if is_grid else "Cancel", "x")
        self.stop.set_tooltip(
            f"Ends all {together} trainings here and keeps their SAEs as they are now."
            if is_grid
            else "Ends the training here and keeps the SAE as it is now."
        )
        self.cancel.set_tooltip(
            f"Stops all {together} trainings without keeping their SAEs. Checkpoints stay, and "
            "Continue goes on from there."
            if is_grid
            else "Stops without keeping an SAE. A checkpoint stays, and Continue goes on from "
            "there."
        )
        self.pause.set_tooltip(f"The {together} runs are trained together." if is_grid else "")
        self.go_on.set_tooltip("Trains on from the checkpoint to the last step.")
        self.use.set_tooltip("Features and Search show this SAE from now on.")
        self.analyse.set_tooltip(
            "Encodes all documents with this SAE, counts, and labels its features."
        )

    def _lay_out(self) -> None:
        space = tokens().space
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space[3])
        row.addWidget(self.name)
        row.addWidget(self.chip)
        row.addWidget(self.settings, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(space[2])
        for button in self._buttons:
            buttons.addWidget(button)
        row.addWidget(self.view)
        row.addWidget(self.loaded_view)
        row.addLayout(buttons)
        row.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space[3] + 2, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addSpacing(space[2] + 3)
        column.addWidget(Hairline())
        column.addSpacing(space[2])
        column.addWidget(self.strip)
        column.addSpacing(space[2])
        column.addWidget(self._line)

    @Slot()
    def refresh(self) -> None:
        """Shows the run in focus as it stands."""
        run = self._book.focus
        for part in (self.chip, self.strip, self._line):
            part.setVisible(run is not None)
        is_loaded = run is not None and run.is_loaded
        self.view.setVisible(run is not None and run.record is not None and not is_loaded)
        self.loaded_view.setVisible(is_loaded)
        self.more.setVisible(run is not None and run.record is not None)
        if run is None:
            self.name.setText(NO_RUN)
            self.settings.setText(WHAT_TO_DO)
            for button in self._buttons:
                button.hide()
            return
        self.name.setText(run.name)
        self._show_state(run)
        self.settings.setText(_stop_text(run) if run.unfinished else run.settings_text())
        self.settings.set_explanation(run.settings_text())
        self._show_buttons(run)
        if run.unfinished is not None:
            run = run.with_numbers_of(self._book.curve(run))
        self.strip.set_entries(run_numbers(run, self.width() >= WIDE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Captions are shorter where there is less room."""
        super().resizeEvent(event)
        if (event.size().width() >= WIDE) != (event.oldSize().width() >= WIDE):
            self.refresh()

    def _show_state(self, run: Run) -> None:
        tone, sentence = STATES[run.state]
        if run.in_use:
            self.chip.set_text("in use", "accent")
            sentence = IN_USE if run.analysed else "Its features are not found yet."
        else:
            self.chip.set_text(run.state, tone)
        set_plain_tooltip(self.chip, sentence)

    def _show_buttons(self, run: Run) -> None:
        project = self._session.project
        read_only = project is not None and project.read_only
        for button in (self.pause, self.stop, self.cancel):
            button.setVisible(run.is_live)
        self._explain(max(1, self._book.together) if run.is_live else self._together)
        paused = run.state == "paused"
        what = " all" if self._together > 1 else ""
        self.pause.set_text(
            f"Resume{what}" if paused else f"Pause{what}", "play" if paused else "pause"
        )
        stored = run.record is not None
        self.use.setVisible(stored and not run.in_use and run.analysed)
        self.go_on.setVisible(run.state == "stopped" and not read_only)
        may_analyse = not read_only and not self._book.is_lane_busy
        may_analyse = may_analyse and self._session.vectors is not None
        self.analyse.setVisible(stored and not run.analysed and may_analyse)

    @property
    def shows_encoders(self) -> bool:
        """Whether a person wants to see the encoders of stored runs."""
        return self.view.current == ENCODERS

    @Slot(str)
    def _on_view(self, chosen: str) -> None:
        """Whoever looks at encoders sees those of the next run, too."""
        is_encoders = chosen == ENCODERS
        self.view.set_current(ENCODERS if is_encoders else CURVES)
        self.loaded_view.set_current(ENCODERS if is_encoders else ORIGIN)
        self.view_changed.emit()

    @Slot()
    def _on_pause(self) -> None:
        task = self._book.task
        if task is not None:
            (task.resume if task.is_paused else task.pause)()

    @Slot()
    def _on_stop(self) -> None:
        if self._book.task is not None:
            self._book.task.stop_and_keep()

    @Slot()
    def _on_cancel(self) -> None:
        if self._book.task is not None:
            self._book.task.cancel()

    @Slot()
    def _on_use(self) -> None:
        run = self._book.focus
        if run is not None and run.record is not None:
            self._session.use_sae(run.record)

    @Slot()
    def _on_analyse(self) -> None:
        run = self._book.focus
        if run is not None and run.record is not None:
            self._session.analyse(run.record)
            self.refresh()

    @Slot()
    def _on_go_on(self) -> None:
        run = self._book.focus
        if run is None:
            return
        try:
            self._book.go_on(run)
        except KnownError as error:
            self._session.message.emit(Message("error", error.sentence))


def _stop_text(run: Run) -> str:
    whole = f" of {run.total_steps:,}" if run.total_steps else ""
    if run.state == "waiting":
        return f"Goes on from step {run.step:,}{whole} after the tasks before it."
    return f"Stopped at step {run.step:,}{whole}. It goes on from there."
