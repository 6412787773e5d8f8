"""One sentence and one button where documents have no vectors, or not all have one."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from saedesk.jobs.corpus_columns import CorpusColumns
from saedesk.project.artifact_readers import Vectors
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.corpus_summary import source_of
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.buttons import PrimaryButton
from saedesk.ui.widgets.painting import draw_hairline, shade
from saedesk.ui.widgets.text_label import TextLabel


class VectorsNotice(QWidget):
    """Hidden while the vectors fit the documents."""

    activated = Signal()

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.sentence = TextLabel("", "body", elide=True)
        self.button = PrimaryButton("Make vectors…", "binary")
        self.button.clicked.connect(self._on_click)
        side = tokens().padding.side_panel
        row = QHBoxLayout(self)
        row.setContentsMargins(side + tokens().icon + tokens().space[2], 0, side, 1)
        row.setSpacing(tokens().space[3])
        row.addWidget(self.sentence, 1)
        row.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(tokens().row_height.feature_list + tokens().line)
        session = view.session
        view.columns_changed.connect(self.refresh)
        session.vectors_changed.connect(self.refresh)
        session.lanes_replaced.connect(self._watch)
        self._watch()
        self.refresh()

    @Slot()
    def _watch(self) -> None:
        self._view.session.compute.changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Says what is the matter, or hides."""
        sentence = vectors_sentence(self._view)
        session = self._view.session
        busy = bool(sentence) and (is_embedding(session) or is_reading_vectors(session))
        if busy and is_reading_vectors(session):
            sentence = "The vectors are being read; how far that is stands at the bottom."
        elif busy:
            sentence = "The vectors are being made; how far that is stands at the bottom."
        if sentence != self.sentence.text():
            self.sentence.setText(sentence)
        brings = "no vector in" in sentence
        self.button.set_text("Vectors…" if brings else "Make vectors…", "binary")
        self.button.setVisible(not busy)
        project = session.project
        read_only = project is not None and project.read_only
        self.button.set_disabled_reason("The project is read-only here." if read_only else "")
        self.setVisible(bool(sentence))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade("sunken"))
        bottom = self.height() - tokens().line
        draw_hairline(painter, 0, bottom, self.width(), bottom)
        place = QRect(tokens().padding.side_panel, 0, tokens().icon, bottom)
        paint_icon(painter, "info", place, "text2")

    def _on_click(self) -> None:
        self.activated.emit()


def is_embedding(session: Session) -> bool:
    """Whether vectors are being made, or wait to be."""
    return any(task.title.startswith("Embedding") for task in session.compute.tasks)


def is_reading_vectors(session: Session) -> bool:
    """Whether vectors are being taken from a file, or wait to be."""
    return any(task.title.startswith("Reading vectors") for task in session.compute.tasks)


def vectors_sentence(view: CorpusView) -> str:
    """What is missing; empty where every document has its vector."""
    session, columns = view.session, view.columns
    project, vectors = session.project, session.vectors
    if project is None or columns is None or not len(columns):
        return ""
    if vectors is None:
        return "These documents have no vectors yet: they are what features and search are made of."
    if vectors.record.inputs.get("corpus") == project.documents.corpus_hash():
        return ""
    if vectors.record.inputs.get("imported"):
        return _without_vector(vectors, columns)
    ids = columns.ids[columns.can_embed]
    new = int(np.count_nonzero(~np.isin(ids, np.asarray(vectors.document_ids))))
    if not new:
        return "The documents have changed since the vectors were made."
    came = count_of(new, "document has", "documents have")
    return f"{came} no vector yet: only new texts are embedded."


def _without_vector(vectors: Vectors, columns: CorpusColumns) -> str:
    """Vectors that somebody brought are there or not; no text has changed them."""
    new = int(np.count_nonzero(~np.isin(columns.ids, np.asarray(vectors.document_ids))))
    source = source_of(vectors)
    came = count_of(new, "document has", "documents have")
    return f"{came} no vector in {source}; search does not find them." if new else ""
