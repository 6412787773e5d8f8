"""Importing documents: look at a file, say what its columns are for, start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from saedesk.corpus.corpus_input import InputPreview, InputRequest, preview_input
from saedesk.corpus.document import ColumnRole
from saedesk.corpus.document_building import check_uses
from saedesk.errors import KnownError
from saedesk.jobs.import_documents import ImportRequest
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Failed, Task
from saedesk.task_control import TaskControl
from saedesk.ui.corpus_panels.corpus_summary import ENCODINGS
from saedesk.ui.corpus_panels.import_choice import ImportChoice
from saedesk.ui.corpus_panels.import_preview import ImportPreview
from saedesk.ui.corpus_panels.import_source import ImportSource
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.button_row import button_row
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.dialogs import ALL_FILES, choose_files, choose_folder
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_label import TextLabel

STOP, KEEP_FIRST = "Stop and say so", "Keep the first"
KINDS = (
    ("Tables", "*.csv *.tsv *.jsonl *.ndjson *.json *.parquet *.arrow *.feather *.txt *.gz"),
    ALL_FILES,
)


def open_import_dialog(session: Session, paths: Sequence[Path], parent: QWidget) -> None:
    """Ask how to import `paths`; without paths, which files first. Does not wait."""
    if session.project is None:
        sentence = "Make or open a project first; documents are imported into it."
        session.message.emit(Message("error", sentence))
        return
    dialog = ImportDialog(session, parent.window())
    dialog.open()
    if paths:
        dialog.look_at(paths)


class _Preview:
    """Reads the beginning of a file, all of it where its encoding has to be made certain."""

    def __init__(self, paths: tuple[Path, ...], encoding: str | None, delimiter: str | None):
        self._paths, self._encoding, self._delimiter = paths, encoding, delimiter

    def __call__(self, control: TaskControl) -> tuple[tuple[Path, ...], InputPreview]:
        preview = preview_input(self._paths[0], encoding=self._encoding, delimiter=self._delimiter)
        return self._paths, preview


class ImportDialog(QDialog):
    """Stays, hidden, while the import runs, and comes back with its choices if that fails."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._paths: tuple[Path, ...] = ()
        self._preview: InputPreview | None = None
        self._task: Task | None = None
        self.setWindowTitle("Import documents")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setProperty("ground", "surface")
        self.setAcceptDrops(True)
        self._question = LaneQuestion(session, "Reading the file", self)
        self._question.answered.connect(self._on_preview)
        self._question.failed.connect(self._on_failed)
        self.source = ImportSource()
        self.source.form_changed.connect(self._read_again)
        self.source.confirmed_changed.connect(self._on_choice)
        self.preview = ImportPreview()
        self.preview.uses_changed.connect(self._on_choice)
        self.notes = TextLabel("", "caption", "text2", wrap=True, max_lines=5)
        self.error = TextLabel("", "body", "error", wrap=True, max_lines=4)
        self.doubles = SegmentedControl([STOP, KEEP_FIRST], accessible_name="Double keys")
        self.doubles.changed.connect(self._on_choice)
        self.start = PrimaryButton("Import", "upload")
        self.cancel = DefaultButton("Cancel")
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.reject)
        self._lay_out()
        session.project_changed.connect(self._leave)
        self._show_choice()

    # -- layout ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        space = tokens().space
        self.head = TextLabel("Import documents", "head of a panel")
        self.choice = ImportChoice()
        self._other_files = DefaultButton("Other files…", "file-text")
        self._other_folder = DefaultButton("Folder…", "folder-open")
        for button in (self.choice.files, self._other_files):
            button.clicked.connect(self._ask_for_files)
        for button in (self.choice.folder, self._other_folder):
            button.clicked.connect(self._ask_for_folder)
        top = QHBoxLayout()
        top.setSpacing(space[2])
        top.addWidget(self.head)
        top.addStretch(1)
        top.addWidget(self._other_files)
        top.addWidget(self._other_folder)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.choice)
        self._stack.addWidget(self._preview_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addLayout(top)
        column.addLayout(self._stack, 1)
        column.addWidget(self.error)
        column.addLayout(button_row(self.cancel, self.start, left=[self._doubles_row()]))
        self.resize(space[8] * 31, space[8] * 20)

    def _preview_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[3])
        column.addWidget(self.source)
        column.addWidget(self.notes)
        column.addWidget(self.preview, 1)
        return page

    def _doubles_row(self) -> QWidget:
        self._doubles_holder = QWidget()
        row = QHBoxLayout(self._doubles_holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        row.addWidget(TextLabel("A key that occurs twice", "body", "text2"))
        row.addWidget(self.doubles)
        return self._doubles_holder

    # -- which file --------------------------------------------------------------------------

    def look_at(self, paths: Sequence[Path]) -> None:
        """Read the beginning of the first file."""
        self._paths, self._preview = tuple(paths), None
        self._show_error("")
        self.choice.say_reading(paths[0].name)
        self._stack.setCurrentWidget(self.choice)
        self._check()
        self._question.ask(_Preview(self._paths, None, None))

    def _ask_for_files(self) -> None:
        paths = choose_files(self, "Files to import", KINDS)
        if paths:
            self.look_at(paths)

    def _ask_for_folder(self) -> None:
        folder = choose_folder(self, "A folder with one text file for each document")
        if folder is not None:
            self.look_at([folder])

    @Slot()
    def _read_again(self) -> None:
        if self._preview is not None:
            self._show_error("")
            form = self.source.chosen_encoding, self.source.chosen_delimiter
            self._question.ask(_Preview(self._paths, *form))

    @Slot(object)
    def _on_preview(self, found: object) -> None:
        paths, preview = found  # type: ignore[misc]
        self._preview = preview
        others = [path for path in paths[1:] if path.is_file()]
        size = preview.size_bytes + sum(path.stat().st_size for path in others)
        self.source.show_preview(preview, size, len(paths) - 1)
        self.notes.setText("\n".join(_with_names(preview)))
        self.notes.setVisible(bool(preview.notes))
        self._stack.setCurrentIndex(1)
        self.preview.show_preview(preview)
        self._check()
        can_start = self.start.isEnabled()
        (self.start if can_start else self.source.first_question()).setFocus()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        """The file cannot be read like this; what was seen of it before stays."""
        self._show_error(sentence)
        if self._preview is None:
            self._show_choice()

    def _show_choice(self) -> None:
        self.choice.ask()
        self._stack.setCurrentWidget(self.choice)
        self._check()

    # -- whether it can start ----------------------------------------------------------------

    @Slot()
    def _on_choice(self, _: object = None) -> None:
        """What went wrong before was said of other choices."""
        self._show_error("")
        self._check()

    @Slot()
    def _check(self) -> None:
        seen = self._preview is not None
        self._other_files.setVisible(seen)
        self._other_folder.setVisible(seen)
        self.start.setVisible(seen)
        uses = self.preview.uses if seen else ()
        has_key = any(use.role is ColumnRole.KEY for use in uses)
        self._doubles_holder.setVisible(has_key)
        self.start.set_disabled_reason(self._reason())
        many = len(self._paths) > 1
        self.start.set_text(f"Import {len(self._paths)} files" if many else "Import", "upload")
        self._show_reason()

    def _reason(self) -> str:
        """Why the import cannot start yet; empty when it can."""
        if self._preview is None:
            return "Choose what to import first."
        try:
            check_uses(self.preview.uses)
        except KnownError as error:
            return error.sentence
        if not self.source.is_confirmed:
            return "Look at the letters in the rows and say whether they are right."
        return ""

    def _show_reason(self) -> None:
        reason = self._reason() if self._preview is not None else ""
        if reason and (not self.error.text() or self.error.property("is_reason")):
            self._show_error(reason)
            self.error.set_colour("text2")
            self.error.setProperty("is_reason", True)
        elif not reason and self.error.property("is_reason"):
            self._show_error("")

    def _show_error(self, sentence: str) -> None:
        self.error.setProperty("is_reason", False)
        self.error.set_colour("error")
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    # -- the import --------------------------------------------------------------------------

    @Slot()
    def _start(self) -> None:
        if self._reason():
            return
        form = self.source.chosen_encoding, self.source.chosen_delimiter
        request = ImportRequest(
            InputRequest(self._paths, self.preview.uses, *form),
            "keep first" if self.doubles.current == KEEP_FIRST else "stop",
        )
        try:
            self._task = self._session.import_documents(request)
        except KnownError as error:
            self._show_error(error.sentence)
            return
        self._task.ended.connect(self._on_ended)
        self.hide()

    @Slot(object)
    def _on_ended(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Failed):
            self._show_error(outcome.sentence)
            self.open()
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
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.look_at(paths)


def _with_names(preview: InputPreview) -> list[str]:
    """The notes, with the encoding called as in the chooser."""
    codec = preview.encoding or ""
    name = ENCODINGS.get(codec, codec)
    return [note.replace(codec, name, 1) if codec else note for note in preview.notes]
