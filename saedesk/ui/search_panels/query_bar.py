"""What is searched for: the query, what can be done with the answer, and the filters."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.session.live_search import LiveSearch, SearchState
from saedesk.session.session import Session
from saedesk.ui.search_panels.filter_row import FilterRow
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.fields import SearchField

PAUSE_MS = 450
"""A pause in typing that starts the search."""
WIDEST_FIELD = 20
"""Widest query field, in units of 32 device-independent pixels."""


class QueryBar(QWidget):
    """The query field over the filters; Enter or a short pause in typing searches."""

    copy_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search: LiveSearch | None = None
        self._is_showing = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._submit)
        space = tokens().space
        self.field = SearchField(
            "What are you looking for?",
            "Ctrl+F",
            "Query",
            tokens().query_field_height,
            role="lead",
        )
        self.field.setMaximumWidth(WIDEST_FIELD * space[8])
        self.field.text_changed.connect(self._on_text)
        self.field.submitted.connect(self._on_submitted)
        self.copy_button = GhostButton("copy", "Copy the results as a table")
        self.copy_button.clicked.connect(self.copy_wanted)
        self.export_button = GhostButton("download", "Save the results (CSV, JSON Lines, Parquet)")
        self.export_button.clicked.connect(self.export_wanted)
        self.filters = FilterRow(session)
        first = QHBoxLayout()
        first.setSpacing(space[2])
        first.addWidget(self.field, 100)
        first.addStretch(1)
        first.addWidget(self.copy_button)
        first.addWidget(self.export_button)
        column = QVBoxLayout(self)
        side = tokens().padding.side_panel
        column.setContentsMargins(side, space[3], side, space[3])
        column.setSpacing(space[2] + 2)
        column.addLayout(first)
        column.addWidget(self.filters)
        for signal in (session.sae_changed, session.project_changed, session.vectors_changed):
            signal.connect(self._on_search_replaced)
        self._on_search_replaced()

    def set_has_results(self, has_results: bool) -> None:
        """Says whether there is something to copy and to save."""
        reason = "" if has_results else "There are no results yet"
        for button in (self.copy_button, self.export_button):
            button.set_disabled_reason(reason)

    def take_keyboard(self) -> None:
        """Puts the keyboard into the query, its text selected."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _on_search_replaced(self) -> None:
        if self._session.search is self._search:
            return
        self._pause.stop()
        text = self.field.text()
        self._search = self._session.search
        self.field.setEnabled(self._search is not None)
        if self._search is None:
            self._show_text("")
            return
        self._search.state_changed.connect(self._on_state)
        if self._search.state.text:
            self._show_text(self._search.state.text)
        elif text.strip() and self.isVisible():
            # The same question to the new SAE.
            self._search.set_text(text)

    def _on_state(self, state: SearchState) -> None:
        if not self._pause.isActive() and state.text != self.field.text().strip():
            self._show_text(state.text)

    def _show_text(self, text: str) -> None:
        self._is_showing = True
        self.field.setText(text)
        self._is_showing = False

    def _on_text(self, text: str) -> None:
        if self._is_showing:
            return
        if text.strip():
            self._pause.start()
        else:
            self._submit()

    def _on_submitted(self, _text: str) -> None:
        self._submit()

    def _submit(self) -> None:
        self._pause.stop()
        if self._search is not None:
            self._search.set_text(self.field.text())
