"""What saedesk is, which version, and with which libraries it runs."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QRectF, QSize, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from saedesk.ui.shell.overlay import Overlay
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import SIGN_SIZE, paint_sign
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.text_label import TextLabel

_LIBRARIES = ("PySide6-Essentials", "pyqtgraph", "torch", "numpy", "sentence-transformers")
_WIDTH = 480


class AboutCard(Overlay):
    """Name, version, licence; the versions can be copied for a report."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("About saedesk")
        space = tokens().space
        self.column.setContentsMargins(space[6], space[6], space[6], space[5])
        self.column.setSpacing(space[3])
        head = QHBoxLayout()
        head.setSpacing(space[3])
        head.addWidget(_LargeSign())
        head.addWidget(TextLabel(f"saedesk {_version_of('saedesk')}", "head of a view"), 1)
        self.column.addLayout(head)
        words = (
            "A desktop instrument for looking inside text embeddings. Licence: Apache-2.0. "
            "Nothing leaves this computer."
        )
        self.column.addWidget(TextLabel(words, "body", "text2", wrap=True))
        self.versions = versions_text()
        self.column.addWidget(TextLabel(self.versions, "caption", "text3"))
        buttons = QHBoxLayout()
        buttons.setSpacing(space[2])
        buttons.addStretch(1)
        copy = DefaultButton("Copy the versions", "copy")
        self.close_button = PrimaryButton("Close")
        copy.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.close_card)
        buttons.addWidget(copy)
        buttons.addWidget(self.close_button)
        self.column.addLayout(buttons)

    def open(self) -> None:
        super().open()
        self.close_button.setFocus()

    def card_width(self) -> int:
        return _WIDTH

    @Slot()
    def _copy(self) -> None:
        QApplication.clipboard().setText(f"saedesk {_version_of('saedesk')}\n{self.versions}")


class _LargeSign(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(2 * SIGN_SIZE.width(), 2 * SIGN_SIZE.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_sign(QPainter(self), QRectF(self.rect()))


def versions_text() -> str:
    """Python, the system and the libraries, one a line; imports none of them."""
    lines = [f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    lines += [f"{name} {_version_of(name)}" for name in _LIBRARIES]
    return "\n".join(lines)


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "from a source tree" if name == "saedesk" else "not installed"
