"""What is searched for: a text or documents, what can be done with the answer, the filters."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.session.live_search import LiveSearch
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.ui.search_panels.document_field import DocumentField
from saedesk.ui.search_panels.filter_row import FilterRow
from saedesk.ui.search_panels.query_documents import QueryDocuments
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.fields import SearchField
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

TEXT, DOCUMENTS = "Text", "Documents"
"""What one can search with."""
PAUSE_MS = 450
"""A pause in typing that starts the search."""
WIDEST_FIELD = 20
"""Widest query field, in units of 32 device-independent pixels."""


class QueryBar(QWidget):
    """The query over the filters; Enter or a short pause in typing searches.

    Instead of a text, documents can be chosen: the only way where nobody knows the encoder.
    """

    copy_wanted = Signal()
    export_wanted = Signal()
    mode_changed = Signal()
    """Another thing is searched with now: a text, or documents."""
    vectors_wanted = Signal()
    """A person wants to bring the vectors again, and to name their encoder."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search: LiveSearch | None = None
        self._is_showing = False
        self._like: tuple[int, ...] = ()
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
        self.finder = DocumentField(session, tokens().query_field_height)
        self.finder.setMaximumWidth(WIDEST_FIELD * space[8])
        self.finder.chosen.connect(self._on_chosen)
        self.mode = SegmentedControl([TEXT, DOCUMENTS], TEXT, "Search with")
        self.mode.changed.connect(self._on_mode)
        self.reason = TextLabel("", "caption", "text2", wrap=True, max_lines=3)
        self.bring = LinkButton("Bring the vectors again…", "caption")
        self.bring.clicked.connect(self.vectors_wanted)
        why = QHBoxLayout()
        why.setSpacing(space[3])
        why.addWidget(self.reason, 1)
        why.addWidget(self.bring)
        self.documents = QueryDocuments()
        self.documents.removed.connect(self._on_removed)
        self.documents.opened.connect(session.show_document)
        self.copy_button = GhostButton("copy", "Copy the results as a table")
        self.copy_button.clicked.connect(self.copy_wanted)
        self.export_button = GhostButton("download", "Save the results (CSV, JSON Lines, Parquet)")
        self.export_button.clicked.connect(self.export_wanted)
        self.filters = FilterRow(session)
        first = QHBoxLayout()
        first.setSpacing(space[2])
        first.addWidget(self.field, 100)
        first.addWidget(self.finder, 100)
        first.addWidget(self.mode)
        first.addStretch(1)
        first.addWidget(self.copy_button)
        first.addWidget(self.export_button)
        column = QVBoxLayout(self)
        side = tokens().padding.side_panel
        column.setContentsMargins(side, space[3], side, space[3])
        column.setSpacing(space[2] + 2)
        column.addLayout(first)
        column.addLayout(why)
        column.addWidget(self.documents)
        column.addWidget(self.filters)
        for signal in (session.sae_changed, session.project_changed, session.vectors_changed):
            signal.connect(self._on_search_replaced)
        self._fit_mode()
        self._on_search_replaced()

    def set_has_results(self, has_results: bool) -> None:
        """Says whether there is something to copy and to save."""
        reason = "" if has_results else "There are no results yet"
        for button in (self.copy_button, self.export_button):
            button.set_disabled_reason(reason)

    @property
    def asks_for_documents(self) -> bool:
        """Whether documents are chosen here, rather than a text typed."""
        return self.mode.current == DOCUMENTS

    def take_keyboard(self) -> None:
        """Puts the keyboard into the query, its text selected."""
        field = self.finder if self.asks_for_documents else self.field
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    # -- the session ---------------------------------------------------------------------------

    def _on_search_replaced(self) -> None:
        if self._session.search is self._search:
            return
        self._pause.stop()
        text, like = self.field.text(), () if self._search is None else self._like
        self._search = self._session.search
        self._show_like(())
        self._on_text_problem()
        if self._search is None:
            self._show_text("")
            self._set_mode(TEXT)
            return
        self._search.state_changed.connect(self._on_state)
        self._search.text_problem_changed.connect(self._on_text_problem)
        if self._search.state.asks_something:
            self._on_state(self._search.state)
        elif self.isVisible():
            self._ask_again(text, like)

    def _ask_again(self, text: str, like: tuple[int, ...]) -> None:
        """The same question to the new SAE."""
        assert self._search is not None
        if like and like == self._known(like):
            self._search.set_like(like)
        elif text.strip():
            self._search.set_text(text)

    def _known(self, like: tuple[int, ...]) -> tuple[int, ...]:
        project = self._session.project
        if project is None:
            return ()
        return tuple(row.id for row in project.documents.rows(like))

    def _on_text_problem(self) -> None:
        """Where typed text cannot be searched for, there is nothing to type into."""
        problem = "" if self._search is None else self._search.text_problem
        had_keyboard = self.field.hasFocus()
        self.field.setEnabled(self._search is not None and not problem)
        self.mode.setVisible(not problem)
        self.reason.setText(problem)
        self.reason.setVisible(bool(problem))
        self.bring.setVisible(bool(problem) and _can_bring_vectors(self._session))
        if problem:
            self._pause.stop()
            self._show_text("")
            self._set_mode(DOCUMENTS)
        if problem and had_keyboard:
            self.take_keyboard()
        self.mode_changed.emit()

    def _on_state(self, state: SearchState) -> None:
        if state.like != self._like:
            self._show_like(state.like)
        if state.like:
            self._set_mode(DOCUMENTS)
        elif state.text and self.field.isEnabled():
            self._set_mode(TEXT)
        if not self._pause.isActive() and state.text != self.field.text().strip():
            self._show_text(state.text)

    def _show_like(self, like: tuple[int, ...]) -> None:
        self._like = like
        project = self._session.project
        try:
            rows = [] if project is None or not like else project.documents.rows(like)
        except KnownError:
            rows = []  # The project was closed meanwhile.
        self.documents.show_documents(rows)

    # -- what a person does --------------------------------------------------------------------

    def _on_mode(self, _: object = None) -> None:
        self._fit_mode()
        self.take_keyboard()
        self.mode_changed.emit()

    def _set_mode(self, mode: str) -> None:
        if mode != self.mode.current:
            had_keyboard = self.field.hasFocus() or self.finder.hasFocus()
            self.mode.set_current(mode)
            self._fit_mode()
            if had_keyboard:
                self.take_keyboard()
            self.mode_changed.emit()

    def _fit_mode(self) -> None:
        self.field.setVisible(not self.asks_for_documents)
        self.finder.setVisible(self.asks_for_documents)

    def _on_chosen(self, document_id: int) -> None:
        if self._search is not None:
            self._search.set_like((*self._like, document_id))

    def _on_removed(self, document_id: int) -> None:
        if self._search is not None:
            self._search.set_like([i for i in self._like if i != document_id])
            if not self._like:
                self.take_keyboard()

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


def _can_bring_vectors(session: Session) -> bool:
    """Whether the vectors came from a file, and the project may have others."""
    project, vectors = session.project, session.vectors
    if project is None or project.read_only or vectors is None:
        return False
    return bool(vectors.record.inputs.get("imported"))
