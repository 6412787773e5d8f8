"""What is searched for, how, what can be done with the answer, and the filters."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.search_documents import SearchAnswer
from saedesk.project.document_store import DocumentRow
from saedesk.session.live_search import LiveSearch
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.session.target_names import TargetNames
from saedesk.ui.search_panels.carried_search import CarriedSearch
from saedesk.ui.search_panels.filter_row import FilterRow
from saedesk.ui.search_panels.query_documents import QueryDocuments
from saedesk.ui.search_panels.query_fields import QueryFields
from saedesk.ui.search_panels.query_kind import DOCUMENTS, FEATURE, TEXT
from saedesk.ui.search_panels.query_menus import QueryMenus
from saedesk.ui.search_panels.query_notes import QueryNotes, hints_of_text
from saedesk.ui.search_panels.query_tools import QueryTools
from saedesk.ui.search_panels.search_naming import SearchNaming
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

__all__ = ["DOCUMENTS", "FEATURE", "TEXT", "QueryBar"]


class QueryBar(QWidget):
    """The query over the filters.

    Instead of a text, documents can be chosen, the only way where nobody knows the encoder and
    words do not help, or a feature or a family.
    """

    mode_changed = Signal()
    """Another thing is searched with now: a text, documents, or a feature."""
    vectors_wanted = Signal()
    """A person wants to bring the vectors again, and to name their encoder."""
    results_wanted = Signal()
    """The keyboard wants to go to the results."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search: LiveSearch | None = None
        self._shown: tuple[object, ...] = ((), (), None)
        self._names = TargetNames(session)
        self.fields = QueryFields(session)
        self.mode, self.ways = self.fields.mode, self.fields.ways
        self.field, self.finder = self.fields.field, self.fields.finder
        self.target = self.fields.target
        self.tools = QueryTools()
        self.copy_button, self.export_button = self.tools.copy_button, self.tools.export_button
        self.menus = QueryMenus(session, self)
        self.naming = SearchNaming(session)
        self.reason = TextLabel("", "caption", "text2", wrap=True, max_lines=3)
        self.by_words = LinkButton("Search by words", "caption")
        self.bring = LinkButton("Bring the vectors again…", "caption")
        self.documents = QueryDocuments()
        self.filters = FilterRow(session)
        self.notes = QueryNotes()
        self._build()
        self._connect()
        self._on_search_replaced()

    def _build(self) -> None:
        space = tokens().space
        first = QHBoxLayout()
        first.setSpacing(space[3])
        first.addWidget(self.fields, 1)
        first.addWidget(self.tools)
        why = QHBoxLayout()
        why.setSpacing(space[3])
        why.addWidget(self.reason, 1)
        why.addWidget(self.by_words)
        why.addWidget(self.bring)
        column = QVBoxLayout(self)
        side = tokens().padding.side_panel
        column.setContentsMargins(side, space[3], side, space[3])
        column.setSpacing(space[2] + 2)
        column.addLayout(first)
        column.addWidget(self.naming)
        column.addLayout(why)
        column.addWidget(self.documents)
        column.addWidget(self.filters)
        self.filters.put_beside_the_note(self.notes)

    def _connect(self) -> None:
        session = self._session
        self.fields.mode_changed.connect(self.mode_changed)
        self.fields.text_submitted.connect(self._on_submitted)
        self.fields.history_wanted.connect(self._open_history)
        self.fields.results_wanted.connect(self.results_wanted)
        self.finder.chosen.connect(self._on_chosen)
        self.ways.match_changed.connect(self._on_match)
        self.ways.like_by_changed.connect(self._on_like_by)
        self.tools.history_wanted.connect(self._open_history_there)
        self.tools.saved_wanted.connect(self._open_saved)
        self.menus.saving_wanted.connect(self.naming.begin_saving)
        self.naming.saved.connect(self.notes.tell)
        self.naming.ended.connect(self.tools.saved_button.setFocus)
        self.by_words.clicked.connect(self._search_by_words)
        self.bring.clicked.connect(self.vectors_wanted)
        self.documents.removed.connect(self._on_removed)
        self.documents.unlike_removed.connect(self._on_unlike_removed)
        self.documents.target_removed.connect(self._on_target_removed)
        self.documents.target_opened.connect(self._on_target_opened)
        self.documents.opened.connect(session.show_document)
        for signal in (session.sae_changed, session.project_changed, session.vectors_changed):
            signal.connect(self._on_search_replaced)

    @property
    def asks_for_documents(self) -> bool:
        """Whether documents are chosen here, rather than a text typed."""
        return self.mode.current == DOCUMENTS

    @property
    def asks_for_a_feature(self) -> bool:
        """Whether a feature or a family is chosen here."""
        return self.mode.current == FEATURE

    def take_keyboard(self) -> None:
        """Puts the keyboard into the query, its text selected."""
        self.fields.take_keyboard()

    # -- the session ---------------------------------------------------------------------------

    def _on_search_replaced(self) -> None:
        self.fields.fit(self._session.sae is not None)
        if self._session.search is self._search:
            return
        self.fields.stop()
        before = None if self._search is None else CarriedSearch.of(self._search)
        text = self.field.text().strip()
        self._search = self._session.search
        self._show_others(SearchState())
        self._on_text_problem()
        if self._search is None:
            self.fields.show_text("")
            self.fields.set_mode(TEXT)
            return
        self._search.state_changed.connect(self._on_state)
        self._search.text_problem_changed.connect(self._on_text_problem)
        self._search.answered.connect(self._on_answer)
        self._search.failed.connect(self._on_no_answer)
        self.ways.show_ways(self._search.state.match, self._search.state.like_by)
        self.fields.show_words(self._search.state.match == "words")
        if self._search.state.asks_something:
            self._on_state(self._search.state)
        elif self._session.project is not None:
            before = before or CarriedSearch(SearchState(), "")
            if text and text != before.state.text and self.isVisible():
                # Typed, but not asked yet.
                before = CarriedSearch(before.state.asking(text=text), before.sae)
            before.go_on(self._search, self._session.project)

    def _rows(self, ids: tuple[int, ...]) -> list[DocumentRow]:
        project = self._session.project
        try:
            return [] if project is None or not ids else project.documents.rows(ids)
        except KnownError:
            return []  # The project was closed meanwhile.

    def _on_text_problem(self) -> None:
        """Where typed text cannot be searched for by meaning, it can by words alone."""
        problem = "" if self._search is None else self._search.text_problem
        by_words = self._search is not None and self._search.state.match != "meaning"
        blocked = bool(problem) and not by_words
        had_keyboard = self.field.hasFocus()
        self.field.setEnabled(self._search is not None and not blocked)
        self.mode.setVisible(not blocked)
        self.reason.setText(problem)
        self.reason.setVisible(bool(problem))
        self.by_words.setVisible(blocked)
        self.bring.setVisible(bool(problem) and _can_bring_vectors(self._session))
        if blocked:
            self.fields.stop()
            self.fields.show_text("")
            if self.mode.current == TEXT:
                self.fields.set_mode(DOCUMENTS)
        if blocked and had_keyboard:
            self.take_keyboard()
        self.mode_changed.emit()

    def _on_state(self, state: SearchState) -> None:
        self._show_others(state)
        self.ways.show_ways(state.match, state.like_by)
        if self._search is not None and self._search.text_problem:
            self._on_text_problem()
        if state.target is not None:
            self.fields.set_mode(FEATURE)
        elif state.like:
            self.fields.set_mode(DOCUMENTS)
        elif state.text and self.field.isEnabled():
            self.fields.set_mode(TEXT)
        self.fields.show_words(state.match == "words")
        if not self.fields.is_typing and state.text != self.field.text().strip():
            self.fields.show_text(state.text)
        # Those of the answer that is still shown, until there is another or none.
        search = self._search
        self._show_notes(search.answer if search is not None and state.asks_something else None)

    def _show_others(self, state: SearchState) -> None:
        """The chips of what is searched with besides a text."""
        shown = (state.like, state.unlike, state.target)
        if shown != self._shown:
            self._shown = shown
            name = "" if state.target is None else self._names(state.target)
            self.documents.show_documents(self._rows(state.like), self._rows(state.unlike), name)

    def _on_answer(self, answer: SearchAnswer) -> None:
        self._show_notes(answer)

    def _on_no_answer(self, _sentence: str) -> None:
        self._show_notes(None)

    def _show_notes(self, answer: SearchAnswer | None) -> None:
        """What is to be said of the text and of the answer that is shown, if there is one."""
        state = SearchState() if self._search is None else self._search.state
        notes = () if answer is None else answer.notes
        self.notes.show_notes([*notes, *hints_of_text(state)])

    # -- what a person does --------------------------------------------------------------------

    def _on_chosen(self, document_id: int) -> None:
        if self._search is not None:
            self._search.set_like((*self._search.state.like, document_id))

    def _on_removed(self, document_id: int) -> None:
        if self._search is not None:
            left = [i for i in self._search.state.like if i != document_id]
            self._search.set_like(left)
            if not left:
                self.take_keyboard()

    def _on_unlike_removed(self, document_id: int) -> None:
        if self._search is not None:
            self._search.set_unlike([i for i in self._search.state.unlike if i != document_id])
            if not self._search.state.like and not self._search.state.unlike:
                self.take_keyboard()

    def _on_target_removed(self) -> None:
        if self._search is not None:
            self._search.set_target(None)
            self.take_keyboard()

    def _on_target_opened(self) -> None:
        target = None if self._search is None else self._search.state.target
        if target is not None:
            self._session.show_feature(target if isinstance(target, int) else target.root)

    def _on_match(self, match: str) -> None:
        if self._search is not None:
            self._search.set_match(match)  # type: ignore[arg-type]

    def _on_like_by(self, like_by: str) -> None:
        if self._search is not None:
            self._search.set_like_by(like_by)  # type: ignore[arg-type]

    def _search_by_words(self) -> None:
        """The way out where nobody knows the encoder."""
        self._on_match("words")
        self._on_text_problem()
        self.fields.set_mode(TEXT)
        self.take_keyboard()

    def _on_submitted(self, text: str, is_final: bool) -> None:
        if self._search is not None:
            is_known = bool(text.strip()) and text.strip() == self._search.state.text
            self._search.set_text(text, final=is_final)
            if is_final and is_known:
                self.results_wanted.emit()

    def _open_history(self) -> None:
        self.menus.open_history(self.fields.current)

    def _open_history_there(self) -> None:
        self.menus.open_history(self.tools.history_button)

    def _open_saved(self, place: QPoint) -> None:
        self.menus.open_saved(place)


def _can_bring_vectors(session: Session) -> bool:
    """Whether the vectors came from a file, and the project may have others."""
    project, vectors = session.project, session.vectors
    if project is None or project.read_only or vectors is None:
        return False
    return bool(vectors.record.inputs.get("imported"))
