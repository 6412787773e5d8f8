"""What the settings will cost and reach, and the button that starts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from saedesk.project.atomic_files import megabytes
from saedesk.sae.training_presets import Forecast
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels import measure_texts
from saedesk.ui.train_panels.remarks import Remarks
from saedesk.ui.train_panels.start_button import StartButton
from saedesk.ui.train_panels.training_texts import NOTHING, duration_text, fvu_text
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

EXPLANATIONS = {
    "FVU held-out": f"{measure_texts.FVU} It is judged by earlier runs of this project.",
    "Time": "The time of the training on this computer, without the analysis that follows.",
    "Size": "The SAE on the disk; at the right the memory that training needs.",
}


class ForecastBox(QWidget):
    """Three lines of numbers, quiet sentences, the primary button and a small menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "sunken")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head = SectionHead("Forecast")
        self.values = {name: TextLabel(NOTHING, "head of a section") for name in EXPLANATIONS}
        self._notes = {
            name: TextLabel("", "caption", "text3", elide=True, align=_RIGHT)
            for name in EXPLANATIONS
        }
        self.sentences = Remarks()
        self.button = StartButton("Train", "play", large=True)
        self.menu = QMenu(self)
        self._more = GhostButton("ellipsis", "More about this form")
        self._more.set_menu(self.menu)
        self._lay_out()

    def _lay_out(self) -> None:
        space, side = tokens().space, tokens().padding.side_panel
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(space[3])
        grid.setVerticalSpacing(space[1] + 2)
        grid.setColumnMinimumWidth(0, 98)
        grid.setColumnStretch(2, 1)
        for row, (name, explanation) in enumerate(EXPLANATIONS.items()):
            caption = TextLabel(name, "body", "text2")
            for at, label in enumerate((caption, self.values[name], self._notes[name])):
                label.set_explanation(explanation)
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

    def show_forecast(
        self, forecast: Forecast | None, device: str, sentences: Sequence[str]
    ) -> None:
        """Shows a forecast (None where the settings cannot be used) and quiet sentences."""
        if forecast is None:
            for name in EXPLANATIONS:
                self._set(name, NOTHING, "")
            self.head.set_note("")
        else:
            low, likely, high = forecast.fvu or (0.0, None, 0.0)
            self.head.set_note("" if likely is None else "from your runs")
            first = "after the first run"
            bounds = f"{fvu_text(low)} – {fvu_text(high)}"
            self._set("FVU held-out", fvu_text(likely), first if likely is None else bounds)
            self._set("Time", duration_text(forecast.seconds), device)
            memory = f"{megabytes(forecast.memory_bytes)} of memory"
            self._set("Size", megabytes(forecast.size_bytes), memory)
        self.sentences.set_sentences(sentences)

    def _set(self, name: str, value: str, note: str) -> None:
        self.values[name].setText(value)
        self.values[name].set_colour("text3" if value == NOTHING else "text1")
        self._notes[name].setText(note)
        self.values[name].setAccessibleName(f"{name}: {value} {note}".strip())


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
