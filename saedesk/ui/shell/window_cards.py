"""The cards over the window, each imported and made when it is first opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from saedesk.session.session import Session

if TYPE_CHECKING:
    from saedesk.ui.shell.about_card import AboutCard
    from saedesk.ui.shell.command_palette import CommandPalette
    from saedesk.ui.shell.key_overview import KeyOverview


class WindowCards(QObject):
    """Palette, keys, about."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], window: QWidget) -> None:
        super().__init__(window)
        self._session, self._actions, self._window = session, actions, window
        self._palette: CommandPalette | None = None
        self._keys: KeyOverview | None = None
        self._about: AboutCard | None = None

    @property
    def palette(self) -> CommandPalette:
        """The command palette."""
        if self._palette is None:
            from saedesk.ui.shell.command_palette import CommandPalette

            self._palette = CommandPalette(self._session, self._actions, self._window)
        return self._palette

    @property
    def keys(self) -> KeyOverview:
        """The overview of keys."""
        if self._keys is None:
            from saedesk.ui.shell.key_overview import KeyOverview

            self._keys = KeyOverview(self._window)
        return self._keys

    @property
    def about(self) -> AboutCard:
        """What saedesk is."""
        if self._about is None:
            from saedesk.ui.shell.about_card import AboutCard

            self._about = AboutCard(self._window)
        return self._about
