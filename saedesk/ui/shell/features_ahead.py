"""The Features workspace, made before it is wanted, in pieces that nobody notices.

With 100,000 features it takes half a second to make, for its labels, plots and fields. It is made
while the first page or another workspace is in view, so that it opens at once.
"""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from saedesk.session.session import Session

FIRST_MS = 1000
"""What was opened is painted by then."""
NEXT_MS = 60
"""Between two pieces other work gets its turn."""

Pieces = Generator[None, None, QWidget]


class FeaturesAhead(QObject):
    """Begins when the window has come to rest, and again after features were found."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._place = parent
        self._pieces: Pieces | None = None
        self._made: QWidget | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        self._timer.start(FIRST_MS)
        session.sae_changed.connect(self._wait)

    @property
    def is_made(self) -> bool:
        """Whether the workspace is there and was not taken yet."""
        return self._made is not None

    def take(self) -> QWidget | None:
        """The workspace, its last pieces made now; None where it was not begun. Only once."""
        self._session.sae_changed.disconnect(self._wait)
        self._timer.stop()
        while self._pieces is not None:
            self._make_piece()
        made, self._made = self._made, None
        return made

    @Slot()
    def _wait(self) -> None:
        if self._made is None:
            self._timer.start(FIRST_MS)

    @Slot()
    def _go_on(self) -> None:
        # Whoever drags something or looks through a menu would feel it.
        is_held = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if is_held:
            self._timer.start(FIRST_MS)
            return
        if self._pieces is None:
            from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace

            self._pieces = FeaturesWorkspace.in_pieces(self._session, self._place)
        else:
            self._make_piece()
        if self._pieces is not None:
            self._timer.start(NEXT_MS)

    def _make_piece(self) -> None:
        assert self._pieces is not None
        try:
            next(self._pieces)
        except StopIteration as end:
            self._pieces, self._made = None, end.value
