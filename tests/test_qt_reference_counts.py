"""The installed PySide6 must not take references away from None and True.

PySide6 6.12.0 does on Python below 3.12, and the program aborts after some thousand calls. The
check runs in a child, because a bad pair takes the process with it.
"""

from __future__ import annotations

import subprocess
import sys

COUNT_REFERENCES = """
import sys
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

class Sender(QObject):
    sent = Signal()

application = QGuiApplication([])
image = QImage(8, 8, QImage.Format.Format_ARGB32)
painter, sender, colour = QPainter(image), Sender(), QColor("black")
none, true = sys.getrefcount(None), sys.getrefcount(True)
for _ in range(20):
    painter.setPen(colour)
    sender.setObjectName("sender")
    sender.sent.emit()
lost = max(none - sys.getrefcount(None), true - sys.getrefcount(True))
painter.end()
sys.exit(f"{lost} references lost" if lost >= 10 else 0)
"""


def test_qt_calls_take_no_references_away() -> None:
    child = subprocess.run(
        [sys.executable, "-c", COUNT_REFERENCES], capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr
