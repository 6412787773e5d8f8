"""The right column of Features: neighbours, categories, time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.features.field_breakdown import CategoryShare
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Message, Session
from saedesk.ui.feature_names import name_in_list
from saedesk.ui.features_panels.number_texts import (
    cosine_text,
    documents_text,
    share_text,
)
from saedesk.ui.features_panels.share_rows import ShareRow, ShareRows
from saedesk.ui.features_panels.surroundings import (
    FieldCache,
    Surroundings,
    SurroundingsQuestion,
)
from saedesk.ui.features_panels.time_plot import TimePlot
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.painting import shade
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel


class _ReferenceMark(QWidget):
    """The mark that stands for the whole corpus in the bars."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(2, tokens().space[3])

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), shade("text1"))


class _Section(QWidget):
    """A head, a body, and a hairline above unless it is the first."""

    def __init__(self, head: QWidget, body: QWidget, is_first: bool = False) -> None:
        super().__init__()
        space = tokens().space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, space[2])
        column.setSpacing(0)
        if not is_first:
            column.addWidget(Hairline())
            column.addSpacing(space[2] + 2)
        column.addWidget(head)
        column.addSpacing(space[1])
        column.addWidget(body)


class FeatureAside(ScrollArea):
    """Asks the query lane for the surroundings of the selected feature."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        content = QWidget()
        content.setProperty("ground", "panel")
        super().__init__(content, "panel", "Surroundings of the feature", parent)
        self._session = session
        self._fields: FieldCache | None = None
        self._shown: Surroundings | None = None
        self._names: tuple[str, ...] = ()
        """Of the fields in the chooser."""
        self._asking = LaneQuestion(session, "Looking around the feature", self)
        self._asking.answered.connect(self._on_answer)
        self._asking.failed.connect(self._on_failure)
        self.nearest = ShareRows("Nearest by direction")
        self.together = ShareRows("Active together")
        self.categories = ShareRows("By category")
        for rows in (self.nearest, self.together):
            rows.chosen.connect(session.select_feature)
        self.categories.chosen.connect(self._show_category)
        self.field = ChoiceField(accessible_name="Category field", ground="panel")
        self.field.changed.connect(self._on_field)
        self.time = TimePlot()
        self._build(content)
        session.feature_selected.connect(self._ask)
        session.sae_changed.connect(self._on_sae)
        session.documents_changed.connect(self._on_documents)
        session.project_changed.connect(self._on_project)
        self._on_sae()

    @Slot(str)
    def _on_failure(self, sentence: str) -> None:
        self._session.message.emit(Message("error", sentence))

    def _build(self, content: QWidget) -> None:
        pad, space = tokens().padding.aside, tokens().space
        near = SectionHead("Nearest by direction", "cosine")
        near.note.set_explanation(
            "Cosine between the decoder directions: 1 is the same direction, 0 none in common."
        )
        together = SectionHead("Active together", "share of its documents")
        together.note.set_explanation(
            "In how many of this feature’s documents the other one is active too."
        )
        self.time_head = SectionHead("Over time", "share of each year’s documents")
        self.sections = {
            "nearest": _Section(near, self.nearest, is_first=True),
            "together": _Section(together, self.together),
            "categories": _Section(self._category_head(), self._category_body()),
            "time": _Section(self.time_head, self.time),
        }
        column = QVBoxLayout(content)
        column.setContentsMargins(pad, space[4] + 1, pad, space[2])
        column.setSpacing(0)
        for section in self.sections.values():
            section.hide()
            column.addWidget(section)
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
        project, sae = self._session.project, self._session.sae
        self._fields = None
        if project is not None and sae is not None:
            self._fields = FieldCache(project, sae.vectors.document_ids)
        else:
            self._asking.drop()
        self._ask(self._session.feature)

    @Slot()
    def _on_project(self) -> None:
        if self._session.project is None:
            self._shown = None
            self._on_sae()

    @Slot()
    def _on_documents(self) -> None:
        # Fields of documents that were there may have come with the new ones.
        self._on_sae()

    @Slot(object)
    def _ask(self, latent: int | None) -> None:
        sae = self._session.sae
        if sae is not None and latent is not None and self._fields is not None:
            at = self.field.currentIndex()
            category = self._names[at] if 0 <= at < len(self._names) else ""
            self._asking.ask(SurroundingsQuestion(sae, latent, self._fields, category))

    @Slot(str)
    def _on_field(self, _: str) -> None:
        self._ask(self._session.feature)

    # -- showing -----------------------------------------------------------------------------

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, Surroundings)
        if answer.latent != self._session.feature:
            return
        self._shown = answer
        self.show_labels()
        self.sections["nearest"].setVisible(len(answer.nearest[0]) > 0)
        self.sections["together"].setVisible(len(answer.together[0]) > 0)
        self.sections["categories"].setVisible(bool(answer.shares))
        self.categories.set_rows(category_rows(answer.shares))
        if answer.category_names != self._names:
            self._names = answer.category_names
            titles = [shown_name(name) for name in self._names]
            at = self._names.index(answer.category) if answer.category else 0
            self.field.set_items(titles, titles[at] if titles else None)
        several = len(answer.category_names) > 1
        self.field.setVisible(several)
        name = answer.category
        title = "By category" if several else f"By {shown_name(name).lower()}"
        self.category_title.setText(title)
        has_time = self.time.show_shares(answer.edges, answer.share_by_time)
        self.sections["time"].setVisible(has_time)
        self.time_head.set_note(_time_note(answer.edges))

    @Slot(object)
    def show_labels(self, _: object = None) -> None:
        """Show the neighbours with the labels of the moment."""
        if self._shown is None or self._session.book is None:
            return
        latents, cosines = self._shown.nearest
        self.nearest.set_rows(self._neighbours(latents, cosines, cosine_text))
        latents, shares = self._shown.together
        self.together.set_rows(self._neighbours(latents, shares, share_text))

    def _neighbours(self, latents, values, as_text) -> list[ShareRow]:  # type: ignore[no-untyped-def]
        book = self._session.book
        assert book is not None
        return [
            ShareRow(
                latent,
                name_in_list(book, latent),
                as_text(value),
                max(0.0, value),
                tooltip=f"{name_in_list(book, latent)}\nFeature {latent}",
                is_quiet=not book.has_label(latent),
            )
            for latent, value in zip(latents.tolist(), values.tolist(), strict=True)
        ]

    @Slot(object)
    def _show_category(self, value: str) -> None:
        sae, latent, shown = self._session.sae, self._session.feature, self._shown
        if sae is None or latent is None or shown is None:
            return
        rows, _ = sae.activations.latent(latent)
        ids = np.sort(self._session.document_ids(rows)).astype(np.int64)
        wanted = DocumentFilter(categories={shown.category: (value,)}, document_ids=ids)
        self._session.show_documents(wanted)

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)


def category_rows(shares: Sequence[CategoryShare]) -> list[ShareRow]:
    """Bars to the scale of the longest one, or of its mark."""
    longest = max((max(s.share_active, s.share_all) for s in shares), default=1.0) or 1.0
    return [
        ShareRow(
            None if share.others else share.value,
            share.value,
            share_text(share.share_active),
            share.share_active / longest,
            share.share_all / longest,
            f"{share.value}\n{documents_text(share.count)}, {share_text(share.share_active)} of "
            f"those in which the feature is active; {share_text(share.share_all)} of the corpus",
        )
        for share in shares
    ]


def _time_note(edges: np.ndarray) -> str:
    length = float(edges[1] - edges[0]) if len(edges) > 1 else 1.0
    if abs(length - 1) < 0.01:
        return "share of each year’s documents"
    if abs(length - 1 / 12) < 0.01:
        return "share of each month’s documents"
    if abs(length - 0.25) < 0.01:
        return "share of each quarter’s documents"
    return f"share of the documents in each {length:.0f} years"
