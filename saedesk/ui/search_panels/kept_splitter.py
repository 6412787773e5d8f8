"""A splitter that keeps where a person put it, also for the next start."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from saedesk.session.settings import Settings
from saedesk.ui.widgets.splitter import HairlineSplitter

KEPT_MS = 400
"""The place is written once the line has rested so long, not for every pixel of a drag."""


class KeptSplitter(HairlineSplitter):
    """Two panels; one of them has its usual size until a person gives it another."""

    def __init__(
        self,
        orientation: Qt.Orientation,
        accessible_name: str,
        settings: Settings,
        setting: str,
        kept: int,
        parent: QWidget | None = None,
    ) -> None:
        """`kept` is the place of the panel whose size is kept under the name `setting`."""
        super().__init__(orientation, accessible_name, parent)
        self._settings, self._setting, self._kept = settings, setting, kept
        self._usual = 0
        found = settings.get(setting)
        self._own = found if isinstance(found, int) and found > 0 else None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEPT_MS)
        self._timer.timeout.connect(self._write)
        self.splitterMoved.connect(self._on_moved)

    @property
    def own_size(self) -> int | None:
        """What a person gave the panel, in device-independent pixels; None for the usual."""
        return self._own

    def set_usual(self, size: int) -> None:
        """Sets the size of the panel where nobody gave it another."""
        self._usual = size
        self.arrange()

    def arrange(self) -> None:
        """Gives the panel its size; the other one has the rest."""
        along = self.width() if self.orientation() == Qt.Orientation.Horizontal else self.height()
        size = self._own or self._usual
        rest = max(0, along - self.handleWidth() - size)
        self.setSizes([size, rest] if self._kept == 0 else [rest, size])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    @Slot()
    def _on_moved(self, *_: object) -> None:
        self._own = self.sizes()[self._kept]
        self._timer.start()

    @Slot()
    def _write(self) -> None:
        self._settings.set(self._setting, self._own)
