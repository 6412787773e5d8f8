"""What the commands of Search in the palette do: one method for each, of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from saedesk.session.live_search import LiveSearch
from saedesk.ui.shell.action_table import ACTIONS

if TYPE_CHECKING:
    from saedesk.ui.main_window import MainWindow
    from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SEARCH_COMMANDS = tuple(entry.name for entry in ACTIONS if entry.group == "Search")


class SearchCommands(QObject):
    """Each shows Search first, so that what it does is seen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    @Slot()
    def ask_search(self) -> None:
        """Puts the keyboard into the query."""
        self._workspace().bar.take_keyboard()

    @Slot()
    def steer_search(self) -> None:
        """Puts the keyboard on the first slider."""
        self._workspace().steering.take_keyboard()

    @Slot()
    def clear_search(self) -> None:
        """Searches for nothing; undoable."""
        self._workspace()
        search = self._search
        if search.state.target is not None:
            search.set_target(None)
        elif search.state.like:
            search.set_like(())
        else:
            search.set_text("", final=True)
        self._workspace().bar.take_keyboard()

    @Slot()
    def reset_sliders(self) -> None:
        """Puts all sliders back that are not locked; undoable."""
        self._workspace()
        self._search.reset()

    @Slot()
    def compare_settings(self) -> None:
        """Keeps the sliders as A, to be compared with what is turned next; undoable."""
        self._workspace()
        if self._search.state.comparison is None:
            self._search.keep_as_a()

    @Slot()
    def save_search(self) -> None:
        """Asks for a name for the search."""
        self._workspace().bar.naming.begin_saving()

    @Slot()
    def saved_searches(self) -> None:
        """Shows the saved searches."""
        self._workspace().bar.menus.manage()

    @Slot()
    def copy_search_command(self) -> None:
        """Copies a line for a terminal."""
        self._workspace().leaving.copy_script("command")

    @Slot()
    def copy_search_python(self) -> None:
        """Copies a script."""
        self._workspace().leaving.copy_script("python")

    @property
    def _search(self) -> LiveSearch:
        search = self._window.session.search
        assert search is not None, "the command is greyed without one"
        return search

    def _workspace(self) -> SearchWorkspace:
        from saedesk.ui.workspaces.search_workspace import SearchWorkspace

        self._window.show_workspace("search")
        workspace = self._window.current_workspace
        assert isinstance(workspace, SearchWorkspace)
        return workspace
