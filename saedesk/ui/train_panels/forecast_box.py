"""What the settings will cost and reach, and the button that starts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.train_panels.forecast_texts import NO_FORECAST, ForecastTexts
from saedesk.ui.train_panels.remarks import Note, Remarks
from saedesk.ui.train_panels.start_button import StartButton
from saedesk.ui.train_panels.training_texts import NOTHING
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel


class ForecastBox(QWidget):
    """Three lines of numbers, what is worth knowing, the primary button and a small menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "sunken")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head = SectionHead("Forecast")
        names = list(NO_FORECAST.lines)
        self._captions = {name: TextLabel(name, "body", "text2") for name in names}
        self.values = {name: TextLabel(NOTHING, "head of a section") for name in names}
        self._notes = {
            name: TextLabel("", "caption", "text3", elide=True, align=_RIGHT) for name in names
        }
        self.sentences = Remarks()
        self.button = StartButton("Train", "play", large=True)
        self.menu = QMenu(self)
        self._more = GhostButton("ellipsis", "More about this form")
        self._more.set_menu(self.menu)
        self._lay_out()
        self.show_forecast(NO_FORECAST, ())

    def _lay_out(self) -> None:
        space, side = tokens().space, tokens().padding.side_panel
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(space[3])
        grid.setVerticalSpacing(space[1] + 2)
        grid.setColumnMinimumWidth(0, 88)
        grid.setColumnStretch(2, 1)
        for row, name in enumerate(self.values):
            columns = (self._captions[name], self.values[name], self._notes[name])
            for at, label in enumerate(columns):
                grid.addWidget(label, row, at)
        start = QHBoxLayout()
        start.setSpacing(space[2])
        start.addWidget(self.button, 1)
        start.addWidget(self._more)
        column = QVBoxLayout(self)
        column.setContentsMargins(side, space[3], side, side)
        column.setSpacing(space[2])
        column.addWidget(self.head)
        column.addLayout(grid)
        column.addWidget(self.sentences)
        column.addSpacing(space[1])
        column.addLayout(start)

    def show_forecast(self, texts: ForecastTexts, notes: Sequence[Note]) -> None:
        """Shows a forecast, and `notes` before those of the forecast."""
        for name, line in texts.lines.items():
            self.values[name].setText(line.value)
            self.values[name].set_colour("text3" if line.value == NOTHING else "text1")
            self.values[name].setAccessibleName(f"{name}: {line.value} {line.note}".strip())
            self._notes[name].setText(line.note)
            for label in (self._captions[name], self.values[name], self._notes[name]):
                label.set_explanation(line.explanation)
        self.head.set_note(texts.source)
        self.head.note.set_explanation(_SOURCE_HELP if texts.source else "")
        self.sentences.set_notes([*notes, *texts.notes])


_SOURCE_HELP = "What the FVU is judged by; each run that is trained makes it surer."
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
