"""Vectors that somebody has already: look at a file, match its rows to documents, use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.import_vectors import ImportVectorsRequest
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Failed, Task
from saedesk.ui.corpus_panels.import_dialog import open_import_dialog
from saedesk.ui.corpus_panels.vector_file_look import Look, Looked
from saedesk.ui.corpus_panels.vector_file_page import VectorFilePage
from saedesk.ui.shell.project_doors import ProjectDoors
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.button_row import button_row
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.dialog_height import fit_height, needed_height, room_for
from saedesk.ui.widgets.dialogs import ALL_FILES, choose_file, choose_folder
from saedesk.ui.widgets.text_label import TextLabel

VECTOR_PATTERNS = "*.npy *.npz *.safetensors *.parquet *.arrow *.feather *.jsonl *.json"
KINDS = (("Vectors", VECTOR_PATTERNS), ALL_FILES)
TOLD_EVERY_MS = 200
COLUMNS_HELP = (
    "Import the documents first and say which column is the text and which is the key; then drop "
    "the file again, and the vectors find their documents by key"
)
NEW_PROJECT_HELP = "Leaves this project as it is; every vector becomes a document of a new one"
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


class VectorImportDialog(QDialog):
    """Stays, hidden, while the vectors come in, and comes back with its choices if that fails."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._path: Path | None = None
        self._looked: Looked | None = None
        self._look: Look | None = None
        self._task: Task | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(TOLD_EVERY_MS)
        self._clock.timeout.connect(self._tell_progress)
        self.setWindowTitle("Vectors from a file")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setProperty("ground", "surface")
        self.setAcceptDrops(True)
        self._question = LaneQuestion(session, "Reading the vectors", self)
        self._question.answered.connect(self._on_looked)
        self._question.failed.connect(self._on_failed)
        self.choose = PrimaryButton("Choose a file…", "file-text")
        self.choose_folder = DefaultButton("Choose a folder…", "folder-open")
        self.another = DefaultButton("Choose another file…", "file-text")
        self.new_project = DefaultButton("Make a new project for these…", tooltip=NEW_PROJECT_HELP)
        self._page = VectorFilePage(session)
        self._page.changed.connect(self._look_again)
        self.name, self.about, self.table = self._page.name, self._page.about, self._page.table
        self.match, self.faults = self._page.match, self._page.faults
        self.encoder = self._page.encoder
        self.encoder.changed.connect(self._on_encoder)
        self.encoder.checked.connect(self._on_encoder_checked)
        self.error = TextLabel("", "body", "error", wrap=True, max_lines=5)
        self.as_documents = DefaultButton("Choose the columns…", tooltip=COLUMNS_HELP)
        self.cancel = DefaultButton("Cancel")
        self.start = PrimaryButton("Use these vectors", "binary")
        for button, does in (
            (self.choose, self._ask_for_file),
            (self.another, self._ask_for_file),
            (self.new_project, self._make_project),
            (self.choose_folder, self._ask_for_folder),
            (self.as_documents, self._import_documents),
            (self.cancel, self.reject),
            (self.start, self._start),
        ):
            button.clicked.connect(does)
        self._lay_out()
        session.project_changed.connect(self._leave)
        session.documents_changed.connect(self._on_documents)
        self._show_state()

    # -- layout ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        space = tokens().space
        self._head = TextLabel("Vectors from a file", "head of a panel")
        self._sentence = TextLabel(NOTHING_CHOSEN, "body", "text2", wrap=True)
        others = (self.choose_folder, self.another, self.new_project, self.as_documents)
        buttons = button_row(self.cancel, self.choose, self.start, left=others)
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(self._head)
        column.addWidget(self._sentence)
        column.addWidget(self._page)
        column.addWidget(self.error)
        column.addStretch(1)
        column.addSpacing(space[1])
        column.addLayout(buttons)
        self.setFixedWidth(space[8] * 22)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._fit()
        return handled

    def _fit(self) -> None:
        """As high as what it says; on a low screen the table of pairs gives up some rows."""
        # Qt's own adjustment stops at two thirds of the screen.
        given_up = self.match.given_up
        needed = needed_height(self, self.width()) + given_up
        self.match.give_up_height(needed - room_for(self).height())
        fit_height(self, self.width())

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
            self._look = Look(project, request)
            self._question.ask(self._look)
            self._clock.start()

    @Slot()
    def _tell_progress(self) -> None:
        """A file of gigabytes takes a while; how long shows by how far it is."""
        if not self._question.is_open or self._look is None or self._path is None:
            self._clock.stop()
        elif self._looked is None:
            words = f"Reading {self._path.name}… {self._look.percent}"
            self._sentence.setText(words.rstrip())
        else:
            self._page.show_reading(self._look.percent)

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
        self._looked = replace(self._looked, request=request, preview=None, sentence="")
        self._page.show_reading()
        self._ask(request)
        self._show_state()

    @Slot()
    def _on_documents(self) -> None:
        """Documents came in meanwhile: rows may have one now."""
        if self._path is not None and self._task is None and self.isVisible():
            self.look_at(self._path)

    @Slot(object)
    def _on_looked(self, found: object) -> None:
        assert isinstance(found, Looked)
        self._looked = found
        self._page.show_looked(found)
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
        self._page.setVisible(found is not None)
        self._sentence.setVisible(found is None)
        reading = f"Reading {self._path.name}…" if self._path is not None else ""
        self._sentence.setText(reading or NOTHING_CHOSEN)
        self.choose.setVisible(self._path is None)
        self.choose_folder.setVisible(self._path is None)
        self.another.setVisible(found is not None)
        is_refused = found is not None and bool(found.sentence) and bool(found.documents)
        self.new_project.setVisible(is_refused)
        makes_documents = found is not None and not found.documents
        is_table = makes_documents and found is not None and found.chosen.has_documents
        self.as_documents.setVisible(is_table)
        self.start.setVisible(self._path is not None)
        self.start.set_disabled_reason(self._reason())

    def _reason(self) -> str:
        """Why the vectors cannot be used yet; empty when they can."""
        if self._looked is None:
            return "The file is being read."
        if self._looked.preview is None:
            return self._looked.sentence or "The rows are being read."
        if not self._looked.preview.matched:
            return "No row has a document."
        return self.encoder.problem

    @Slot()
    def _on_encoder(self) -> None:
        self._show_error("" if self._looked is None else self._looked.sentence)
        self._on_encoder_checked()

    @Slot()
    def _on_encoder_checked(self) -> None:
        self.start.set_disabled_reason(self._reason())

    def _show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    @Slot()
    def _make_project(self) -> None:
        """The vectors do not belong to these documents; the project is left as it is."""
        path, parent = self._path, self.parentWidget()
        if path is None or parent is None:
            return
        doors = ProjectDoors(self._session, parent)
        # Closes this dialog where a project is made.
        doors.make_project_of_vectors(path)
        doors.deleteLater()

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
        return self._page.request_of(self._looked)

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
        self.encoder.drop()
        self.hide()
        self.deleteLater()

    def reject(self) -> None:
        self._question.drop()
        self.encoder.drop()
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
