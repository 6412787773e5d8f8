"""The conditions in force as chips, the way to add one, and what the answer says about itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.jobs.search_documents import SearchAnswer
from saedesk.jobs.search_facets import SAID_TYPES
from saedesk.project.artifact_readers import Vectors
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.live_search import LiveSearch
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.ui.search_panels.filter_cards import CategoryCard, FilterCard, RangeCard
from saedesk.ui.search_panels.filter_conditions import (
    FILTERED_TYPES,
    Condition,
    conditions_of,
    others_of,
    shown_name,
    with_condition,
    without_other,
)
from saedesk.ui.search_panels.filter_parts import AddFilterButton, AnswerNote
from saedesk.ui.search_panels.filter_values import FieldQuestion, FieldValues, KnownFacets
from saedesk.ui.search_panels.filter_words_card import WordsCard
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.chips import FilterChip


class FilterRow(QWidget):
    """Chips, “+ Filter”, and at the right how many documents pass and how long it took."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search: LiveSearch | None = None
        self._wanted: DocumentFilter | None = None
        self._busy = False
        self._facets: tuple[Vectors, str, KnownFacets] | None = None
        self.chips: list[FilterChip] = []
        self.card: FilterCard | None = None
        """The card that is open."""
        self._reading = LaneQuestion(session, "Reading the values of a field", self)
        self._reading.answered.connect(self._on_values)
        self._reading.failed.connect(self._on_no_values)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(tokens().space[2])
        self.add_button = AddFilterButton()
        self.add_button.clicked.connect(self._open_menu)
        self.note = AnswerNote()
        self._row.addWidget(self.add_button)
        self._row.addWidget(self.note, 1)
        for signal in (session.sae_changed, session.project_changed, session.vectors_changed):
            signal.connect(self._on_search_replaced)
        session.documents_changed.connect(self._on_documents)
        self._on_search_replaced()

    def put_beside_the_note(self, widget: QWidget) -> None:
        """Gives a widget the room between the filters and what the answer says about itself."""
        self._row.setStretchFactor(self.note, 0)
        self._row.insertWidget(self._row.indexOf(self.note), widget, 1)

    # -- the session ---------------------------------------------------------------------------

    def _on_search_replaced(self) -> None:
        if self._session.search is self._search:
            return
        if self.card is not None:
            self.card.close()
        self._search = self._session.search
        self._busy = False
        if self._search is not None:
            self._search.state_changed.connect(self._on_state)
            self._search.query_changed.connect(self._on_query)
            self._search.answered.connect(self._on_answer)
            self._search.failed.connect(self._on_failed)
            self._search.busy_changed.connect(self._on_busy)
        self._show_conditions(
            DocumentFilter() if self._search is None else self._search.state.wanted
        )
        self._show_note(None)

    def _on_documents(self) -> None:
        """New documents may have brought new fields."""
        self._show_conditions(self._wanted or DocumentFilter())

    def _on_state(self, state: SearchState) -> None:
        if state.wanted is not self._wanted:
            self._show_conditions(state.wanted)

    def _on_query(self, query: object) -> None:
        if query is None:
            self._show_note(None)

    def _on_answer(self, answer: SearchAnswer) -> None:
        if not self._busy:
            self._show_note(answer)

    def _on_failed(self, _sentence: str) -> None:
        self._show_note(None)

    def _on_busy(self, busy: bool) -> None:
        if busy == self._busy:
            return
        self._busy = busy
        if busy:
            self._set_note(self.busy_sentence())
        elif self._search is not None:
            self._show_note(self._search.answer)

    def busy_sentence(self) -> str:
        """What the search is waiting for."""
        tasks = self._session.query.tasks
        if any(task.title == "Loading the embedding model" for task in tasks):
            return "Loading the embedding model takes a few seconds."
        return "Reading the query."

    def _show_note(self, answer: SearchAnswer | None) -> None:
        if answer is None:
            self._set_note("")
            return
        project = self._session.project
        is_filtered = self._wanted is not None and not self._wanted.is_empty
        shown = f"{answer.passed:,} documents."
        if is_filtered and project is not None:
            shown = f"{answer.passed:,} of {self._total():,} documents pass the filters."
        how = "" if answer.exact else ", approximate"
        if answer.recall is not None:
            how = f". Recall {answer.recall:.3f} of an exact search"
        self._set_note(f"{shown} Answered in {max(1, round(answer.milliseconds)):,} ms{how}.")

    def _total(self) -> int:
        vectors = self._vectors()
        return 0 if vectors is None else len(vectors.values)

    def _set_note(self, text: str) -> None:
        self.note.set_text(
            text,
            "The time is the one from the sliders to the answer. “Approximate” means that an "
            "index proposed the candidates; it may miss a document. Recall is the share of the "
            "ten best documents that the index found when it was measured against an exact "
            "search; from 0.98 on nothing is missed that anybody would notice.",
        )

    # -- chips ---------------------------------------------------------------------------------

    def _show_conditions(self, wanted: DocumentFilter) -> None:
        self._wanted = wanted
        kept = next((at for at, chip in enumerate(self.chips) if chip.hasFocus()), -1)
        for chip in self.chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = []
        for at, condition in enumerate(conditions_of(wanted)):
            chip = FilterChip(condition.text(), removable=True, tooltip="Change or remove")
            chip.setAccessibleName(f"Filter: {condition.text()}")
            chip.setProperty("field", condition.field)
            chip.clicked.connect(self._on_chip)
            chip.removed.connect(self._on_chip_removed)
            self._row.insertWidget(at, chip)
            self.chips.append(chip)
        for name, text in others_of(wanted).items():
            chip = FilterChip(text, removable=True, tooltip="Only these documents are searched")
            chip.setAccessibleName(f"Filter: {text}")
            chip.setProperty("other", name)
            chip.removed.connect(self._on_other_removed)
            self._row.insertWidget(len(self.chips), chip)
            self.chips.append(chip)
        fields = () if self._session.project is None else self._session.project.documents.fields()
        self.add_button.setEnabled(any(field.type in FILTERED_TYPES for field in fields))
        if kept >= 0:
            # The chip of its place, else what is left; Qt would send the keyboard far away.
            left = [*self.chips, self.add_button]
            after = left[min(kept, len(left) - 1)]
            after.show()
            after.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_chip(self) -> None:
        self.edit(str(self.sender().property("field")), self.sender())

    def _on_chip_removed(self) -> None:
        self._apply(Condition(str(self.sender().property("field"))))

    def _on_other_removed(self) -> None:
        if self._search is not None:
            name = str(self.sender().property("other"))
            self._search.set_filter(without_other(self._search.state.wanted, name))

    def _open_menu(self) -> None:
        project = self._session.project
        if project is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for field in project.documents.fields():
            if field.type in FILTERED_TYPES:
                action = menu.addAction(shown_name(field.name).replace("&", "&&"))
                action.setData(field.name)
        menu.triggered.connect(self._on_field)
        menu.popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))

    def _on_field(self, action) -> None:  # type: ignore[no-untyped-def]
        self.edit(action.data(), self.add_button)

    def edit(self, name: str, under: QWidget) -> None:
        """Opens the card that sets the condition on a field."""
        project = self._session.project
        if project is None or self._wanted is None:
            return
        definition = next((f for f in project.documents.fields() if f.name == name), None)
        if definition is None:
            return
        card = self._make_card(definition)
        card.applied.connect(self._apply)
        card.closed.connect(self._on_card_closed)
        self.card = card
        self._read_values(definition, self._wanted.field_words.get(name, ""))
        card.open_under(under)

    def _read_values(self, definition: FieldDefinition, words: str = "") -> None:
        """Counts what the documents that pass the other conditions say in a field."""
        facets = self._known_facets()
        if facets is not None and self._wanted is not None:
            others = with_condition(self._wanted, Condition(definition.name))
            self._reading.ask(FieldQuestion(facets, definition, others, words))

    def _known_facets(self) -> KnownFacets | None:
        """Those of the vectors that are searched; read anew for others and after an import."""
        project, vectors = self._session.project, self._vectors()
        if project is None or vectors is None:
            return None
        known = self._facets
        if known is None or known[0] is not vectors or known[1] != project.documents.corpus_hash():
            facets = KnownFacets(project, vectors.document_ids)
            known = self._facets = (vectors, project.documents.corpus_hash(), facets)
        return known[2]

    def _vectors(self) -> Vectors | None:
        return None if self._search is None else self._search.engine.vectors

    def _make_card(self, definition: FieldDefinition) -> FilterCard:
        assert self._wanted is not None
        name = definition.name
        if definition.type is FieldType.CATEGORY:
            return CategoryCard(definition, self._wanted.categories.get(name, ()), self)
        if definition.type in SAID_TYPES:
            card = WordsCard(definition, self._wanted.field_words.get(name, ""), self)
            card.typed.connect(self._on_words)
            return card
        return RangeCard(definition, self._wanted.ranges.get(name, (None, None)), self)

    @Slot(str)
    def _on_words(self, words: str) -> None:
        if self.card is not None and self.sender() is self.card:
            self._read_values(self.card.definition, words)

    @Slot(object)
    def _on_values(self, values: FieldValues) -> None:
        if self.card is not None:
            self.card.set_values(values)

    @Slot(str)
    def _on_no_values(self, sentence: str) -> None:
        if self.card is not None:
            self.card.show_failure(sentence)

    @Slot()
    def _on_card_closed(self) -> None:
        if self.sender() is self.card:
            self.card = None
            self._reading.drop()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        # The card lies in the window and would stay over another workspace.
        if event.spontaneous():
            return
        if self.card is not None and self.window().isVisible():
            self.card.apply()
        if self.card is not None:
            self.card.close()

    def _apply(self, condition: Condition) -> None:
        if self._search is None:
            return
        wanted = self._search.state.wanted
        name = condition.field
        before = next((one for one in conditions_of(wanted) if one.field == name), None)
        # A card that was only looked at is no step.
        if condition != before and (before is not None or not condition.is_empty):
            self._search.set_filter(with_condition(wanted, condition))
