"""The section of the document page with the documents whose vectors are nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.features.near_misses import closest_rows
from saedesk.project.artifact_readers import Vectors
from saedesk.project.document_store import DocumentRow, DocumentStore
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.more_like_this import search_like
from saedesk.task_control import TaskControl
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_list import DocumentLine, DocumentList
from saedesk.ui.document_words import is_mute, shown_heading
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.section_head import SectionHead

NEAREST = 5


@dataclass(frozen=True)
class Nearest:
    """The documents nearest to one."""

    document_id: int
    lines: tuple[DocumentLine, ...]


class NearestQuestion:
    """The exact nearest of one document's vector; bad rows are never near."""

    def __init__(self, vectors: Vectors, store: DocumentStore, document_id: int) -> None:
        self._vectors, self._store, self._document = vectors, store, document_id

    def __call__(self, control: TaskControl) -> Nearest:
        own = self._vectors.row_of(self._document)
        values = self._vectors.values
        if own is None or own in self._vectors.bad_rows:
            return Nearest(self._document, ())
        left_out = np.append(np.asarray(self._vectors.bad_rows, np.int64), own)
        query = np.array(values[own], np.float32)
        best, cosines = closest_rows(values, query, NEAREST, left_out=left_out, control=control)
        ids = np.asarray(self._vectors.document_ids)[best]
        found = {row.id: row for row in self._store.rows(ids)}
        return Nearest(
            self._document,
            tuple(
                document_line(found[int(i)], float(cosine))
                for i, cosine in zip(ids, cosines, strict=True)
                if int(i) in found
            ),
        )


def document_line(row: DocumentRow, cosine: float) -> DocumentLine:
    """A document as the list shows it."""
    return DocumentLine(row.id, shown_heading(row), cosine, is_mute(row))


class ClosestDocuments(QWidget):
    """Asks the query lane; hidden until there is an answer."""

    shown = Signal()
    """It was hidden or has something to show now."""

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._document: int | None = None
        self._question = LaneQuestion(view.session, "Finding the closest documents", self)
        self._question.answered.connect(self._on_answer)
        head = SectionHead("Closest documents", "cosine")
        head.note.set_explanation(
            "Cosine of the two vectors: 1 is the same direction, 0 has nothing in common"
        )
        self.list = DocumentList("Closest documents")
        self.list.activated.connect(view.session.select_document)
        self.list.like_wanted.connect(self._on_like)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, tokens().space[3], 0, tokens().space[4])
        layout.setSpacing(tokens().space[1])
        layout.addWidget(head)
        layout.addWidget(self.list)
        self.hide()

    def show_document(self, document_id: int | None) -> None:
        """Looks for what is near another document."""
        session = self._view.session
        self._document = document_id
        if document_id is None or session.vectors is None or session.project is None:
            self._question.drop()
            self.hide()
            self.shown.emit()
            return
        self._question.ask(NearestQuestion(session.vectors, session.project.documents, document_id))

    def show_lines(self, lines: Sequence[DocumentLine]) -> None:
        """Shows documents that were found already."""
        self._document = None
        self._question.drop()
        self.list.set_lines(lines)
        self.setVisible(bool(lines))
        self.shown.emit()

    @Slot(int)
    def _on_like(self, document_id: int) -> None:
        search_like(self._view.session, document_id)

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, Nearest)
        if answer.document_id == self._document:
            self.show_lines(answer.lines)
