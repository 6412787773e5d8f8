"""The Search workspace: a query, its features as sliders, and what they do to the results."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from saedesk.jobs.search_documents import ResultRow, SearchAnswer
from saedesk.session.live_search import UNEXPECTED, LiveSearch
from saedesk.session.more_like_this import search_like, search_unlike
from saedesk.session.search_history import search_book
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.session.target_names import TargetNames
from saedesk.ui.corpus_panels.vector_import_dialog import open_vector_import_dialog
from saedesk.ui.document_words import field_types
from saedesk.ui.search_panels.answer_view import AnswerView
from saedesk.ui.search_panels.area_walk import AreaWalk
from saedesk.ui.search_panels.kept_splitter import KeptSplitter
from saedesk.ui.search_panels.query_bar import TEXT, QueryBar
from saedesk.ui.search_panels.query_menus import words_of_last
from saedesk.ui.search_panels.result_area import ResultArea
from saedesk.ui.search_panels.result_leaving import ResultLeaving
from saedesk.ui.search_panels.result_sentences import ResultSentences
from saedesk.ui.search_panels.result_ways_out import (
    AGAIN,
    NOT_ASKED_YET,
    nothing_asked,
    take_way_out,
    way_out,
)
from saedesk.ui.search_panels.score_explanation import ScoreExplanation
from saedesk.ui.search_panels.score_parts import place_told
from saedesk.ui.search_panels.shown_result import DocumentCaption, decimals_for
from saedesk.ui.search_panels.steering_panel import SteeringPanel
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.empty_panel import EmptyPanel
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.keyboard_place import has_keyboard
from saedesk.ui.widgets.text_label import LinkButton

CALM_S = 0.2
"""An answer so long after the one before is explained at once."""
EXPLAINED_MS = 40
"""Others: so long after the results the sum behind one follows, so that they are painted first."""
EXPLAINED_AT_LEAST_MS = 250
"""Or so long after the first of many, while something is dragged."""
NARROW_PANEL = 11
"""Width of the steering panel in a narrow window, in units of 32 device-independent pixels."""
WIDEST_PANEL = 20
"""Widest steering panel, in the same unit."""
PANEL_SETTING = "search steering width"


class SearchWorkspace(QWidget):
    """Puts the panels together and carries what one says to the other."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search: LiveSearch | None = None
        self._prepared: LiveSearch | None = None
        self._chosen_before: tuple[SearchState, tuple[int | None, bool]] | None = None
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = QueryBar(session)
        self.steering = SteeringPanel(session)
        self.results = ResultArea()
        self.explanation = ScoreExplanation()
        self.missing = EmptyPanel("", "Go to Corpus")
        self.missing.activated.connect(self._fill)
        self.by_words = LinkButton("Search their words meanwhile")
        self.by_words.clicked.connect(session.search_words)
        self.missing.add_below(self.by_words)
        self.sentence = EmptyPanel("")
        self._way_out = ""
        self._names = TargetNames(session)
        self._sentences = ResultSentences(session, self)
        self.leaving = ResultLeaving(session, self)
        # The lists are painted first, the sum right after them: a drag is followed by the lists.
        self._to_explain: tuple[ResultRow | None, bool] = (None, True)
        self._waits_since = self._answered_at = 0.0
        self._after_painting = QTimer(self)
        self._after_painting.setSingleShot(True)
        self._after_painting.timeout.connect(self._explain)
        self._build()
        self._connect()
        self._on_search_replaced()

    def _build(self) -> None:
        settings = self._session.settings
        self._answer_view = AnswerView(self.results, self.explanation, settings)
        answers = QWidget()
        self._answers = QStackedLayout(answers)
        self._answers.addWidget(self.sentence)
        self._answers.addWidget(self._answer_view)
        across = Qt.Orientation.Horizontal
        self._below = KeptSplitter(across, "Steering and results", settings, PANEL_SETTING, kept=0)
        self._below.addWidget(self.steering)
        self._below.addWidget(answers)
        self._below.setStretchFactor(1, 1)
        self._view = QWidget()
        column = QVBoxLayout(self._view)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(Hairline())
        column.addWidget(self._below, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.missing)
        self._pages.addWidget(self._view)
        self.steering.setMinimumWidth(NARROW_PANEL * tokens().space[8])
        self.steering.setMaximumWidth(WIDEST_PANEL * tokens().space[8])
        self._below.set_usual(tokens().layout.steering)

    def _connect(self) -> None:
        session = self._session
        for signal in (session.sae_changed, session.project_changed, session.vectors_changed):
            signal.connect(self._on_search_replaced)
        self.results.explained.connect(self._on_explained)
        self.results.document_opened.connect(session.show_document)
        self.results.like_wanted.connect(self._on_like)
        self.results.unlike_wanted.connect(self._on_unlike)
        self.results.more_wanted.connect(self._on_more_results)
        self.results.copy_wanted.connect(self.leaving.copy_results)
        self.results.titles_copy_wanted.connect(self.leaving.copy_titles)
        self.explanation.feature_opened.connect(session.show_feature)
        self._sentences.found.connect(self.explanation.show_sentences)
        self._sentences.failed.connect(self.explanation.show_no_sentences)
        self.sentence.activated.connect(self._take_way_out)
        tools = self.bar.tools
        tools.copy_wanted.connect(self.leaving.copy_results)
        tools.script_wanted.connect(self.leaving.copy_script)
        tools.titles_wanted.connect(self.results.copy_titles)
        tools.more_wanted.connect(self._on_more)
        tools.less_wanted.connect(self._on_less)
        tools.export_wanted.connect(self.leaving.choose_and_save)
        self.bar.mode_changed.connect(self._on_mode)
        self.bar.fields.typed.connect(self._on_typed)
        self.bar.vectors_wanted.connect(self._bring_vectors)
        self.bar.results_wanted.connect(self._go_to_results)
        self.steering.keyboard_left.connect(self.bar.take_keyboard)
        self.leaving.done.connect(self.bar.notes.tell)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._find)
        AreaWalk(self, (self.bar, self.steering, self.results, self.explanation))

    def focus_first(self) -> None:
        """Puts the keyboard where work begins: a slider just added, else the query."""
        if self._pages.currentWidget() is self.missing:
            self.missing.button.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not self.steering.focus_added():
            self.bar.take_keyboard()

    def _find(self) -> None:
        """Puts the keyboard into the query, or where the way to one begins."""
        if self._pages.currentWidget() is self.missing:
            self.focus_first()
        else:
            self.bar.take_keyboard()

    def _go_to_results(self) -> None:
        """Puts the keyboard on the first result."""
        if self._answers.currentWidget() is self._answer_view:
            self.results.take_keyboard(first=True)

    # -- the session ---------------------------------------------------------------------------

    def _on_search_replaced(self) -> None:
        session = self._session
        self._pages.setCurrentWidget(self.missing if session.search is None else self._view)
        self._say_what_is_missing()
        if session.search is self._search:
            return
        self._keep_choice()
        self._search = session.search
        self.explanation.set_book(session.book, self._names)
        fields = () if session.project is None else session.project.documents.fields()
        self.explanation.set_fields(field_types(fields))
        self.results.set_source(DocumentCaption(fields), session.sae is not None, self._names)
        self._show_no_query()
        if self._search is not None:
            self._search.answered.connect(self._on_answer)
            self._search.state_changed.connect(self._on_state)
            self._search.failed.connect(self._on_failed)
            self._search.query_changed.connect(self._on_query)
            self._search.busy_changed.connect(self._on_busy)
            if self._search.answer is not None:
                self._on_answer(self._search.answer)
            elif self._search.state.asks_something:
                self._on_busy(True)
            self._prepare()

    def _keep_choice(self) -> None:
        """What is chosen stays chosen where the same question is asked of other vectors."""
        if self._search is None or self._session.search is None:
            self._chosen_before = None
        elif self._search.query is not None:
            self._chosen_before = self._search.state, self.results.choice

    def _say_what_is_missing(self) -> None:
        project = self._session.project
        self.by_words.setVisible(project is not None and project.documents.count() > 0)
        if self._session.project is None:
            self.missing.set_text("Search finds documents by meaning. Open a project first.", "")
            return
        has_documents = self._session.project.documents.count() > 0
        self.missing.set_text(
            "Search finds documents by meaning, so it needs their vectors."
            if has_documents
            else "Search finds documents by meaning. Import some first.",
            "Embed the documents" if has_documents else "Import documents",
        )

    def _fill(self) -> None:
        self._session.show("corpus")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._prepare()

    def _prepare(self) -> None:
        """Load the embedding model once, as soon as somebody looks at the search."""
        if self.isVisible() and self._search is not None and self._prepared is not self._search:
            self._prepared = self._search
            self._search.prepare()

    def _on_query(self, query: object) -> None:
        self.results.forget()
        before, self._chosen_before = self._chosen_before, None
        if before is not None and self._search is not None:
            state, choice = before
            if state.asks_the_same(self._search.state):
                self.results.choose_again(choice)
        if query is None:
            self._show_no_query()

    def _on_state(self, state: SearchState) -> None:
        # The answer to this comes first; its explanation asks for sentences again.
        self._sentences.drop()
        has_results = self._answers.currentWidget() is self._answer_view
        self.bar.tools.set_state(state.asks_something, has_results)

    def _on_answer(self, answer: SearchAnswer) -> None:
        if not answer.plain:
            self._say("No document is close to this query.")
            return
        assert self._search is not None
        had_keyboard = has_keyboard(self.sentence)
        compared = self._search.compared
        self.results.show_answer(answer, self._search.state, compared)
        self.results.show_more(self._search.more_results)
        self._answers.setCurrentWidget(self._answer_view)
        if had_keyboard:
            self.results.take_keyboard()
        self.bar.tools.set_state(True, True)
        state = self._search.state
        search_book(self._session).remember(state.kept_request, state.settings)

    def _on_explained(self, result: ResultRow | None, is_steered: bool) -> None:
        self._to_explain = (result, is_steered)
        now = time.monotonic()
        is_alone, self._answered_at = now - self._answered_at > CALM_S, now
        if is_alone and not (self._search is not None and self._search.is_dragging):
            self._explain()
            return
        # While a slider is dragged it follows some times a second, not after each answer.
        if not self._after_painting.isActive():
            self._waits_since = now
        waited = round(1000 * (now - self._waits_since))
        self._after_painting.start(max(0, min(EXPLAINED_MS, EXPLAINED_AT_LEAST_MS - waited)))

    def _explain(self) -> None:
        result, is_steered = self._to_explain
        answer = self.results.answer_of(is_steered)
        setting = self.results.explained_setting
        is_steered = is_steered or bool(setting)
        decimals = 3 if answer is None else decimals_for(answer)
        places = place_told(result, answer) if result and answer and is_steered else ""
        self.explanation.show_result(result, is_steered, decimals, places, setting)
        if result is None or answer is None or self._search is None:
            self._sentences.drop()
        else:
            self._sentences.ask(result, answer, self._search.state, is_steered)

    # -- more and less like documents --------------------------------------------------------------

    def _on_like(self, documents: tuple[int, ...], adds: bool) -> None:
        search_like(self._session, documents, add=adds)
        if not adds:
            self.bar.take_keyboard()

    def _on_unlike(self, documents: tuple[int, ...]) -> None:
        search_unlike(self._session, documents)

    def _on_more_results(self) -> None:
        if self._search is not None:
            self._search.show_more()

    def _on_more(self) -> None:
        self._on_like(self.results.chosen_documents, True)

    def _on_less(self) -> None:
        self._on_unlike(self.results.chosen_documents)

    # -- without results ---------------------------------------------------------------------------

    def _on_busy(self, busy: bool) -> None:
        if busy and self._answers.currentWidget() is self.sentence:
            self._say(self.bar.filters.busy_sentence())

    def _on_failed(self, sentence: str) -> None:
        state = None if self._search is None else self._search.state
        is_fault = sentence == UNEXPECTED
        self._say(sentence, AGAIN if is_fault else "" if state is None else way_out(state))

    def _take_way_out(self) -> None:
        if self._search is not None and not self._search.state.asks_something:
            self.bar.menus.run_last()
        elif self._search is not None:
            take_way_out(self._search, self._way_out)

    def _on_mode(self) -> None:
        if self._search is None or not self._search.state.asks_something:
            self._show_no_query()

    def _on_typed(self, text: str) -> None:
        asks = self._search is not None and self._search.state.asks_something
        if asks or self._answers.currentWidget() is not self.sentence:
            return
        if text.strip():
            self._say(NOT_ASKED_YET)
        else:
            self._show_no_query()

    def _show_no_query(self) -> None:
        kind = self.bar.mode.current
        again = words_of_last(self._session, self._names) if kind == TEXT else ""
        self._say(nothing_asked(kind, self._session.sae is not None), again)

    def _say(self, sentence: str, way: str = "") -> None:
        had_keyboard = has_keyboard(self._answers.currentWidget())
        self._way_out = way
        self.sentence.set_text(sentence, way)
        self._answers.setCurrentWidget(self.sentence)
        if had_keyboard and not has_keyboard(self.sentence.button):
            # The next control in line may be one that leaves the search.
            self.bar.take_keyboard()
        asks = self._search is not None and self._search.state.asks_something
        self.bar.tools.set_state(asks, False)

    def _bring_vectors(self) -> None:
        open_vector_import_dialog(self._session, None, self.window())

    # -- geometry --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.window().width() < tokens().layout.narrow_below
        unit = tokens().space[8]
        self._below.set_usual(NARROW_PANEL * unit if narrow else tokens().layout.steering)
