"""The right column of Corpus for a pasted text: read like a document, and stored nowhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.read_text import TextReading, check_text, text_problem, too_long
from saedesk.session.document_reader import DocumentReader
from saedesk.ui.corpus_panels.closest_documents import ClosestDocuments, document_line
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_features import DocumentFeatures
from saedesk.ui.corpus_panels.document_text import LONGEST_SHOWN, DocumentText, WholeText
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.corpus_panels.pasted_text_field import PastedTextField
from saedesk.ui.corpus_panels.pasted_text_marks import PastedTextMarks
from saedesk.ui.corpus_panels.reconstruction_section import ReconstructionSection
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton, PrimaryButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

ABOUT = (
    "It is taken apart as the documents were: its features, what they leave unexplained, and the "
    "documents near it. Nothing of it is stored."
)
READING = "The text is being read …"
NO_VECTORS = (
    "A text can be read once the documents have vectors: choose “Vectors…” above to make them."
)
NO_FEATURES = "It has no features yet, because there is no SAE: train one to see them."
NOTHING_FIRES = "No feature fires in this text."


class PastedTextPage(QWidget):
    """A field for the text; once it is read, the text with its features and what is near."""

    closed = Signal()
    """Somebody wants to see the document page again."""

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._text = ""
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._build_head()
        self.field = PastedTextField()
        self.field.read_wanted.connect(self.read)
        self.field.leave_wanted.connect(self.closed)
        self.field.too_long.connect(self._on_too_long)
        self.field.textChanged.connect(self._on_typed)
        self.read_button = PrimaryButton("Read it")
        self.read_button.clicked.connect(self.read)
        self.problem = TextLabel("", "body", "error", wrap=True)
        self.note = TextLabel("", "body", "text3", wrap=True)
        self.text = DocumentText()
        self.show_all = LinkButton("Show all")
        self.show_all.clicked.connect(self._show_all)
        self.marks = PastedTextMarks(view.session, self)
        self.marks.changed.connect(self._on_marks)
        self.features = DocumentFeatures(view, self.marks, "Features of this text")
        self.reconstruction = ReconstructionSection()
        self.closest = ClosestDocuments(view)
        self.reader = DocumentReader(view.session, "Reading a text", self)
        self.reader.answered.connect(self._on_read)
        self.reader.failed.connect(self._on_failed)
        self._lay_out()
        view.labels_changed.connect(self.features.refresh)
        view.session.sae_changed.connect(self._on_sae)
        view.session.project_changed.connect(self._on_project)
        self.edit()

    def _build_head(self) -> None:
        self.title = TextLabel("Read a text", "head of a panel")
        self.edit_button = GhostButton("pencil", "Change the text")
        self.edit_button.clicked.connect(self._change)
        self.close_button = GhostButton("x", "Back to the documents (Esc)")
        self.close_button.clicked.connect(self.closed)

    def _lay_out(self) -> None:
        space, side = tokens().space, tokens().padding.aside + tokens().grid
        head = QHBoxLayout()
        head.setSpacing(tokens().grid // 2)
        head.addWidget(self.title, 1)
        head.addWidget(self.edit_button)
        head.addWidget(self.close_button)
        content = QWidget()
        content.setProperty("ground", "surface")
        column = QVBoxLayout(content)
        column.setContentsMargins(side, space[3], side, space[4])
        column.setSpacing(space[2])
        column.addLayout(head)
        column.addWidget(self._make_asking())
        column.addWidget(self._make_answer())
        column.addStretch(1)
        self._scroll = ScrollArea(content, "surface", "Pasted text")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)

    def _make_asking(self) -> QWidget:
        self._asking = QWidget()
        column = QVBoxLayout(self._asking)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[3])
        column.addWidget(TextLabel(ABOUT, "body", "text2", wrap=True))
        column.addWidget(self.field)
        column.addWidget(self.problem)
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        foot.addWidget(self.read_button)
        column.addLayout(foot)
        return self._asking

    def _make_answer(self) -> QWidget:
        self._answer = QWidget()
        column = QVBoxLayout(self._answer)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.text)
        column.addWidget(self.show_all)
        column.addSpacing(tokens().space[4])
        self.nothing = TextLabel("", "body", "text3", wrap=True)
        for part in (self.features, self.nothing, self.reconstruction, self.closest):
            if part in (self.features, self.closest):
                column.addWidget(Hairline())
            column.addWidget(part)
        return self._answer

    # -- what a person does ------------------------------------------------------------------

    @Slot()
    def edit(self) -> None:
        """Show the field, with what was typed or pasted before."""
        self.reader.drop()
        self._show_asking(True)
        self._tell("")

    @Slot()
    def _change(self) -> None:
        self.edit()
        self.take_keyboard()

    def take_keyboard(self) -> None:
        """Put the keyboard where one goes on: into the field, or into the answer."""
        wanted = self.field if self._asking.isVisibleTo(self) else self.text
        wanted.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def read(self) -> None:
        """Take the text apart, or say why it cannot be."""
        text = self.field.toPlainText()
        try:
            check_text(text)
        except KnownError as error:
            self._tell(error.sentence)
            return
        if self._no_reading():
            self._tell(self._no_reading())
        elif self.reader.read_text(text):
            self._tell("", READING)

    def _no_reading(self) -> str:
        """Why no text at all can be read, as far as it is known; "" if it can."""
        search = self._view.session.search
        if search is None:
            return NO_VECTORS
        return text_problem(search.engine, search.text_problem)

    def _tell(self, problem: str, note: str = "") -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.note.setText(note)
        # Nothing to press while it is read, or where nothing can ever be.
        never = self._no_reading()
        self.read_button.set_disabled_reason(note or never)
        if never and not problem:
            self.problem.setText(never)
            self.problem.show()

    @Slot()
    def _on_typed(self) -> None:
        if not self.reader.is_open:
            self._tell("")

    @Slot(int)
    def _on_too_long(self, characters: int) -> None:
        self._tell(too_long(characters))

    @Slot()
    def _show_all(self) -> None:
        WholeText("Pasted text", self._text, self.window()).open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    # -- answers -----------------------------------------------------------------------------

    @Slot(object)
    def _on_read(self, answer: object) -> None:
        assert isinstance(answer, TextReading)
        had_keyboard = self.field.hasFocus() or self.read_button.hasFocus()
        self._text = answer.text
        self.text.show_text(answer.text)
        self.show_all.setText(f"Show all {len(answer.text):,} characters")
        self.show_all.setVisible(len(answer.text) > LONGEST_SHOWN)
        self.features.show_codes(answer.latents, answer.values)
        has_sae = self._view.session.sae is not None
        self.nothing.setText(NOTHING_FIRES if has_sae else NO_FEATURES)
        self.nothing.setVisible(not len(answer.latents))
        self.reconstruction.show_error(answer.error)
        self.closest.show_lines([document_line(row, cosine) for row, cosine in answer.nearest])
        self._show_asking(False)
        self.marks.show_text(answer.text, answer.latents.tolist())
        if had_keyboard:
            self.take_keyboard()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._tell(sentence)

    def _show_asking(self, asks: bool) -> None:
        self._asking.setVisible(asks)
        self._answer.setVisible(not asks)
        self.edit_button.setVisible(not asks)
        words = count_of(len(self._text.split()), "word", "words")
        self.title.setText("Read a text" if asks else f"Pasted text, {words}")
        self._scroll.verticalScrollBar().setValue(0)

    @Slot()
    def _on_marks(self) -> None:
        self.text.set_marks(self.marks.marks().text)

    @Slot()
    def _on_sae(self) -> None:
        # Another SAE finds other features; what was read is read again.
        was_read = not self._asking.isVisibleTo(self)
        self.edit()
        if was_read:
            self.read()

    @Slot()
    def _on_project(self) -> None:
        """A text belongs to the project it was read in."""
        self.field.clear()
        self.edit()
        self.closed.emit()
