"""The footer: what runs at the left, the machine at the right."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.session.session import Session
from saedesk.ui.shell.machine_strip import MachineStrip
from saedesk.ui.shell.task_strip import TaskStrip
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import draw_hairline, shade


class Footer(QWidget):
    """One row under everything."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens().layout.footer)
        self.tasks = TaskStrip(session)
        self.machine = MachineStrip()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, tokens().line, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.tasks, 1)
        row.addWidget(self.machine)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade("canvas"))
        draw_hairline(painter, 0, 0, self.width(), 0)
