"""What can be done with a search and its results: buttons at the right end of the query bar."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton

NO_RESULTS = "There are no results yet"
NOTHING_ASKED = "Search for something first"
ABOUT_MORE = (
    "Search for what is like the documents that are chosen in the results (+). "
    "Choose several with Ctrl or Shift."
)


class QueryTools(QWidget):
    """Nothing here acts by itself: each button and each line of the menu is a signal."""

    history_wanted = Signal()
    saved_wanted = Signal(QPoint)
    """Where the menu of saved searches should stand, on the screen."""
    more_wanted = Signal()
    less_wanted = Signal()
    copy_wanted = Signal()
    titles_wanted = Signal()
    export_wanted = Signal()
    script_wanted = Signal(str)
    """"command" for a line of the terminal, "python" for a script."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_results = self._asks = False
        self.history_button = GhostButton(
            "history", "Searches before this one (Down in an empty field)"
        )
        self.saved_button = GhostButton("bookmark", "Saved searches")
        self.more_button = DefaultButton("More like these", tooltip=ABOUT_MORE)
        self.copy_button = GhostButton("copy", "Copy the results as a table")
        self.export_button = GhostButton("download", "Save the results (CSV, JSON Lines, Parquet)")
        self.menu_button = GhostButton("ellipsis", "More that can be done with the search")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[1])
        row.addWidget(self.history_button)
        row.addWidget(self.saved_button)
        row.addSpacing(tokens().space[1])
        row.addWidget(self.more_button)
        row.addSpacing(tokens().space[1])
        for button in (self.copy_button, self.export_button, self.menu_button):
            row.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.history_button.clicked.connect(self.history_wanted)
        self.saved_button.clicked.connect(self._on_saved)
        self.more_button.clicked.connect(self.more_wanted)
        self.copy_button.clicked.connect(self.copy_wanted)
        self.export_button.clicked.connect(self.export_wanted)
        self.menu_button.clicked.connect(self._open_menu)
        self.set_state(False, False)

    def set_state(self, asks_something: bool, has_results: bool) -> None:
        """Says whether there is a question, and results to do something with."""
        self._asks, self._has_results = asks_something, has_results
        reason = "" if has_results else NO_RESULTS
        for button in (self.copy_button, self.export_button, self.more_button):
            button.set_disabled_reason(reason)

    def make_menu(self) -> QMenu:
        """The menu behind the three dots; what cannot be done now is greyed."""
        menu = QMenu(self)
        entries = (
            ("Less like these", self.less_wanted.emit, self._has_results),
            None,
            ("Copy the results as a table", self.copy_wanted.emit, self._has_results),
            ("Copy the titles of the chosen documents", self.titles_wanted.emit, self._has_results),
            ("Copy the search as a command line", self._on_command, self._asks),
            ("Copy the search as Python", self._on_python, self._asks),
            None,
            ("Save the results…", self.export_wanted.emit, self._has_results),
        )
        for entry in entries:
            if entry is None:
                menu.addSeparator()
            else:
                text, act, is_possible = entry
                menu.addAction(text, act).setEnabled(is_possible)
        return menu

    def _open_menu(self) -> None:
        menu = self.make_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        button = self.menu_button
        place = button.mapToGlobal(button.rect().bottomRight())
        menu.popup(place - QPoint(menu.sizeHint().width(), 0))

    def _on_saved(self) -> None:
        button = self.saved_button
        self.saved_wanted.emit(button.mapToGlobal(button.rect().bottomLeft()))

    def _on_command(self) -> None:
        self.script_wanted.emit("command")

    def _on_python(self) -> None:
        self.script_wanted.emit("python")
