"""The right of the footer: where the work is computed, and how much memory it takes."""

from __future__ import annotations

import psutil
from PySide6.QtCore import QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.session.torch_threads import compute_threads, known_device
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.bars import MeterBar
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import TextLabel

_SECONDS_BETWEEN_LOOKS = 2
_METER_WIDTH = 48
_GIGABYTE = 1024**3


class _Icon(QWidget):
    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setFixedSize(QSize(tokens().icon, tokens().icon))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_icon(QPainter(self), self._name, QRect(self.rect()), "text2")


class MachineStrip(QWidget):
    """Device and memory; looks at the process every two seconds while it is visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._process = psutil.Process()
        self._total = psutil.virtual_memory().total
        self._cpu = _cpu()
        self._timer = QTimer(self)
        self._timer.setInterval(round(1000 * _SECONDS_BETWEEN_LOOKS))
        self._timer.timeout.connect(self._look)
        self.device = TextLabel("", "body", "text2", tabular=True)
        self._meter = MeterBar(0.0, tokens().bar.footer, "text2", "Memory")
        self._meter.setFixedWidth(_METER_WIDTH)
        self.memory = TextLabel("", "body", "text2", tabular=True)
        space = tokens().space
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, space[4], 0)
        row.setSpacing(space[2])
        row.addWidget(_Icon("cpu"))
        row.addWidget(self.device)
        row.addSpacing(space[1])
        line = Hairline(Qt.Orientation.Vertical)
        line.setFixedHeight(space[4])
        row.addWidget(line)
        row.addSpacing(space[1])
        row.addWidget(_Icon("memory-stick"))
        row.addWidget(self._meter)
        row.addWidget(self.memory)
        self._look()

    def show_device(self, text: str) -> None:
        """Names the device that computes."""
        if text == self.device.text():
            return
        self.device.setText(text)
        self.device.set_explanation(
            f"Where training and embedding run: {text}. One thread stays with the window."
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def _look(self) -> None:
        device = known_device()
        is_cpu = device is None or device.kind == "cpu"
        self.show_device(self._cpu if is_cpu else device.name)
        used = self._process.memory_info().rss
        self._meter.set_share(used / self._total)
        text = f"{used / _GIGABYTE:.1f} of {self._total / _GIGABYTE:.0f} GB"
        if text != self.memory.text():
            self.memory.setText(text)
            set_plain_tooltip(self, f"Memory that saedesk uses, of what this computer has: {text}.")
            self.memory.set_explanation(
                f"Memory that saedesk uses, of what this computer has: {text}."
            )


def _cpu() -> str:
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    word = "thread" if cores == 1 else "threads"
    return f"CPU, {compute_threads()} of {cores} {word}"
