"""Exporting: what, of which documents, in which format, where to."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.exports.export_request import FORMATS_OF, MOST_RESULTS
from saedesk.project.project_folder import Project
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Failed, Task
from saedesk.ui.export_panels.export_subjects import make_request, what_search_adds
from saedesk.ui.export_panels.file_formats import (
    FORMAT_READERS,
    FORMAT_TITLES,
    MATRIX_READERS,
    with_ending,
)
from saedesk.ui.export_panels.subject_list import SubjectList
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.button_row import beside, button_row
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.dialog_height import fit_height
from saedesk.ui.widgets.dialogs import choose_file
from saedesk.ui.widgets.fields import FieldRow, NumberField, TextField
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_label import TextLabel

NO_PROJECT = "Open a project first; its features and documents can be exported then."
NOT_FILTERED = "No filter is set in Corpus."
ALL, FILTERED = "All documents", "Filtered in Corpus"
WIDTH = 600
_ENDING_OF = {title: ending for ending, title in FORMAT_TITLES.items()}


def open_export_dialog(
    session: Session, parent: QWidget, filtered: np.ndarray | None = None, table: str = "features"
) -> None:
    """Ask what to export; does not wait. `filtered` (n,) are documents filtered in Corpus."""
    if session.project is None:
        session.message.emit(Message("warning", NO_PROJECT))
        return
    dialog = ExportDialog(session, session.project, filtered, parent.window())
    dialog.subjects.choose(table)
    dialog.subjects.focus_current()
    dialog.open()


class ExportDialog(QDialog):
    """Stays, hidden, while the file is written, and comes back with its choices if that fails."""

    def __init__(
        self,
        session: Session,
        project: Project,
        filtered: np.ndarray | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._project, self._filtered = session, project, filtered
        self._task: Task | None = None
        self._suggested = ""
        self.setWindowTitle("Export")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setProperty("ground", "surface")
        self.subjects = SubjectList(session)
        many = "" if filtered is None else f" ({len(filtered):,})"
        self.documents = SegmentedControl([ALL, FILTERED + many], accessible_name="Documents")
        self.documents.setEnabled(filtered is not None)
        self.count = NumberField(1, MOST_RESULTS, unit="results", value=10)
        self.formats: dict[str, SegmentedControl] = {}
        self.search = TextLabel("", "caption", "text2", wrap=True, max_lines=4)
        self.file = TextField("File", accessible_name="File")
        self.choose_place = DefaultButton("Choose…", "folder-open", accessible_name="Choose where")
        self.error = TextLabel("", "body", "error", wrap=True, max_lines=4)
        self.start = PrimaryButton("Export", "download")
        self.cancel = DefaultButton("Cancel")
        self._lay_out()
        self.subjects.changed.connect(self._refresh)
        self.file.text_changed.connect(self._check)
        self.choose_place.clicked.connect(self._choose_file)
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.reject)
        session.project_changed.connect(self._leave)
        self._refresh()

    def _lay_out(self) -> None:
        space = tokens().space
        wide = space[8] * 13
        column = QVBoxLayout(self)
        column.setContentsMargins(space[6], space[5], space[6], space[5])
        column.setSpacing(space[3])
        column.addWidget(TextLabel("Export", "head of a panel"))
        column.addWidget(self.subjects)
        column.addWidget(self.search)
        help_ = "" if self._filtered is not None else NOT_FILTERED
        self._documents_row = FieldRow("Documents", self.documents, help_, wide, always_help=True)
        self._count_row = FieldRow("How many", self.count, "", wide)
        self._format_rows = {table: self._format_row(table, wide) for table in FORMATS_OF}
        place = beside(self.file, self.choose_place)
        self._file_row = FieldRow("File", place, " ", wide, always_help=True)
        rows = [self._documents_row, self._count_row, *self._format_rows.values(), self._file_row]
        for row in rows:
            row.layout().setContentsMargins(0, 0, 0, 0)
            column.addWidget(row)
        column.addWidget(self.error)
        column.addStretch(1)
        column.addSpacing(space[1])
        column.addLayout(button_row(self.cancel, self.start))
        self.setFixedWidth(WIDTH)

    def _format_row(self, table: str, wide: int) -> FieldRow:
        titles = [FORMAT_TITLES[ending] for ending in FORMATS_OF[table]]
        control = SegmentedControl(titles, accessible_name="Format")
        control.changed.connect(self._on_format)
        self.formats[table] = control
        return FieldRow("Format", control, " ", wide, always_help=True)

    # -- choices -----------------------------------------------------------------------------

    @property
    def table(self) -> str:
        """The chosen table; "" where nothing can be exported."""
        subject = self.subjects.current
        return "" if subject is None else subject.table

    @property
    def ending(self) -> str:
        """The ending of the chosen format."""
        return _ENDING_OF[self.formats[self.table or "features"].current]

    @Slot()
    def _refresh(self) -> None:
        """Shows the choices that the chosen subject has, and a name for its file."""
        subject, table = self.subjects.current, self.table
        self._documents_row.setVisible(subject is not None and subject.asks_documents)
        self._count_row.setVisible(table == "results")
        self._file_row.setVisible(subject is not None)
        for name, row in self._format_rows.items():
            row.setVisible(name == table)
        told = what_search_adds(self._session, table)
        self.search.setText(told)
        self.search.setVisible(bool(told))
        self._on_format()

    @Slot()
    def _on_format(self, _: str = "") -> None:
        """The suggested name follows table and format, until a person types another."""
        table, ending = self.table, self.ending
        if table:
            is_matrix = table == "activations" and ending == "npz"
            self._format_rows[table].set_help(
                MATRIX_READERS if is_matrix else FORMAT_READERS[ending]
            )
        typed = self.file.text().strip()
        if typed in ("", self._suggested):
            self._suggest(Path(typed).parent if typed else self._project.folder.parent)
        elif typed.endswith(tuple(f".{known}" for known in FORMAT_TITLES)):
            self.file.setText(str(Path(typed).with_suffix(f".{ending}")))
        self._check()

    def _suggest(self, folder: Path) -> None:
        words = f"{self._project.name} {self.table}"
        name = re.sub(r"[^\w]+", "-", words.lower()).strip("-")
        path, number = folder / f"{name}.{self.ending}", 2
        while path.exists():
            path, number = folder / f"{name}-{number}.{self.ending}", number + 1
        self._suggested = str(path)
        self.file.setText(self._suggested)

    @Slot()
    def _choose_file(self) -> None:
        known = Path(self.file.text().strip())
        found = choose_file(
            self,
            "Where to write the file",
            ((FORMAT_TITLES[self.ending], f"*.{self.ending}"),),
            save=True,
            suggested=known.name,
            folder=known.parent if known.parent.is_dir() else None,
        )
        if found is not None:
            # The name that a file dialog gives back may have no ending.
            self.file.setText(str(found if found.suffix else found.with_suffix(f".{self.ending}")))

    @property
    def _path(self) -> Path:
        return with_ending(Path(self.file.text().strip()).expanduser(), self.table)

    @Slot()
    def _check(self, _: str = "") -> None:
        reason = self._reason()
        self.file.set_error(reason if reason and self.table else None)
        self.start.set_disabled_reason(reason)
        is_there = not reason and self._path.exists()
        self._file_row.set_help("The file that is there will be replaced." if is_there else "")
        self._show_error(reason)

    def _reason(self) -> str:
        """Why it cannot be written; "" where it can."""
        if not self.table:
            return "There is nothing to export yet. Import documents first."
        if not self.file.text().strip():
            return "Say which file to write."
        path = self._path
        if not path.is_absolute() or not path.parent.is_dir():
            return f"There is no folder {path.parent}. Choose one that is there."
        if path.is_dir():
            return f"{path.name} is a folder. Choose another name."
        if path.suffix.lower() != f".{self.ending}":
            return f"The name has to end in .{self.ending}, or choose another format."
        return ""

    def _show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        fit_height(self, WIDTH)

    # -- writing -----------------------------------------------------------------------------

    @Slot()
    def _start(self) -> None:
        if self._reason():
            self._check()
            return
        documents = self._filtered if self.documents.current != ALL else None
        count = round(self.count.value())
        request = make_request(self._session, self.table, self._path, documents, count)
        try:
            self._task = self._session.exchange.export_table(request)
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
            return
        self.deleteLater()

    @Slot()
    def _leave(self) -> None:
        """Another project is open, or none: what was chosen is not in it."""
        self.hide()
        self.deleteLater()

    def reject(self) -> None:
        super().reject()
        if self._task is None:
            self.deleteLater()
