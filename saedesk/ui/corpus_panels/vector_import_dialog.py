"""Vectors that somebody has already: look at a file, match its rows to documents, use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.embedding.vector_files.any_vector_file import list_vector_tables
from saedesk.embedding.vector_files.vector_file import VectorTable
from saedesk.errors import KnownError
from saedesk.jobs.import_vectors import ImportVectorsRequest, VectorsPreview, preview
from saedesk.project.project_folder import Project
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Failed, Task
from saedesk.task_control import TaskControl
from saedesk.ui.corpus_panels.encoder_field import EncoderField
from saedesk.ui.corpus_panels.import_dialog import open_import_dialog
from saedesk.ui.corpus_panels.vector_faults_view import VectorFaultsView
from saedesk.ui.corpus_panels.vector_match_view import VectorMatchView
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.dialogs import ALL_FILES, choose_file, choose_folder
from saedesk.ui.widgets.fields import ChoiceField
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_label import TextLabel

VECTOR_PATTERNS = "*.npy *.npz *.safetensors *.parquet *.arrow *.feather *.jsonl *.json"
KINDS = (("Vectors", VECTOR_PATTERNS), ALL_FILES)
COLUMNS_HELP = (
    "Import the documents first and say which column is the text and which is the key; then drop "
    "the file again, and the vectors find their documents by key"
)
NOTHING_CHOSEN = (
    "A file with one vector a row (npy, npz, safetensors, Parquet, Arrow, JSON Lines) or the "
    "folder of a saved data set. Drop it here, or choose it."
)


def open_vector_import_dialog(session: Session, path: Path | None, parent: QWidget) -> None:
    """Show what is in a file of vectors; without a path, ask which one. Does not wait."""
    if session.project is None:
        sentence = "Make or open a project first; vectors are kept in it."
        session.message.emit(Message("error", sentence))
        return
    dialog = VectorImportDialog(session, parent.window())
    dialog.open()
    if path is not None:
        dialog.look_at(path)
    else:
        dialog.choose.setFocus()


@dataclass(frozen=True)
class Looked:
    """What the lane found in a file."""

    request: ImportVectorsRequest
    """With the table that was looked at."""
    tables: tuple[VectorTable, ...]
    documents: int
    preview: VectorsPreview | None
    sentence: str = ""
    """Why there is no preview."""


class _Look:
    """Reads all of one table, in the lane."""

    def __init__(self, project: Project, request: ImportVectorsRequest) -> None:
        self._project, self._request = project, request

    def __call__(self, control: TaskControl) -> Looked:
        request = self._request
        tables = list_vector_tables(request.path)
        if request.table not in [table.name for table in tables]:
            request = replace(request, table=tables[0].name)
        documents = self._project.documents.count()
        sentence = ""
        for tried in self._tries(request, tables, documents):
            try:
                found = preview(self._project, tried, control)
            except KnownError as error:
                sentence = sentence or error.sentence
                continue
            return Looked(tried, tables, documents, found)
        return Looked(request, tables, documents, None, sentence)

    def _tries(
        self, request: ImportVectorsRequest, tables: Sequence[VectorTable], documents: int
    ) -> Iterator[ImportVectorsRequest]:
        """Keys of which some are unknown are not trusted unasked, but here a person sees them."""
        yield request
        table = next(table for table in tables if table.name == request.table)
        if request.match == "auto" and documents:
            for column in table.key_columns:
                yield replace(request, match="key", key_column=column)


class VectorImportDialog(QDialog):
    """Stays, hidden, while the vectors come in, and comes back with its choices if that fails."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._path: Path | None = None
        self._looked: Looked | None = None
        self._task: Task | None = None
        self.setWindowTitle("Vectors from a file")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setProperty("ground", "surface")
        self.setAcceptDrops(True)
        self._question = LaneQuestion(session, "Reading the vectors", self)
        self._question.answered.connect(self._on_looked)
        self._question.failed.connect(self._on_failed)
        self.choose = PrimaryButton("Choose a file…", "file-text")
        self.choose_folder = DefaultButton("Choose a folder…", "folder-open")
        self.name = TextLabel("", "head of a section", elide=True)
        self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.about = TextLabel("", "body", "text2", tabular=True, elide=True)
        self.table = ChoiceField([], prefix="Table", accessible_name="Table of vectors")
        self.table.changed.connect(self._look_again)
        self.match = VectorMatchView()
        self.match.changed.connect(self._look_again)
        self.faults = VectorFaultsView()
        self.encoder = EncoderField()
        self.encoder.changed.connect(self._on_encoder)
        self.notes = TextLabel("", "caption", "text2", wrap=True, max_lines=4)
        self.error = TextLabel("", "body", "error", wrap=True, max_lines=5)
        self.as_documents = DefaultButton("Choose the columns…", tooltip=COLUMNS_HELP)
        self.cancel = DefaultButton("Cancel")
        self.start = PrimaryButton("Use these vectors", "binary")
        for button, does in (
            (self.choose, self._ask_for_file),
            (self.choose_folder, self._ask_for_folder),
            (self.as_documents, self._import_documents),
            (self.cancel, self.reject),
            (self.start, self._start),
        ):
            button.clicked.connect(does)
        self._lay_out()
        session.project_changed.connect(self._leave)
        self._show_state()

    # -- layout ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        space = tokens().space
        self._head = TextLabel("Vectors from a file", "head of a panel")
        self._sentence = TextLabel(NOTHING_CHOSEN, "body", "text2", wrap=True)
        source = QHBoxLayout()
        source.setSpacing(space[3])
        source.addWidget(self.name)
        source.addWidget(self.about, 1)
        source.addWidget(self.table)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(space[3])
        body.addLayout(source)
        body.addWidget(self.match)
        body.addWidget(self.faults)
        body.addWidget(self.notes)
        body.addWidget(Hairline())
        body.addWidget(self.encoder)
        buttons = QHBoxLayout()
        buttons.setSpacing(space[2])
        buttons.addWidget(self.choose_folder)
        buttons.addWidget(self.as_documents)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.choose)
        buttons.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(self._head)
        column.addWidget(self._sentence)
        column.addWidget(self._body)
        column.addWidget(self.error)
        column.addStretch(1)
        column.addSpacing(space[1])
        column.addLayout(buttons)
        self.setFixedWidth(space[8] * 22)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            # As high as what it says: Qt's own adjustment stops at two thirds of the screen.
            height = self.layout().totalHeightForWidth(self.width())
            if height != self.height():
                self.setFixedHeight(height)
        return handled

    # -- which file --------------------------------------------------------------------------

    def look_at(self, path: Path) -> None:
        """Read a file, or the folder of a data set."""
        self._path, self._looked = path, None
        self._show_error("")
        self._ask(ImportVectorsRequest(path))
        self._show_state()

    def _ask(self, request: ImportVectorsRequest) -> None:
        project = self._session.project
        if project is not None:
            self._question.ask(_Look(project, request))

    def _ask_for_file(self) -> None:
        path = choose_file(self, "A file of vectors", KINDS)
        if path is not None:
            self.look_at(path)

    def _ask_for_folder(self) -> None:
        folder = choose_folder(self, "The folder of a saved data set")
        if folder is not None:
            self.look_at(folder)

    @Slot()
    def _look_again(self, _: object = None) -> None:
        if self._looked is None:
            return
        self._show_error("")
        table = self.table.currentText() if len(self._looked.tables) > 1 else ""
        if table and table != self._looked.request.table:
            # Another table has other keys.
            request = ImportVectorsRequest(self._looked.request.path, table)
        else:
            request = replace(
                self._looked.request, match=self.match.match, key_column=self.match.key_column
            )
        self._looked = replace(self._looked, request=request, preview=None)
        self.match.clear()
        self._ask(request)
        self._show_state()

    @Slot(object)
    def _on_looked(self, found: object) -> None:
        assert isinstance(found, Looked)
        self._looked = found
        request, table = found.request, _table_of(found)
        seen = found.preview
        match = seen.match if seen is not None else request.match
        key_column = seen.key_column if seen is not None else request.key_column
        self.table.set_items([one.name for one in found.tables], table.name)
        self.match.offer(table, found.documents, match, key_column)
        if seen is not None:
            self.match.show_preview(seen)
            self.faults.show_preview(seen)
            self.notes.setText("\n".join(seen.notes))
        else:
            self.match.clear(failed=True)
            self.faults.hide()
            self.notes.setText("")
        self.notes.setVisible(bool(self.notes.text()))
        self._show_error(found.sentence)
        self._show_state()
        (self.start if self.start.isEnabled() else self.match.way).setFocus()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._path, self._looked = None, None
        self._show_error(sentence)
        self._show_state()
        self.choose.setFocus()

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def _show_state(self) -> None:
        found = self._looked
        self._body.setVisible(found is not None)
        self._sentence.setVisible(found is None)
        reading = f"Reading {self._path.name}…" if self._path is not None else ""
        self._sentence.setText(reading or NOTHING_CHOSEN)
        self.choose.setVisible(self._path is None)
        self.choose_folder.setVisible(self._path is None)
        makes_documents = found is not None and not found.documents
        is_table = makes_documents and found is not None and _table_of(found).has_documents
        self.as_documents.setVisible(is_table)
        self.start.setVisible(self._path is not None)
        self.start.set_disabled_reason(self._reason())
        if found is not None:
            table = _table_of(found)
            self.name.setText(found.request.path.name)
            self.about.setText(f"{table.rows:,} rows × {table.dimensions:,} numbers, {table.dtype}")
            self.table.setVisible(len(found.tables) > 1)
            if found.preview is None and not self.error.text():
                self.match.counts.set_colour("text2")
                self.match.counts.setText("Reading the rows…")

    def _reason(self) -> str:
        """Why the vectors cannot be used yet; empty when they can."""
        if self._looked is None:
            return "The file is being read."
        if self._looked.preview is None:
            return self._looked.sentence or "The rows are being read."
        if not self._looked.preview.matched:
            return "No row has a document."
        return ""

    @Slot()
    def _on_encoder(self) -> None:
        self._show_error("" if self._looked is None else self._looked.sentence)

    def _show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    @Slot()
    def _import_documents(self) -> None:
        """A person wants to say which column is the text; the vectors can follow by key."""
        path, parent = self._path, self.parentWidget()
        self.reject()
        if path is not None and parent is not None:
            open_import_dialog(self._session, [path], parent)

    # -- using them --------------------------------------------------------------------------

    @property
    def request(self) -> ImportVectorsRequest:
        """What was looked at, with the choices as they are."""
        assert self._looked is not None
        assert self._looked.preview is not None
        match = self.match.match
        return replace(
            self._looked.request,
            match=match,
            key_column=self._looked.preview.key_column if match == "key" else "",
            model=self.encoder.model,
            unusable=self.faults.unusable,
            duplicates=self.faults.duplicates,
        )

    @Slot()
    def _start(self) -> None:
        if self._reason():
            return
        try:
            self._task = self._session.exchange.import_vectors(self.request)
        except KnownError as error:
            self._show_error(error.sentence)
            return
        self._task.ended.connect(self._on_ended)
        self.hide()

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Failed):
            self.open()
            self._show_error(outcome.sentence)
            self.start.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.deleteLater()

    @Slot()
    def _leave(self) -> None:
        """Another project is open: the choices were not meant for it."""
        self._question.drop()
        self.hide()
        self.deleteLater()

    def reject(self) -> None:
        self._question.drop()
        super().reject()
        if self._task is None:
            self.deleteLater()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        paths: Sequence[Path] = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.look_at(paths[0])


def _table_of(found: Looked) -> VectorTable:
    named = [table for table in found.tables if table.name == found.request.table]
    return named[0] if named else found.tables[0]
