"""The right column of Corpus: one document, its features, what is near."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from saedesk.corpus.document import FieldType
from saedesk.project.document_store import DocumentRow
from saedesk.session.document_reader import DocumentError, DocumentReader
from saedesk.session.more_like_this import can_search_like, search_like
from saedesk.ui.corpus_panels.closest_documents import ClosestDocuments
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_features import DocumentFeatures
from saedesk.ui.corpus_panels.document_fields import DocumentFields
from saedesk.ui.corpus_panels.document_marks import DocumentMarks
from saedesk.ui.corpus_panels.document_text import LONGEST_SHOWN, DocumentText, WholeText
from saedesk.ui.corpus_panels.document_texts import count_of, shown_value
from saedesk.ui.corpus_panels.reconstruction_section import ReconstructionSection
from saedesk.ui.document_words import is_mute, shown_heading
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.marked_label import MarkedLabel
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import LinkButton, TextLabel
from saedesk.ui.widgets.text_marks import utf16

LONGEST_TITLE = 1_000
LIKE_TOOLTIP = "More like this: search with this document"
_LONGEST_VALUE = 80


class DocumentPage(QWidget):
    """Shows the document that is selected in the session."""

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._row: DocumentRow | None = None
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.number = TextLabel("", "caption", "text2", elide=True)
        self.like_button = GhostButton("text-search", LIKE_TOOLTIP)
        self.like_button.clicked.connect(self._search_like)
        self.copy_button = GhostButton("copy", "Copy title, text or key")
        self.copy_button.clicked.connect(self._open_copy_menu)
        self.link_button = GhostButton("external-link", "Open the link")
        self.link_button.clicked.connect(self._open_link)
        self.title = MarkedLabel("", "title of a document", wrap=True, max_lines=6)
        self.facts = TextLabel("", "caption", "text3", wrap=True, max_lines=6)
        self.no_text = TextLabel("", "body", "text3", wrap=True)
        self.fields = DocumentFields()
        self.text = DocumentText()
        self.show_all = LinkButton("Show all")
        self.show_all.clicked.connect(self._show_all)
        self.marks = DocumentMarks(view.session, self)
        self.marks.changed.connect(self._on_marks)
        self.features = DocumentFeatures(view, self.marks)
        self.reconstruction = ReconstructionSection()
        self.reader = DocumentReader(view.session, "Rebuilding the document", self)
        self.reader.answered.connect(self._on_error)
        self.closest = ClosestDocuments(view)
        self.closest.shown.connect(self._fit_lines)
        self.hint = TextLabel(
            "Choose a document in the table to read it, to see its features and what is near.",
            "body", "text3", wrap=True,
        )  # fmt: skip
        self._lay_out()
        session = view.session
        session.document_selected.connect(self._on_selected)
        session.sae_changed.connect(self._on_sae)
        view.labels_changed.connect(self.features.refresh)
        session.vectors_changed.connect(self._reload)
        session.project_changed.connect(self._reload)
        session.documents_changed.connect(self._reload)
        self._on_sae()
        self._reload()

    def _lay_out(self) -> None:
        space, side = tokens().space, tokens().padding.aside + tokens().grid
        head = QHBoxLayout()
        head.setSpacing(tokens().grid // 2)
        head.addWidget(self.number, 1)
        head.addWidget(self.like_button)
        head.addWidget(self.copy_button)
        head.addWidget(self.link_button)
        self.content = QWidget()
        self.content.setProperty("ground", "surface")
        column = QVBoxLayout(self.content)
        column.setContentsMargins(side, space[3], side, space[4])
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(space[1])
        column.addWidget(self.title)
        column.addSpacing(space[1])
        column.addWidget(self.facts)
        column.addSpacing(space[2])
        column.addWidget(self.no_text)
        column.addSpacing(space[2])
        column.addWidget(self.fields)
        column.addWidget(self.text)
        column.addWidget(self.show_all)
        column.addSpacing(space[4])
        self._lines = (Hairline(), Hairline())
        column.addWidget(self._lines[0])
        column.addWidget(self.features)
        column.addWidget(self.reconstruction)
        column.addWidget(self._lines[1])
        column.addWidget(self.closest)
        column.addStretch(1)
        self._scroll = ScrollArea(self.content, "surface", "Document")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)
        self._empty = QWidget(self)
        empty = QVBoxLayout(self._empty)
        empty.setContentsMargins(side, space[6], side, space[6])
        empty.addWidget(self.hint)
        empty.addStretch(1)
        layout.addWidget(self._empty)

    # -- what changed ------------------------------------------------------------------------

    @Slot()
    def _reload(self) -> None:
        self._on_selected(self._view.session.document)

    @Slot()
    def _on_sae(self) -> None:
        self.marks.show_document(self._row)
        self.features.refresh()
        self._ask_for_error()
        self._fit_lines()

    def _ask_for_error(self) -> None:
        if self._row is None or not self.reader.read_document(self._row.id):
            self.reconstruction.show_error(None)

    @Slot(object)
    def _on_error(self, answer: object) -> None:
        assert isinstance(answer, DocumentError)
        if self._row is not None and answer.document_id == self._row.id:
            self.reconstruction.show_error(answer.error)
            self._fit_lines()

    @Slot(object)
    def _on_selected(self, document: object) -> None:
        project = self._view.session.project
        row = None
        if project is not None and isinstance(document, int):
            row = project.documents.row(document)
        self._row = row
        self._scroll.setVisible(row is not None)
        self._empty.setVisible(row is None)
        self.features.show_document(None if row is None else row.id)
        self.closest.show_document(None if row is None else row.id)
        self._fit_lines()
        if row is not None:
            self._show(row)
        self.marks.show_document(row)
        self._ask_for_error()

    @Slot()
    def _on_marks(self) -> None:
        found, row = self.marks.marks(), self._row
        if row is None:
            return
        self.text.set_marks(found.text)
        shown = row.title[:LONGEST_TITLE]
        self.title.set_marks(
            [
                replace(mark, start=utf16(shown, mark.start), end=utf16(shown, mark.end))
                for mark in found.title
            ]
        )

    @Slot()
    def _fit_lines(self) -> None:
        """A hairline stands over each section that is there, and nowhere else."""
        has_features = not (self.features.isHidden() and self.reconstruction.isHidden())
        self._lines[0].setVisible(has_features)
        self._lines[1].setVisible(not self.closest.isHidden())

    def _show(self, row: DocumentRow) -> None:
        mute = is_mute(row)
        self.number.setText("" if mute else f"Document {row.id:,}  ·  {row.key[:200]}")
        # The program speaks here in place of the document, so not in its face.
        self.title.set_role("head of a panel" if mute else "title of a document")
        self.title.setText((shown_heading(row) if mute else row.title)[:LONGEST_TITLE])
        self.title.setVisible(mute or bool(row.title.strip()))
        self.facts.setText("" if mute else self._facts(row))
        self.facts.setVisible(not mute)
        self._show_text(row, mute)
        self.show_all.setText(f"Show all {len(row.text):,} characters")
        self.show_all.setAccessibleName(self.show_all.text())
        self.show_all.setVisible(len(row.text) > LONGEST_SHOWN)
        self.show_all.updateGeometry()
        can_search = can_search_like(self._view.session, row.id)
        self.like_button.set_disabled_reason("" if can_search else "This document has no vector")
        links = self._links(row)
        self.link_button.setVisible(bool(links))
        self.link_button.set_tooltip(f"Open {links[0]}" if links else "")
        self._scroll.verticalScrollBar().setValue(0)

    def _show_text(self, row: DocumentRow, mute: bool) -> None:
        """The text, or else that there is none; without a title, the fields instead."""
        has_text = bool(row.text.strip())
        vectors = self._view.session.vectors
        has_vector = vectors is not None and vectors.row_of(row.id) is not None
        self.no_text.setText(
            "This document has a vector but no text."
            if mute and has_vector
            else "This document has no text."
        )
        self.no_text.setVisible(not has_text)
        columns = self._view.columns
        self.fields.show_fields(row, () if columns is None or not mute else columns.definitions)
        self.text.show_text(row.text)
        self.text.setVisible(has_text)

    def _facts(self, row: DocumentRow) -> str:
        """Categories, dates, length, numbers, one after the other; empty ones are left out."""
        order = (FieldType.CATEGORY, FieldType.DATE, FieldType.NUMBER, FieldType.TEXT)
        found: dict[FieldType, list[str]] = {kind: [] for kind in FieldType}
        columns = self._view.columns
        definitions = columns.definitions if columns is not None else ()
        for definition in definitions:
            value = row.fields.get(definition.name)
            text = shown_value(definition.name, definition.type, value)[:_LONGEST_VALUE]
            text = " ".join(text.split())
            if text and not any(text in texts for texts in found.values()):
                found[definition.type].append(text)
        if found[FieldType.DATE]:
            # A year beside the date says nothing new.
            years = {date.split()[-1] for date in found[FieldType.DATE]}
            found[FieldType.NUMBER] = [t for t in found[FieldType.NUMBER] if t not in years]
        if columns is None or not columns.says_length:
            found[FieldType.NUMBER].insert(0, count_of(row.words, "word", "words"))
        parts = [text for kind in order for text in found[kind]]
        parts += found[FieldType.LATITUDE] + found[FieldType.LONGITUDE]
        return "\u2003".join(
            part.replace(" ", "\u00a0") if len(part) < 30 else part for part in parts
        )

    def _links(self, row: DocumentRow) -> list[str]:
        columns = self._view.columns
        if columns is None:
            return []
        named = [d.name for d in columns.definitions if d.type is FieldType.URL]
        values = [row.fields.get(name) for name in named]
        return [value for value in values if isinstance(value, str) and is_web_address(value)]

    # -- what a person does ------------------------------------------------------------------

    def _show_all(self) -> None:
        if self._row is not None:
            WholeText(self._row.heading[:LONGEST_TITLE], self._row.text, self.window()).open()

    def _open_copy_menu(self) -> None:
        if self._row is None:
            return
        row, menu = self._row, QMenu(self)
        texts = {
            menu.addAction("Copy title"): row.title,
            menu.addAction("Copy text"): row.text,
            menu.addAction("Copy key"): row.key,
        }
        below = QPoint(0, self.copy_button.height() + tokens().grid)
        chosen = menu.exec(self.copy_button.mapToGlobal(below))
        if chosen is not None:
            QGuiApplication.clipboard().setText(texts[chosen])
        menu.deleteLater()

    def _search_like(self) -> None:
        if self._row is not None:
            search_like(self._view.session, self._row.id)

    def _open_link(self) -> None:
        links = self._links(self._row) if self._row is not None else []
        if links:
            QDesktopServices.openUrl(QUrl(links[0]))


def is_web_address(text: str) -> bool:
    """Whether a text is an address that a browser may be asked to open: http or https only."""
    url = QUrl(text.strip(), QUrl.ParsingMode.StrictMode)
    return url.isValid() and url.scheme() in ("http", "https") and bool(url.host())
