"""The head of the run in focus: name, state, what can be done, and its numbers."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.session.session import Session
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.train_panels.training_texts import (
    duration_text,
    fvu_text,
    l0_text,
    share_text,
    speed_text,
)
from saedesk.ui.widgets.bars import NumberStrip
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.chips import Chip
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import TextLabel

STATES = {
    "training": ("accent", "It is being trained."),
    "paused": ("warn", "The training waits until you resume it."),
    "finished": ("plain", "It was trained to its last step."),
    "stopped early": ("plain", "It was stopped before its last step and kept as it was."),
}
NO_RUN = "No run yet"
WHAT_TO_DO = "Choose a preset and train; the curves grow here while you watch."
IN_USE = "Features and Search show this SAE."
EXPLANATIONS = {
    "Epoch": "How often every document has been seen, of how often it will be. Long training "
    "makes features that a second run finds again.",
    "FVU held-out": "Fraction of variance unexplained: the share of the held-out documents' "
    "variance that the features miss. Lower is better; 0.3 to 0.5 is usual for a small "
    "dictionary, 0.1 to 0.3 for a large one.",
    "L0, features per document": "Mean number of features that describe a document. It should "
    "come close to k; far below, features are idle.",
    "Dead in training": "Share of features that no document chose during the last epoch. It "
    "rises at first; under 1 % at the end is good.",
    "Documents per second": "Documents seen in a second of training, pauses left out.",
    "Left": "Time to the last step at the speed of the last moments.",
    "Time": "Time spent training, pauses left out.",
}


class RunHead(QWidget):
    """Shows the run in focus of the book."""

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
        self.strip = NumberStrip()
        self._line = Hairline()
        self._explain()
        self._lay_out()
        self.pause.clicked.connect(self._on_pause)
        self.stop.clicked.connect(self._on_stop)
        self.cancel.clicked.connect(self._on_cancel)
        self.use.clicked.connect(self._on_use)
        self.analyse.clicked.connect(self._on_analyse)
        book.changed.connect(self.refresh)
        book.curve_grew.connect(self.refresh)
        self.refresh()

    def _explain(self) -> None:
        self.stop.set_tooltip("Ends the training here and keeps the SAE as it is now.")
        self.cancel.set_tooltip(
            "Stops without keeping an SAE. A checkpoint stays: starting the same settings again "
            "goes on from there."
        )
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
        for button in (self.analyse, self.use, self.pause, self.stop, self.cancel):
            buttons.addWidget(button)
        row.addLayout(buttons)
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
        if run is None:
            self.name.setText(NO_RUN)
            self.settings.setText(WHAT_TO_DO)
            for button in (self.pause, self.stop, self.cancel, self.use, self.analyse):
                button.hide()
            return
        self.name.setText(run.name)
        self._show_state(run)
        self.settings.setText(run.settings_text())
        self._show_buttons(run)
        self.strip.set_entries(_entries(run))

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
        paused = run.state == "paused"
        self.pause.set_text("Resume" if paused else "Pause", "play" if paused else "pause")
        self.use.setVisible(not run.is_live and not run.in_use and run.analysed)
        may_analyse = not read_only and not self._book.is_lane_busy
        self.analyse.setVisible(not run.is_live and not run.analysed and may_analyse)

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


def _entries(run: Run) -> list[tuple[str, str, str]]:
    shown = [
        (run.epochs_text(), "Epoch"),
        (fvu_text(run.fvu), "FVU held-out"),
        (l0_text(run.l0), "L0, features per document"),
        (share_text(run.dead), "Dead in training"),
        (speed_text(run.speed), "Documents per second"),
    ]
    if run.is_live:
        shown.append((duration_text(run.seconds_left), "Left"))
    else:
        shown.append((duration_text(run.seconds), "Time"))
    return [(value, name, EXPLANATIONS[name]) for value, name in shown]
