"""The right column of Features: neighbours, family, categories, what differs, time and place."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.project.document_filter import DocumentFilter
from saedesk.session.family_book import family_book
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.session import Message, Session
from saedesk.ui.features_panels.field_rows import (
    category_rows,
    difference_rows,
    time_note,
)
from saedesk.ui.features_panels.neighbour_sections import NeighbourSections, section
from saedesk.ui.features_panels.place_section import PlaceSection
from saedesk.ui.features_panels.share_rows import ShareRows
from saedesk.ui.features_panels.surroundings import (
    FieldsOfFeature,
    FieldsQuestion,
    Near,
    NearQuestion,
)
from saedesk.ui.features_panels.time_plot import TimePlot
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

_DIFFERENCES = (
    "Difference between the documents in which the feature fires and all others: of the share of "
    "a category, or of how often a number is the larger one. 0 is none, 1 the most; the line is "
    "the 95 % interval."
)


class _ReferenceMark(QWidget):
    """The mark that stands for the whole corpus in the bars."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(2, tokens().space[3])

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), shade("text1"))


class FeatureAside(ScrollArea):
    """Asks the query lane what is near the selected feature, then what the fields say of it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        content = QWidget()
        content.setProperty("ground", "panel")
        super().__init__(content, "panel", "Surroundings of the feature", parent)
        self._session = session
        self._near: Near | None = None
        self._shown: FieldsOfFeature | None = None
        self._names: tuple[str, ...] = ()
        """Of the fields in the chooser."""
        self._misses_edits = False
        self._near_reader = FeatureReader(session, "Looking around the feature", self)
        self._near_reader.answered.connect(self._on_near)
        self._near_reader.failed.connect(self._on_near_failure)
        self._field_reader = FeatureReader(session, "Comparing the fields", self)
        self._field_reader.answered.connect(self._on_fields)
        self._field_reader.failed.connect(self._tell)
        self.neighbours = NeighbourSections(session)
        self.nearest, self.together = self.neighbours.nearest, self.neighbours.together
        self.categories = ShareRows("By category")
        self.categories.chosen.connect(self._show_category)
        self.differences = ShareRows("Differs most from the rest")
        self.differences.chosen.connect(self._show_value)
        self.field = ChoiceField(accessible_name="Category field", ground="panel")
        self.field.changed.connect(self._on_field)
        self.time = TimePlot()
        self.place = PlaceSection(session)
        self._build(content)
        session.feature_selected.connect(self._ask)
        session.sae_changed.connect(self._on_sae)
        session.documents_changed.connect(self._on_sae)
        session.project_changed.connect(self._on_project)
        self._families = family_book(session)
        self._families.families_changed.connect(self._on_families)
        self._on_sae()

    def _build(self, content: QWidget) -> None:
        pad, space = tokens().padding.aside, tokens().space
        self.time_head = SectionHead("Over time", "share of each year’s documents")
        differ = SectionHead("Differs most from the rest", "95 % interval")
        differ.note.set_explanation(_DIFFERENCES)
        self.sections = {
            **self.neighbours.sections,
            "categories": section(self._category_head(), self._category_body()),
            "differences": section(differ, self.differences),
            "time": section(self.time_head, self.time),
            "place": section(self.place.head, self.place),
        }
        column = QVBoxLayout(content)
        column.setContentsMargins(pad, space[4] + 1, pad, space[2])
        column.setSpacing(0)
        for part in self.sections.values():
            part.hide()
            column.addWidget(part)
        column.addStretch(1)

    def _category_head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        self.category_title = TextLabel("By category", "head of a section", elide=True)
        row.addWidget(self.category_title, 1)
        row.addWidget(_ReferenceMark())
        row.addWidget(TextLabel("whole corpus", "caption", "text3"))
        return head

    def _category_body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[1])
        column.addWidget(self.field)
        column.addWidget(self.categories)
        return body

    # -- asking ------------------------------------------------------------------------------

    @Slot()
    def _on_sae(self) -> None:
        # Fields of documents that were there may have come with new ones, too.
        self._ask(self._session.feature)

    @Slot()
    def _on_project(self) -> None:
        if self._session.project is None:
            self._near = self._shown = None
            self._on_sae()

    @Slot()
    def _on_families(self) -> None:
        """Families were found or edited; those that are only tried are not for this page."""
        self._misses_edits |= not self._families.is_trying
        if self._misses_edits and self.isVisible():
            self._on_sae()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._misses_edits:
            self._on_sae()

    @Slot(object)
    def _ask(self, latent: int | None) -> None:
        self._field_reader.drop()
        self._misses_edits = False
        if self._session.sae is not None and latent is not None:
            self._near_reader.read(NearQuestion(latent))
        else:
            self._near_reader.drop()

    @Slot(str)
    def _on_near_failure(self, sentence: str) -> None:
        self._tell(sentence)
        if self._session.feature is not None:
            self._field_reader.read(FieldsQuestion(self._session.feature))

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        self._session.message.emit(Message("error", sentence))

    # -- showing -----------------------------------------------------------------------------

    @Slot(object)
    def _on_near(self, answer: object) -> None:
        assert isinstance(answer, Near)
        if answer.latent != self._session.feature:
            return
        self._near = answer
        self.neighbours.show_near(answer)
        self._field_reader.read(FieldsQuestion(answer.latent))

    @Slot(object)
    def show_labels(self, _: object = None) -> None:
        """Show the neighbours with the labels of the moment."""
        if self._near is not None:
            self.neighbours.show_near(self._near)

    @Slot(object)
    def _on_fields(self, answer: object) -> None:
        assert isinstance(answer, FieldsOfFeature)
        if answer.latent != self._session.feature:
            return
        self._shown = answer
        if tuple(answer.shares) != self._names:
            self._names = tuple(answer.shares)
            titles = [shown_name(name) for name in self._names]
            self.field.set_items(titles, titles[0] if titles else None)
        self._show_shares()
        differences = difference_rows(answer.answers.contrasts)
        self.differences.set_rows(differences)
        self.sections["differences"].setVisible(bool(differences))
        over_time = answer.answers.over_time
        has_time = over_time is not None and self.time.show_shares(over_time.edges, over_time.share)
        self.sections["time"].setVisible(has_time)
        if over_time is not None:
            self.time_head.set_note(time_note(over_time.edges))
        self.sections["place"].setVisible(answer.places is not None)
        if answer.places is not None:
            self.place.show_places(answer.latent, answer.places, answer.marks)

    @property
    def _category(self) -> str:
        """The field that is broken down; "" without any."""
        at = self.field.currentIndex()
        return self._names[at] if 0 <= at < len(self._names) else ""

    @Slot(str)
    def _on_field(self, _: str) -> None:
        self._show_shares()

    def _show_shares(self) -> None:
        if self._shown is None:
            return
        name = self._category
        shares = self._shown.shares.get(name, [])
        self.categories.set_rows(category_rows(shares))
        self.sections["categories"].setVisible(bool(shares))
        several = len(self._names) > 1
        self.field.setVisible(several)
        self.category_title.setText("By category" if several else f"By {shown_name(name).lower()}")

    @Slot(object)
    def _show_category(self, value: str) -> None:
        self._show_value((self._category, value))

    @Slot(object)
    def _show_value(self, chosen: object) -> None:
        assert isinstance(chosen, tuple)
        field, value = chosen
        sae, latent = self._session.sae, self._session.feature
        if sae is None or latent is None or self._shown is None:
            return
        rows, _ = sae.activations.latent(latent)
        ids = np.sort(self._session.document_ids(rows)).astype(np.int64)
        wanted = DocumentFilter(categories={field: (value,)}, document_ids=ids)
        self._session.show_documents(wanted)

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)
